import { type ExtensionContext, exporter, messages } from '@posthorn/sdk';
import { DOMAIN_ADMINS } from '../contract/names.js';
import {
  type AccountView,
  accountExported,
  aliases,
  domainAliases,
  domainExported,
  domains,
  mailboxes,
} from '../contract.js';
import { asNumber } from '../services/sql.js';

const t = messages('admin');

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

/** Accounts first, then aliases, each after those that it leads to: an import finds every recipient. */
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
    const depths = await depthsOf(context);
    const deepest = Math.max(0, ...new Set(depths.values()));
    for (let depth = 0; depth <= deepest; depth += 1) {
      for await (const alias of context.get(aliases).list(actor)) {
        if ((depths.get(alias.pk) ?? 0) !== depth) continue;
        yield ['alias', alias.address, flag(alias.enabled), ...alias.recipients];
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

/** Of aliases that lead to others: how many come one after the other at most. Those that go in circles come last. */
async function depthsOf({ data }: ExtensionContext): Promise<ReadonlyMap<number, number>> {
  const rows = await data.execute('select alias_id, r_alias_id from admin_aliasrecipient where r_alias_id is not null');
  const open = Map.groupBy(rows, (row) => asNumber(row.alias_id));
  const depths = new Map<number, number>();
  for (let depth = 1; open.size > 0; depth += 1) {
    const ready = [...open].filter(([, links]) => links.every((row) => !open.has(asNumber(row.r_alias_id))));
    for (const [id] of ready.length > 0 ? ready : [...open]) {
      depths.set(id, depth);
      open.delete(id);
    }
  }
  return depths;
}

export const adminExporters = [domainRows, identityRows];
