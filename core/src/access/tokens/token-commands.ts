import {
  type Account,
  type Actor,
  accounts,
  type CommandContext,
  type Contribution,
  command,
  type ExtensionContext,
  field,
  messages,
  z,
} from '@posthorn/sdk';
import { problem } from '../../errors.js';
import type { RoleRanks } from '../role-ranks.js';
import { parseScopes } from './token-scopes.js';
import type { TokenRow, TokenStore } from './token-store.js';

const t = messages('host');
const USERNAME = field.string({ label: t('Username'), min: 1 });
const ID = field.integer({ label: t('Id'), min: 1 });
const PERMISSION = 'core.manage_tokens';

const day = (moment: number | null): string | null => (moment === null ? null : new Date(moment).toISOString());

export function tokenCommands(store: () => TokenStore, ranks: (c: ExtensionContext) => RoleRanks): Contribution[] {
  /** Oneself, or an account of lower rank: a token acts with all rights of its owner. */
  const reach = (c: ExtensionContext, actor: Actor, account: Pick<Account, 'id' | 'username' | 'role'>): void => {
    if (actor.id !== account.id && !ranks(c).isBelow(actor, account.role)) {
      throw problem('E_FORBIDDEN_ACCOUNT', { username: account.username });
    }
  };
  const find = async (c: ExtensionContext, actor: Actor, username: string): Promise<Account> => {
    const account = await c.get(accounts).findByUsername(username);
    if (account === null) throw problem('E_ACCOUNT_NOT_FOUND', { username }, { field: 'username' });
    reach(c, actor, account);
    return account;
  };
  const reached = async (c: CommandContext, id: number): Promise<TokenRow> => {
    const token = await store().findById(id);
    const account = token === undefined ? null : await c.get(accounts).findById(token.accountId);
    if (token === undefined || account === null) throw problem('E_TOKEN_NOT_FOUND', { id }, { field: 'id' });
    reach(c, c.actor, account);
    return token;
  };
  return [
    command({
      noun: 'token',
      verb: 'create',
      summary: t('Make a token of the API, which acts as its owner'),
      description: t('The token is the last line of the output. It is shown only this once.'),
      examples: [
        'token create admin --label backup',
        'token create admin --expires 2030-12-31 --scope from=192.0.2.0/24 --scope rate=60/m',
      ],
      permission: PERMISSION,
      positional: ['username'],
      input: {
        username: USERNAME,
        label: field.string({ label: t('What it is for'), max: 100 }).default(''),
        expires: field.timestamp({ label: t('When it ends') }).optional(),
        scope: field
          .list(z.string().max(320), {
            label: t('Scope'),
            help: t('What it may do: things:read, owner.permission, kind=object, from=192.0.2.0/24, rate=60/m'),
          })
          .default([]),
      },
      run: async ({ username, label, expires, scope }, c) => {
        const account = await find(c, c.actor, username);
        if (expires !== undefined && expires <= c.now()) throw problem('E_TOKEN_EXPIRES', {}, { field: 'expires' });
        const scopes = await parseScopes(c, await c.get(accounts).actor(account, 'command'), scope);
        const token = await store().create({ accountId: account.id, label, expiresAt: expires, scopes });
        c.out.note(t('Keep this token: it is not shown again.'));
        c.out.raw(`${token}\n`);
      },
    }),
    command({
      noun: 'token',
      verb: 'list',
      summary: t('Tokens of the API, all or those of one account'),
      examples: ['token list', 'token list admin --json'],
      permission: PERMISSION,
      positional: ['username'],
      input: { username: USERNAME.optional() },
      run: async ({ username }, c) => {
        const owner = username === undefined ? undefined : await find(c, c.actor, username);
        const rows = await store().list(owner?.id);
        await c.out.list(
          rows.map((row) => ({
            id: row.id,
            username: row.username,
            prefix: row.prefix,
            label: row.label,
            scopes: row.scopes?.said ?? [],
            created_at: day(row.createdAt),
            expires_at: day(row.expiresAt),
            used_at: day(row.usedAt),
          })),
        );
      },
    }),
    command({
      noun: 'token',
      verb: 'rotate',
      summary: t('Make a token in the place of another, which works for a while longer'),
      description: t('The token is the last line of the output. It is shown only this once.'),
      examples: ['token rotate 3', 'token rotate 3 --overlap-hours 1'],
      permission: PERMISSION,
      positional: ['id'],
      input: {
        id: ID,
        overlap_hours: field
          .integer({ label: t('Hours'), help: t('For which the old one still works'), min: 0, max: 8_760 })
          .default(24),
      },
      run: async ({ id, overlap_hours }, c) => {
        const token = await store().rotate(await reached(c, id), overlap_hours * 3_600_000);
        c.out.note(t('Keep this token: it is not shown again.'));
        c.out.raw(`${token}\n`);
      },
    }),
    command({
      noun: 'token',
      verb: 'revoke',
      summary: t('End a token of the API'),
      examples: ['token revoke 3'],
      permission: PERMISSION,
      positional: ['id'],
      input: { id: ID },
      run: async ({ id }, c) => {
        await store().remove((await reached(c, id)).id);
        c.out.note(t('The token {{id}} is ended.', { id }));
      },
    }),
  ];
}
