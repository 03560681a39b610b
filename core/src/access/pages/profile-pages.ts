import {
  type Account,
  accounts,
  action,
  type Contribution,
  field,
  invalid,
  isMessage,
  isProblem,
  landingPage,
  mayChangePassword,
  menuEntry,
  messages,
  type PageRequest,
  type Problem,
  page,
  redirect,
  type ViewAnswer,
  view,
} from '@posthorn/sdk';
import type { Kernel } from '../../kernel.js';
import { TooManyAttempts } from '../sessions/too-many-attempts.js';

const t = messages('host');
const PROFILE = '/user/';
const PASSWORD = '/user/password/';

const PROFILE_FIELDS = {
  first_name: field.string({ label: t('First name'), max: 100 }),
  last_name: field.string({ label: t('Last name'), max: 100 }),
};

/** Whoever comes through a page of his own is signed in; this only says so to the compiler. */
function owner({ account }: Pick<PageRequest, 'account'>): Account {
  if (account === undefined) throw new Error('a page for signed-in readers was opened by a guest');
  return account;
}

const text = (typed: string | readonly string[] | undefined): string | undefined =>
  typeof typed === 'string' ? typed : undefined;

/** Why the owner of this page may not change his password; undefined where he may. */
async function passwordRefusal({ account, actor, context, t: say }: PageRequest): Promise<string | undefined> {
  const { id, username, role } = owner({ account });
  try {
    await context.call(mayChangePassword, { actor, account: { id, username, role } });
    return undefined;
  } catch (error) {
    if (!isProblem(error) || error.kind !== 'refused') throw error;
    return say(error.text);
  }
}

export const profilePages = (kernel: () => Kernel): readonly Contribution[] => {
  /** What was typed wins over what is stored, except passwords. */
  const profile = async (request: PageRequest, problem?: Problem): Promise<ViewAnswer> => {
    const account = owner(request);
    const { typed } = request;
    const issues = new Map(
      (problem?.issues ?? []).map(({ path, message }) => [path, isMessage(message) ? request.t(message) : message]),
    );
    return view(
      'host:profile',
      t('Your profile'),
      {
        username: account.username,
        isLocal: account.is_local,
        refusal: account.is_local ? await passwordRefusal(request) : undefined,
        first_name: text(typed['first_name']) ?? account.first_name,
        last_name: text(typed['last_name']) ?? account.last_name,
        issues: Object.fromEntries(issues),
        failure: problem === undefined || issues.size > 0 ? undefined : request.t(problem.text),
      },
      problem?.status,
    );
  };

  return [
    menuEntry({ area: 'user', label: t('Profile'), href: PROFILE, icon: 'user', permission: 'signed-in' }),
    landingPage({ label: t('Profile'), href: PROFILE, permission: 'signed-in' }, { order: -90 }),
    page({ path: PROFILE, permission: 'signed-in', load: async (request) => profile(request) }),
    action({
      path: PROFILE,
      permission: 'signed-in',
      body: PROFILE_FIELDS,
      run: async (request) => {
        const { body, context, actor } = request;
        await context.get(accounts).update(actor, owner(request), body);
        request.notice('success', t('Your profile was saved.'));
        return redirect(PROFILE);
      },
      onInvalid: async (request, problem) => profile(request, problem),
    }),
    page({ path: PASSWORD, permission: 'signed-in', load: async () => redirect(`${PROFILE}#password`) }),
    action({
      path: PASSWORD,
      permission: 'signed-in',
      body: {
        current: field.secret({ label: t('Present password') }),
        password: field.secret({ label: t('New password') }),
        confirmation: field.secret({ label: t('New password again') }),
      },
      bodyLimit: 16_384,
      run: async (request) => {
        const { body, context, actor } = request;
        const account = owner(request);
        if (body.password !== body.confirmation) {
          throw invalid([{ path: 'confirmation', message: t('The two passwords differ.') }]);
        }
        const proof = await kernel().signIn.prove(account, body.current);
        if (proof.outcome === 'throttled') throw new TooManyAttempts(proof.wait);
        if (proof.outcome === 'failure') {
          throw invalid([{ path: 'current', message: t('This is not your present password.') }]);
        }
        // Ends every other session by itself; this one goes on under another id.
        await context.get(accounts).update(actor, account, { password: body.password });
        await kernel().signIn.renew(account.role, { isProved: true });
        request.notice('success', t('Your password was changed. Everywhere else you have been signed out.'));
        return redirect(PROFILE);
      },
      onInvalid: async (request, problem) => profile(request, problem),
    }),
  ];
};
