import { field, messages } from '@posthorn/sdk';
import { aliases, mailboxes } from '../contract/services.js';
import { BULK_MAX, type BulkList, type BulkRow, bulkPage } from './bulk.js';
import { IDENTITY_KINDS, type IdentityWish, identityList } from './identity-list.js';
import { searchField } from './list-query.js';

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

/** Many accounts and aliases at once. */
export const identityBulk: BulkList = {
  path: '/admin/identities/',
  permission: 'admin.view_mailboxes',
  title: t('Identities'),
  filter: {
    q: searchField(),
    kind: field.choice({ label: t('Kind'), choices: IDENTITY_KINDS }).default(''),
    role: field.string({ label: t('Role'), max: 30 }).default(''),
    domain: field.string({ label: t('Domain'), max: 255 }).default(''),
  },
  id: /^(?:account|alias)-[1-9]\d{0,9}$/,
  permissions: (what) =>
    what === 'delete' ? ['core.delete_user', 'admin.delete_alias'] : ['core.change_user', 'admin.change_alias'],
  question: (count) =>
    t({ one: 'Delete one account or alias?', other: 'Delete {{count}} accounts and aliases?' }, { count }),
  warning: t('Accounts go with their mailboxes. This cannot be undone.'),
  async matching({ context, actor }, { q = '', kind = '', role = '', domain = '' }) {
    const { rows, total } = await identityList(context, actor, {
      search: q,
      kind: kind as IdentityWish['kind'],
      role,
      domain,
      sort: 'name',
      page: 1,
      size: BULK_MAX,
    });
    const found = rows.map((row) => ({ id: `${row.kind}-${row.pk}`, name: row.name }));
    return { rows: found.sort(aliasesFirst), total };
  },
  async find({ context, actor }, id) {
    const { isAlias, pk } = identityOf(id);
    const name = isAlias
      ? (await context.get(aliases).show(actor, pk)).address
      : (await context.get(mailboxes).show(actor, pk)).username;
    return { id, name };
  },
  async run({ context, actor }, what, id, keepdir) {
    const { isAlias, pk } = identityOf(id);
    if (isAlias) {
      if (what === 'delete') await context.get(aliases).remove(actor, pk);
      else await context.get(aliases).update(actor, pk, { enabled: what === 'enable' });
      return;
    }
    if (what === 'delete') await context.get(mailboxes).remove(actor, pk, { keepdir });
    else await context.get(mailboxes).update(actor, pk, { is_active: what === 'enable' });
  },
};

export const identityBulkPage = bulkPage(identityBulk);
