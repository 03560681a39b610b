import {
  type Account,
  accounts,
  action,
  type Contribution,
  field,
  invalid,
  isMessage,
  menuEntry,
  messages,
  type PageRequest,
  type Problem,
  page,
  redirect,
  type TokenScope,
  tokenScopes,
  type ViewAnswer,
  view,
  z,
} from '@posthorn/sdk';
import { problem } from '../../errors.js';
import type { Kernel } from '../../kernel.js';
import type { RoleRanks } from '../role-ranks.js';
import { TooManyAttempts } from '../sessions/too-many-attempts.js';
import { parseScopes } from '../tokens/token-scopes.js';
import type { TokenRow } from '../tokens/token-store.js';

const t = messages('host');
const TOKENS = '/user/tokens/';
const OVERLAP_MS = 24 * 3_600_000;
const MANAGE = 'core.manage_tokens';

const ID = { id: field.integer({ label: t('Token'), min: 1 }) };

/** Somebody's own tokens, made after he has shown that he is there. Who manages tokens makes them for others too. */
export const tokenPages = (kernel: () => Kernel, ranks: () => RoleRanks): readonly Contribution[] => {
  /** `made` is shown this once. A problem stands at the form that was sent: the one that replaces, or the one that makes. */
  const show = async (
    request: PageRequest,
    o: { made?: string; problem?: Problem; isReplacing?: boolean } = {},
  ): Promise<ViewAnswer> => {
    const { locale, timeZone, context, actor, typed } = request;
    const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone });
    const shown = (at: number | null): string => (at === null ? '' : moment.format(at));
    const issues = (o.problem?.issues ?? []).map(({ path, message }) => [
      path,
      isMessage(message) ? request.t(message) : message,
    ]);
    const isGiven = (name: string): boolean => [typed['scope'] ?? []].flat().includes(name);
    return view(
      'host:tokens',
      t('Your tokens'),
      {
        made: o.made,
        issues: Object.fromEntries(issues),
        isReplacing: o.isReplacing === true,
        failure: o.problem === undefined || issues.length > 0 ? undefined : request.t(o.problem.text),
        typed: o.problem === undefined ? {} : typed,
        mayForOthers: actor.can(MANAGE),
        scopes: context
          .items<TokenScope>(tokenScopes)
          .filter(({ item }) => item.permissions.some((permission) => actor.can(permission)))
          .map(({ item }) => ({ name: item.name, label: request.t(item.label), isGiven: isGiven(item.name) })),
        tokens: (await kernel().tokens.list(owner(request).id)).map((row) => ({
          id: row.id,
          prefix: row.prefix,
          label: row.label,
          scopes: (row.scopes?.said ?? []).join(', '),
          created: shown(row.createdAt),
          expires: shown(row.expiresAt),
          used: shown(row.usedAt),
        })),
      },
      o.problem?.status,
    );
  };

  const ownToken = async (request: PageRequest, id: number): Promise<TokenRow> => {
    const token = await kernel().tokens.findById(id);
    if (token?.accountId !== owner(request).id) throw problem('E_TOKEN_NOT_FOUND', { id });
    return token;
  };

  return [
    menuEntry({ area: 'user', label: t('Tokens'), href: TOKENS, icon: 'key', permission: 'signed-in' }),
    page({ path: TOKENS, permission: 'signed-in', load: (request) => show(request) }),
    action({
      path: TOKENS,
      permission: 'signed-in',
      body: {
        label: field.string({ label: t('What it is for'), max: 100 }).default(''),
        username: field.string({ label: t('Username') }).default(''),
        scope: field.list(z.string().max(320), { label: t('Scope') }).default([]),
        limits: field.text({ label: t('Further limits'), max: 4_000 }).default(''),
        days: field.string({ label: t('Days'), pattern: /^\d{0,4}$/ }).default(''),
        current: field.secret({ label: t('Present password') }),
      },
      run: async (request) => {
        const { body, context } = request;
        await prove(kernel(), owner(request), body.current);
        const account = await accountFor(request, ranks(), body.username);
        const said = [...body.scope, ...body.limits.split(/\s+/).filter((one) => one !== '')];
        const scopes = await parseScopes(context, await context.get(accounts).actor(account, 'page'), said);
        const days = Number(body.days);
        const expiresAt = days === 0 ? undefined : new Date(context.now().getTime() + days * 86_400_000);
        const made = await kernel().tokens.create({ accountId: account.id, label: body.label, expiresAt, scopes });
        return show(request, { made });
      },
      onInvalid: (request, problem) => show(request, { problem }),
    }),
    action({
      path: `${TOKENS}rotate/`,
      permission: 'signed-in',
      body: { ...ID, current: field.secret({ label: t('Present password') }) },
      run: async (request) => {
        await prove(kernel(), owner(request), request.body.current);
        const made = await kernel().tokens.rotate(await ownToken(request, request.body.id), OVERLAP_MS);
        return show(request, { made });
      },
      onInvalid: (request, problem) => show(request, { problem, isReplacing: true }),
    }),
    action({
      path: `${TOKENS}revoke/`,
      permission: 'signed-in',
      body: ID,
      run: async (request) => {
        await kernel().tokens.remove((await ownToken(request, request.body.id)).id);
        request.notice('success', t('The token is ended.'));
        return redirect(TOKENS);
      },
    }),
  ];
};

/** Whoever comes through a page of his own is signed in; this only says so to the compiler. */
function owner({ account }: Pick<PageRequest, 'account'>): Account {
  if (account === undefined) throw new Error('a page for signed-in readers was opened by a guest');
  return account;
}

/** A session that somebody else has got hold of makes nothing that outlives it. */
async function prove(kernel: Kernel, account: Account, password: string): Promise<void> {
  const proof = await kernel.signIn.prove(account, password);
  if (proof.outcome === 'throttled') throw new TooManyAttempts(proof.wait);
  if (proof.outcome === 'failure') {
    throw invalid([{ path: 'current', message: t('This is not your present password.') }]);
  }
}

async function accountFor(request: PageRequest, ranks: RoleRanks, username: string): Promise<Account> {
  const { actor, context } = request;
  const own = owner(request);
  if (username === '' || username === own.username) return own;
  if (!actor.can(MANAGE)) throw problem('E_FORBIDDEN', { permission: MANAGE });
  const account = await context.get(accounts).findByUsername(username);
  if (account === null) {
    throw invalid([{ path: 'username', message: t('There is no account {{username}}.', { username }) }]);
  }
  if (!ranks.isBelow(actor, account.role)) throw problem('E_FORBIDDEN_ACCOUNT', { username });
  return account;
}
