import type { ExtensionContext } from '@posthorn/sdk';
import type { AliasFilter } from '../contract/inputs.js';
import type { AliasView } from '../contract/views.js';
import type { Scope } from '../policy/scope.js';
import type { DomainFacts } from './domain-finder.js';
import { aliasText, foldKey, idOf } from './keys.js';
import { type Orders, orderOf } from './order.js';
import { pages } from './pages.js';
import { contains, folded } from './search.js';
import {
  allOf,
  asBoolean,
  asMoment,
  asMomentOrNull,
  asNumber,
  asText,
  asTextOrNull,
  type Fragment,
  fragment,
  idIn,
} from './sql.js';

const SELECT = `select a.id, a.address, a.enabled, a.internal, a.description, a.expire_at, a.creation, a.last_modification,
  d.name as domain_name from admin_alias a left join admin_domain d on d.id = a.domain_id`;

type Raw = Readonly<Record<string, unknown>>;

const viewOf = (row: Raw, recipients: readonly string[]): AliasView =>
  Object.freeze({
    pk: asNumber(row.id),
    address: asText(row.address),
    domain: asTextOrNull(row.domain_name),
    enabled: asBoolean(row.enabled),
    internal: asBoolean(row.internal),
    description: asText(row.description),
    expire_at: asMomentOrNull(row.expire_at),
    recipients: Object.freeze(recipients),
    creation: asMoment(row.creation),
    last_modification: asMoment(row.last_modification),
  });

/** An internal alias and one that people made may share an address, so the key carries the number as well. */
const keyOf = (view: AliasView): string => `${view.address} ${view.pk}`;

function afterKey(after: string): Fragment {
  const [address = '', id] = after.split(' ');
  if (id === undefined) return fragment('a.address > ?', address);
  return fragment('a.address > ? or (a.address = ? and a.id > ?)', address, address, idOf(id));
}

export const ALIAS_ORDERS = {
  pk: { sql: 'a.id', type: 'number', isUnique: true },
  address: { sql: 'a.address', type: 'text' },
} as const satisfies Orders;

/** Aliases as views: two statements for each page. */
export class AliasReader {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  async one(id: number): Promise<AliasView> {
    const [view] = await this.#views(await this.#context.data.execute(`${SELECT} where a.id = ?`, [id]));
    return view as AliasView;
  }

  async *list(
    scopeOf: () => Promise<Scope>,
    domainOf: (scope: Scope) => Promise<DomainFacts | undefined>,
    filter: AliasFilter,
  ): AsyncGenerator<AliasView> {
    const scope = await scopeOf();
    const conditions = this.#conditions(scope, await domainOf(scope), filter);
    const order = orderOf(ALIAS_ORDERS, 'a.id', filter.sort);
    yield* pages(
      filter,
      async ({ after, size }) => {
        const where = allOf([...conditions, ...(after === undefined ? [] : [order?.behind(after) ?? afterKey(after)])]);
        const rows = await this.#context.data.execute(
          `${SELECT} where ${where.sql} order by ${order?.by ?? 'a.address, a.id'} limit ${size}`,
          where.params,
        );
        return this.#views(rows);
      },
      order?.keyOf ?? keyOf,
    );
  }

  #conditions(scope: Scope, domain: DomainFacts | undefined, filter: AliasFilter): Fragment[] {
    const { dialect } = this.#context.data;
    return [
      ...(scope.isAll ? [] : [idIn(dialect, 'a.domain_id', scope.domains)]),
      ...(domain === undefined ? [] : [fragment('a.domain_id = ?', domain.id)]),
      ...(filter.internal === true ? [] : [fragment('a.internal = false')]),
      ...(filter.enabled === undefined ? [] : [fragment('a.enabled = ?', filter.enabled)]),
      ...(filter.search === undefined
        ? []
        : [contains(dialect, [folded(dialect, 'a.address')], aliasText(filter.search))]),
      ...(filter.recipient === undefined
        ? []
        : [
            fragment(
              'a.id in (select r.alias_id from admin_aliasrecipient r where r.address = ?)',
              aliasText(foldKey(filter.recipient)),
            ),
          ]),
    ];
  }

  async #views(rows: readonly Raw[]): Promise<AliasView[]> {
    if (rows.length === 0) return [];
    const among = idIn(
      this.#context.data.dialect,
      'r.alias_id',
      rows.map((row) => asNumber(row.id)),
    );
    const recipients = await this.#context.data.execute(
      `select r.alias_id, r.address from admin_aliasrecipient r where ${among.sql} order by r.address`,
      among.params,
    );
    const byAlias = Map.groupBy(recipients, (row) => asNumber(row.alias_id));
    return rows.map((row) =>
      viewOf(
        row,
        (byAlias.get(asNumber(row.id)) ?? []).map((r) => asText(r.address)),
      ),
    );
  }
}
