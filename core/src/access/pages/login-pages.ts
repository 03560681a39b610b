import { action, type Contribution, field, messages, page, redirect, view } from '@posthorn/sdk';
import type { Kernel } from '../../kernel.js';
import { announcementsFor } from '../../pages/notices.js';
import { isOwnPath } from '../own-path.js';
import { TooManyAttempts } from '../sessions/too-many-attempts.js';
import { landingPath } from './landing.js';
import { LOGIN_PATH } from './login-path.js';

const t = messages('host');
const NEXT = field.string({ label: t('Next page'), max: 2_000 }).default('');

const loginView = (
  o: { readonly username: string; readonly isRemembered: boolean; readonly next: string; readonly isWrong: boolean },
  status?: number,
) => view('host:login', t('Sign in'), { ...o, next: isOwnPath(o.next) ? o.next : '', isSignedOut: false }, status);

const oneOf = (typed: string | readonly string[] | undefined): string => (typeof typed === 'string' ? typed : '');

export const loginPages = (kernel: () => Kernel): readonly Contribution[] => [
  page({
    path: LOGIN_PATH,
    permission: 'public',
    query: { next: NEXT, left: field.boolean({ label: t('Signed out') }).default(false) },
    load: async (request) => {
      const { account, query } = request;
      if (account !== undefined) {
        return redirect(isOwnPath(query.next) ? query.next : await landingPath(kernel(), account));
      }
      const shown = loginView({ username: '', isRemembered: false, next: query.next, isWrong: false });
      const announcements = await announcementsFor(kernel(), request);
      return { ...shown, data: { ...shown.data, isSignedOut: query.left, announcements } };
    },
  }),
  action({
    path: LOGIN_PATH,
    permission: 'public',
    body: {
      username: field.string({ label: t('Username'), min: 1 }),
      password: field.secret({ label: t('Password') }),
      rememberme: field.boolean({ label: t('Stay signed in') }).default(false),
      next: NEXT,
    },
    bodyLimit: 16_384,
    run: async ({ body }) => {
      const { next, rememberme } = body;
      const result = await kernel().signIn.signIn(body, { isRemembered: rememberme });
      if (result.outcome === 'throttled') throw new TooManyAttempts(result.wait);
      if (result.outcome === 'failure') {
        return loginView({ username: body.username, isRemembered: rememberme, next, isWrong: true }, 422);
      }
      return redirect(isOwnPath(next) ? next : await landingPath(kernel(), result.account));
    },
    // Nothing tells a name that cannot be from one that is not there.
    onInvalid: async ({ typed }, problem) => {
      // Whoever a guard keeps out has proved who he is, and may read why.
      if (problem.kind === 'temporary' || problem.kind === 'refused') throw problem;
      return loginView(
        { username: oneOf(typed['username']), isRemembered: false, next: oneOf(typed['next']), isWrong: true },
        422,
      );
    },
  }),
  page({
    path: '/accounts/logout/',
    permission: 'signed-in',
    load: async () => view('host:logout', t('Sign out')),
  }),
  action({
    path: '/accounts/logout/',
    permission: 'public',
    run: async ({ account }) => {
      if (account !== undefined) await kernel().signIn.signOut(account.username);
      return redirect(`${LOGIN_PATH}?left=yes`);
    },
  }),
];
