import { field, messages } from '@posthorn/sdk';
import { aliases, mailboxes } from '../contract/services.js';
import { problem } from '../problems.js';
import { asNumber, asText } from '../services/sql.js';
import { bulkPages } from './bulk.js';
import { BULK_MAX, type BulkBy, type BulkFilter, type BulkList, type BulkRow } from './bulk-list.js';
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

/** Of a mailbox that is there: an account without one would get one. */
async function setQuota({ context, actor }: BulkBy, { isAlias, pk }: Identity, quota: number): Promise<void> {
  if (isAlias) throw problem('E_ADMIN_NO_QUOTA', { name: (await context.get(aliases).show(actor, pk)).address });
  const { mailbox, username } = await context.get(mailboxes).show(actor, pk);
  if (mailbox === null) throw problem('E_ADMIN_NO_QUOTA', { name: username });
  await context.get(mailboxes).update(actor, pk, { mailbox: { quota } });
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
  batch: (what) => (what === 'delete' ? 25 : 50),
  async find({ context, actor }, id) {
    const { isAlias, pk } = identityOf(id);
    const name = isAlias
      ? (await context.get(aliases).show(actor, pk)).address
      : (await context.get(mailboxes).show(actor, pk)).username;
    return { id, name };
  },
  async run({ context, actor }, what, id, { keepdir, quota }) {
    const { isAlias, pk } = identityOf(id);
    if (what === 'quota') return setQuota({ context, actor }, { isAlias, pk }, quota ?? 0);
    if (isAlias) {
      if (what === 'delete') await context.get(aliases).remove(actor, pk);
      else await context.get(aliases).update(actor, pk, { enabled: what === 'enable' });
      return;
    }
    if (what === 'delete') await context.get(mailboxes).remove(actor, pk, { keepdir });
    else await context.get(mailboxes).update(actor, pk, { is_active: what === 'enable' });
  },
};

export const identityBulkPages = bulkPages(identityBulk);
