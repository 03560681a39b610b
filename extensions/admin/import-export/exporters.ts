import { type ExtensionContext, exporter, messages } from '@posthorn/sdk';
import { DOMAIN_ADMINS } from '../contract/names.js';
import {
  type AccountView,
  type AliasView,
  accountExported,
  aliases,
  domainAliases,
  domainExported,
  domains,
  mailboxes,
} from '../contract.js';
import { asNumber, idIn } from '../services/sql.js';

const t = messages('admin');

/** Aliases looked up at once. */
const PART = 500;

const flag = (isOn: boolean): string => (isOn ? 'True' : 'False');

const domainRows = exporter({
  id: 'domains',
  title: t('Domains'),
  permission: 'admin.view_domains',
  columns: ['domain', 'name', 'quota', 'default_mailbox_quota', 'enabled'],
  async *rows({ context, actor }) {
    for await (const domain of context.get(domains).list(actor)) {
      const own =
        domain.type === 'domain'
          ? ['domain', domain.name, domain.quota, domain.default_mailbox_quota, flag(domain.enabled)]
          : [];
      const row = await context.call(domainExported, { domain }, own);
      if (row.length === 0) continue;
      yield row;
      if (domain.domainalias_count === 0) continue;
      for await (const alias of context.get(domainAliases).list(actor, { domain: domain.pk })) {
        yield ['domainalias', alias.name, alias.target_name, flag(alias.enabled)];
      }
    }
  },
});

/** Accounts first, then aliases that others lead to, then the rest: an import finds every recipient. */
const identityRows = exporter({
  id: 'identities',
  title: t('Identities'),
  permission: 'core.add_user',
  columns: [
    'account',
    'loginname',
    'password',
    'first_name',
    'last_name',
    'enabled',
    'role',
    'address',
    'quota',
    'domains',
  ],
  async *rows({ context, actor }) {
    for await (const account of context.get(mailboxes).list(actor)) {
      yield await context.call(accountExported, { account }, await accountRow(context, account));
    }
    for (const wanted of [true, false]) {
      for await (const some of inParts(context.get(aliases).list(actor))) {
        const recipients = await recipientsAmong(context, some);
        for (const alias of some) {
          if (recipients.has(alias.pk) !== wanted) continue;
          yield ['alias', alias.address, flag(alias.enabled), ...alias.recipients];
        }
      }
    }
  },
});

async function accountRow(context: ExtensionContext, account: AccountView): Promise<readonly (string | number)[]> {
  const [row] = await context.data.execute<{ password: string }>('select password from core_user where id = ?', [
    account.pk,
  ]);
  const { mailbox } = account;
  return [
    'account',
    account.username,
    row?.password ?? '',
    account.first_name,
    account.last_name,
    flag(account.is_active),
    account.role,
    mailbox?.full_address ?? '',
    mailbox === null ? '' : mailbox.use_domain_quota ? 0 : mailbox.quota,
    ...(account.role === DOMAIN_ADMINS ? account.domains : []),
  ];
}

async function* inParts<T>(rows: AsyncIterable<T>): AsyncGenerator<readonly T[]> {
  let part: T[] = [];
  for await (const row of rows) {
    part.push(row);
    if (part.length < PART) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

/** Those that another alias leads to. */
async function recipientsAmong({ data }: ExtensionContext, some: readonly AliasView[]): Promise<ReadonlySet<number>> {
  const among = idIn(
    data.dialect,
    'r_alias_id',
    some.map(({ pk }) => pk),
  );
  const rows = await data.execute(
    `select distinct r_alias_id as id from admin_aliasrecipient where ${among.sql}`,
    among.params,
  );
  return new Set(rows.map(({ id }) => asNumber(id)));
}

export const adminExporters = [domainRows, identityRows];
