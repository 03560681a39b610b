import { field, messages, type Problem } from '@posthorn/sdk';
import { aliases, mailboxes } from '../contract/services.js';
import { problem } from '../problems.js';
import { asNumber, asText } from '../services/sql.js';
import { bulkPages } from './bulk.js';
import {
  BULK_MAX,
  type BulkAction,
  type BulkBy,
  type BulkFilter,
  type BulkList,
  type BulkOptions,
  type BulkRow,
} from './bulk-list.js';
import {
  type Branch,
  countIdentities,
  IDENTITY_KINDS,
  type IdentityFilter,
  identitiesMatching,
  identityList,
} from './identity-list.js';
import { searchField } from './list-query.js';
import { othersField } from './other-parts.js';

const t = messages('admin');

interface Identity {
  readonly isAlias: boolean;
  readonly pk: number;
}

function identityOf(id: string): Identity {
  const [kind, pk] = id.split('-');
  return { isAlias: kind === 'alias', pk: Number(pk) };
}

/** An alias goes before the mailbox that it leads to, which would otherwise take it along. */
const aliasesFirst = (a: BulkRow, b: BulkRow): number =>
  Number(identityOf(b.id).isAlias) - Number(identityOf(a.id).isAlias);

const wishOf = ({ q = '', kind = '', role = '', domain = '', others = '' }: BulkFilter): IdentityFilter => ({
  others,
  search: q,
  kind: kind as IdentityFilter['kind'],
  role,
  domain,
});

async function walkBranch(
  { context }: BulkBy,
  branch: Branch | undefined,
  after: number,
  until: number,
  size: number,
): Promise<readonly BulkRow[]> {
  if (branch === undefined) return [];
  const { kind, id, name, from } = branch;
  const rows = await context.data.execute(
    `select ${id} as id, ${name} as name ${from.sql} and ${id} > ? and ${id} <= ? order by ${id} limit ${size}`,
    [...from.params, after, until],
  );
  return rows.map((row) => ({ id: `${kind}-${asNumber(row.id)}`, name: asText(row.name) }));
}

async function runAccounts(
  { context, actor }: BulkBy,
  what: BulkAction,
  pks: readonly number[],
  { keepdir, quota = 0 }: BulkOptions,
): Promise<readonly (Problem | undefined)[]> {
  const service = context.get(mailboxes);
  if (what === 'delete') return service.removeMany(actor, pks, { keepdir });
  return service.updateMany(actor, pks, what === 'quota' ? { quota } : { is_active: what === 'enable' });
}

async function runAliases(
  { context, actor }: BulkBy,
  what: BulkAction,
  rows: readonly BulkRow[],
  pks: readonly number[],
): Promise<readonly (Problem | undefined)[]> {
  const service = context.get(aliases);
  if (what === 'quota') return rows.map(({ name }) => problem('E_ADMIN_NO_QUOTA', { name }));
  if (what === 'delete') return service.removeMany(actor, pks);
  return service.updateMany(actor, pks, { enabled: what === 'enable' });
}

/** Many accounts and aliases at once. */
export const identityBulk: BulkList = {
  name: 'identities',
  path: '/admin/identities/',
  permission: 'admin.view_mailboxes',
  title: t('Identities'),
  filter: {
    q: searchField(),
    kind: field.choice({ label: t('Kind'), choices: IDENTITY_KINDS }).default(''),
    role: field.string({ label: t('Role'), max: 30 }).default(''),
    domain: field.string({ label: t('Domain'), max: 255 }).default(''),
    others: othersField(),
  },
  id: /^(?:account|alias)-[1-9]\d{0,9}$/,
  permissions: (what) =>
    what === 'delete'
      ? ['core.delete_user', 'admin.delete_alias']
      : what === 'quota'
        ? ['admin.change_mailbox']
        : ['core.change_user', 'admin.change_alias'],
  question: (what, count) =>
    what === 'enable'
      ? t({ one: 'Enable one account or alias?', other: 'Enable {{count}} accounts and aliases?' }, { count })
      : what === 'disable'
        ? t({ one: 'Disable one account or alias?', other: 'Disable {{count}} accounts and aliases?' }, { count })
        : what === 'quota'
          ? t({ one: 'Set the quota of one mailbox?', other: 'Set the quota of {{count}} mailboxes?' }, { count })
          : t({ one: 'Delete one account or alias?', other: 'Delete {{count}} accounts and aliases?' }, { count }),
  warning: t('Accounts go with their mailboxes.'),
  async matching({ context, actor }, filter) {
    const wish = { ...wishOf(filter), sort: 'name', page: 1, size: BULK_MAX } as const;
    const { rows, total: shown, isMore } = await identityList(context, actor, wish);
    const total = isMore ? await countIdentities(context, actor, wish) : shown;
    const found = rows.map((row) => ({ id: `${row.kind}-${row.pk}`, name: row.name }));
    return { rows: found.sort(aliasesFirst), total };
  },
  async newest({ context }) {
    const [row] = await context.data.execute(
      'select (select max(id) from admin_alias) as alias, (select max(id) from core_user) as account',
    );
    return `${asNumber(row?.alias)} ${asNumber(row?.account)}`;
  },
  async walk(by, filter, { after, until, size }) {
    const [lastAlias = 0, lastAccount = 0] = until.split(' ').map(Number);
    const from = after === '' ? { isAlias: true, pk: 0 } : identityOf(after);
    const { aliases: aliasRows, accounts } = await identitiesMatching(by.context, by.actor, wishOf(filter));
    const found = from.isAlias ? await walkBranch(by, aliasRows, from.pk, lastAlias, size) : [];
    if (found.length === size) return found;
    const start = from.isAlias ? 0 : from.pk;
    return [...found, ...(await walkBranch(by, accounts, start, lastAccount, size - found.length))];
  },
  batch: () => 100,
  async find({ context, actor }, id) {
    const { isAlias, pk } = identityOf(id);
    const name = isAlias
      ? (await context.get(aliases).show(actor, pk)).address
      : (await context.get(mailboxes).show(actor, pk)).username;
    return { id, name };
  },
  async run(by, what, rows, options) {
    const verdicts = new Map<string, Problem | undefined>();
    for (const [isAlias, some] of Map.groupBy(rows, ({ id }) => identityOf(id).isAlias)) {
      const pks = some.map(({ id }) => identityOf(id).pk);
      const answers = await (isAlias ? runAliases(by, what, some, pks) : runAccounts(by, what, pks, options));
      for (const [i, { id }] of some.entries()) verdicts.set(id, answers[i]);
    }
    return rows.map(({ id }) => verdicts.get(id));
  },
};

export const identityBulkPages = bulkPages(identityBulk);
