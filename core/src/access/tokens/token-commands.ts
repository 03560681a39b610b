import {
  type Account,
  type Actor,
  accounts,
  type Contribution,
  command,
  type ExtensionContext,
  field,
  messages,
} from '@posthorn/sdk';
import { problem } from '../../errors.js';
import type { RoleRanks } from '../role-ranks.js';
import type { TokenStore } from './token-store.js';

const t = messages('host');
const USERNAME = field.string({ label: t('Username'), min: 1 });
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
  return [
    command({
      noun: 'token',
      verb: 'create',
      summary: t('Make a token of the API, which acts as its owner'),
      description: t('The token is the last line of the output. It is shown only this once.'),
      examples: ['token create admin --label backup', 'token create admin --expires 2030-12-31'],
      permission: PERMISSION,
      positional: ['username'],
      input: {
        username: USERNAME,
        label: field.string({ label: t('What it is for'), max: 100 }).default(''),
        expires: field.timestamp({ label: t('When it ends') }).optional(),
      },
      run: async ({ username, label, expires }, c) => {
        const account = await find(c, c.actor, username);
        if (expires !== undefined && expires <= c.now()) throw problem('E_TOKEN_EXPIRES', {}, { field: 'expires' });
        const token = await store().create({ accountId: account.id, label, expiresAt: expires });
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
            created_at: day(row.createdAt),
            expires_at: day(row.expiresAt),
            used_at: day(row.usedAt),
          })),
        );
      },
    }),
    command({
      noun: 'token',
      verb: 'revoke',
      summary: t('End a token of the API'),
      examples: ['token revoke 3'],
      permission: PERMISSION,
      positional: ['id'],
      input: { id: field.integer({ label: t('Id'), min: 1 }) },
      run: async ({ id }, c) => {
        const token = await store().findById(id);
        const account = token === undefined ? null : await c.get(accounts).findById(token.accountId);
        if (account === null) throw problem('E_TOKEN_NOT_FOUND', { id }, { field: 'id' });
        reach(c, c.actor, account);
        await store().remove(id);
        c.out.note(t('The token {{id}} is ended.', { id }));
      },
    }),
  ];
}
