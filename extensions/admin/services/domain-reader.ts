import type { Actor, ExtensionContext } from '@posthorn/sdk';
import type { DomainType } from '../contract/domain.js';
import { domainQuery } from '../contract/hooks.js';
import type { DomainQuery } from '../contract/inputs.js';
import { MEGABYTE } from '../contract/quota.js';
import type { DomainView } from '../contract/views.js';
import type { Scope } from '../policy/scope.js';
import { type Orders, orderOf } from './order.js';
import { pages } from './pages.js';
import { contains } from './search.js';
import { allOf, asBoolean, asMoment, asNumber, asNumberOrNull, asText, type Fragment, fragment, idIn } from './sql.js';

const MAILBOXES = '(select count(*) from admin_mailbox m where m.domain_id = d.id)';
const ALIASES = '(select count(*) from admin_alias a where a.domain_id = d.id and a.internal = false)';

export const DOMAIN_ORDERS = {
  pk: { sql: 'd.id', type: 'number', isUnique: true },
  name: { sql: 'd.name', type: 'text', isUnique: true },
  quota: { sql: 'd.quota', type: 'number' },
  mailbox_count: { sql: MAILBOXES, type: 'number' },
  mbalias_count: { sql: ALIASES, type: 'number' },
} as const satisfies Orders;

const COLUMNS = `d.id, d.name, d.quota, d.default_mailbox_quota, d.enabled, d.type, d.enable_dns_checks, d.enable_dkim,
  d.dkim_key_selector, d.dkim_key_length, d.dkim_public_key, d.dkim_private_key_path, d.creation, d.last_modification,
  (select count(*) from admin_domainalias da where da.target_id = d.id) as domainalias_count,
  ${MAILBOXES} as mailbox_count, ${ALIASES} as mbalias_count,
  case when d.quota > 0 then (select sum(m.quota) from admin_mailbox m where m.domain_id = d.id) end as allocated`;
// One lookup for each mailbox, so only where it is asked for, and where there is a quota to compare it with.
const USED = `case when d.quota > 0 then (select coalesce(sum(q.bytes), 0) from admin_mailbox m inner join admin_quota q
    on q.username = m.address || '@' || d.name where m.domain_id = d.id) else 0 end`;
const select = (usage: boolean): string =>
  `select ${COLUMNS}, ${usage ? USED : 'null'} as used_bytes from admin_domain d`;

const percent = (part: number, whole: number): number => (whole === 0 ? 0 : Math.floor((part / whole) * 100));

function viewOf(row: Readonly<Record<string, unknown>>): DomainView {
  const quota = asNumber(row.quota);
  const allocated = asNumber(row.allocated);
  const bytes = asNumberOrNull(row.used_bytes);
  const used = bytes === null ? null : Math.floor(bytes / MEGABYTE);
  const mailboxes = asNumber(row.mailbox_count);
  const aliases = asNumber(row.mbalias_count);
  return Object.freeze({
    pk: asNumber(row.id),
    name: asText(row.name),
    quota,
    default_mailbox_quota: asNumber(row.default_mailbox_quota),
    enabled: asBoolean(row.enabled),
    type: asText(row.type) as DomainType,
    enable_dns_checks: asBoolean(row.enable_dns_checks),
    enable_dkim: asBoolean(row.enable_dkim),
    dkim_key_selector: asText(row.dkim_key_selector),
    dkim_key_length: asNumberOrNull(row.dkim_key_length),
    dkim_public_key: asText(row.dkim_public_key),
    dkim_private_key_path: asText(row.dkim_private_key_path),
    domainalias_count: asNumber(row.domainalias_count),
    mailbox_count: mailboxes,
    mbalias_count: aliases,
    identities_count: mailboxes + aliases,
    allocated_quota: allocated,
    allocated_quota_in_percent: percent(allocated, quota),
    used_quota: used,
    used_quota_in_percent: used === null ? null : percent(used, quota),
    creation: asMoment(row.creation),
    last_modification: asMoment(row.last_modification),
  });
}

/** Domains as views: one statement for each page. */
export class DomainReader {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  async one(id: number): Promise<DomainView> {
    const [row] = await this.#context.data.execute(`${select(true)} where d.id = ?`, [id]);
    return viewOf(row ?? {});
  }

  async *list(actor: Actor, scopeOf: () => Promise<Scope>, filter: DomainQuery): AsyncGenerator<DomainView> {
    const scope = await scopeOf();
    const query = this.#context.isUsed(domainQuery) ? await this.#context.call(domainQuery, { actor }, filter) : filter;
    const conditions = this.#conditions(scope, query);
    const order = orderOf(DOMAIN_ORDERS, 'd.id', query.sort);
    yield* pages(
      query,
      async ({ after, size }) => {
        const where = allOf([
          ...conditions,
          ...(after === undefined ? [] : [order?.behind(after) ?? fragment('d.name > ?', after)]),
        ]);
        const rows = await this.#context.data.execute(
          `${select(query.usage === true)} where ${where.sql} order by ${order?.by ?? 'd.name'} limit ${size}`,
          where.params,
        );
        return rows.map(viewOf);
      },
      order?.keyOf ?? ((view) => view.name),
    );
  }

  #conditions(scope: Scope, query: DomainQuery): Fragment[] {
    const { dialect } = this.#context.data;
    return [
      ...(scope.isAll ? [] : [idIn(dialect, 'd.id', scope.domains)]),
      ...(query.ids === undefined ? [] : [idIn(dialect, 'd.id', query.ids)]),
      ...(query.search === undefined ? [] : [contains(dialect, ['d.name'], query.search)]),
      ...(query.enabled === undefined ? [] : [fragment('d.enabled = ?', query.enabled)]),
      ...(query.type === undefined ? [] : [fragment('d.type = ?', query.type)]),
    ];
  }
}
