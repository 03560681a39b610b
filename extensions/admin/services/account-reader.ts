import { access, type ExtensionContext, SUPER_ADMINS } from '@posthorn/sdk';
import type { AccountFilter, Key } from '../contract/inputs.js';
import { DOMAIN_KIND, SIMPLE_USERS } from '../contract/names.js';
import type { AccountView, MailboxView } from '../contract/views.js';
import { Policy } from '../policy/policy.js';
import type { AccountFacts, Scope } from '../policy/scope.js';
import { problem } from '../problems.js';
import { accountsInScope } from './account-scope.js';
import type { DomainFacts } from './domain-finder.js';
import { foldKey, isKey, shownKey } from './keys.js';
import { type Orders, orderOf } from './order.js';
import { pages } from './pages.js';
import { contains, folded } from './search.js';
import {
  allOf,
  asBoolean,
  asMoment,
  asMomentOrNull,
  asNumber,
  asNumberOrNull,
  asText,
  asTextOrNull,
  type Fragment,
  fragment,
  idIn,
} from './sql.js';

const COLUMNS = `u.id, u.username, u.first_name, u.last_name, u.email, u.role, u.is_active, u.master_user, u.language,
  u.phone_number, u.secondary_email, u.date_joined, u.last_login, m.id as mailbox_id, m.address, m.quota, m.use_domain_quota,
  m.refuses_mail, m.domain_id, d.name as domain_name, q.bytes, q.messages`;
const MAIL = `left join admin_mailbox m on m.user_id = u.id left join admin_domain d on d.id = m.domain_id
  left join admin_quota q on q.username = m.address || '@' || d.name`;
/** By what an account is asked for. One text each: a statement is known by it. */
const BY_ID = `select ${COLUMNS} from core_user u ${MAIL} where u.id = ?`;
const BY_NAME = `select ${COLUMNS} from core_user u ${MAIL} where u.username = ?`;

type Raw = Readonly<Record<string, unknown>>;

function mailboxOf(row: Raw): MailboxView | null {
  if (row.mailbox_id === null || row.mailbox_id === undefined) return null;
  return Object.freeze({
    pk: asNumber(row.mailbox_id),
    full_address: `${asText(row.address)}@${asText(row.domain_name)}`,
    use_domain_quota: asBoolean(row.use_domain_quota),
    quota: asNumber(row.quota),
    refuses_mail: asBoolean(row.refuses_mail),
  });
}

const factsOf = (row: Raw): AccountFacts => ({
  id: asNumber(row.id),
  role: asText(row.role),
  domainId: asNumberOrNull(row.domain_id),
});

const viewOf = (row: Raw, domains: readonly string[]): AccountView =>
  Object.freeze({
    pk: asNumber(row.id),
    username: asText(row.username),
    first_name: asText(row.first_name),
    last_name: asText(row.last_name),
    email: asText(row.email),
    role: asText(row.role),
    is_active: asBoolean(row.is_active),
    master_user: asBoolean(row.master_user),
    language: asText(row.language),
    phone_number: asTextOrNull(row.phone_number),
    secondary_email: asTextOrNull(row.secondary_email),
    date_joined: asMoment(row.date_joined),
    last_login: asMomentOrNull(row.last_login),
    mailbox: mailboxOf(row),
    domains: Object.freeze(domains),
    quota_used_bytes: asNumber(row.bytes),
    quota_used_messages: asNumber(row.messages),
  });

export const ACCOUNT_ORDERS = {
  pk: { sql: 'u.id', type: 'number', isUnique: true },
  username: { sql: 'u.username', type: 'text', isUnique: true },
} as const satisfies Orders;

/** Accounts as views: one statement for each page, and two more for the administrators in it. */
export class AccountReader {
  readonly #context: ExtensionContext;
  readonly #policy: Policy;

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.#policy = new Policy(context);
  }

  /** The account, if it is in reach; otherwise it does not exist for this actor. */
  async reach(scope: Scope, key: Key): Promise<AccountView> {
    const rows = isKey(key) ? await this.#found(key) : [];
    const [row] = rows;
    if (row === undefined || !(await this.#policy.canSeeAccount(scope, factsOf(row)))) {
      throw problem('E_ADMIN_ACCOUNT_NOT_FOUND', { name: shownKey(key) });
    }
    const [view] = await this.#views(scope, rows);
    return view as AccountView;
  }

  async one(scope: Scope, id: number): Promise<AccountView> {
    const [view] = await this.#views(scope, await this.#found(id));
    return view as AccountView;
  }

  #found(key: Key): Promise<readonly Raw[]> {
    const { data } = this.#context;
    return typeof key === 'number' ? data.execute(BY_ID, [key]) : data.execute(BY_NAME, [foldKey(key)]);
  }

  async *list(
    scopeOf: () => Promise<Scope>,
    domainOf: (scope: Scope) => Promise<DomainFacts | undefined>,
    filter: AccountFilter,
  ): AsyncGenerator<AccountView> {
    const scope = await scopeOf();
    const domain = await domainOf(scope);
    const reached = await accountsInScope(this.#context.data.dialect, scope);
    const conditions = this.#conditions(domain, filter);
    const order = orderOf(ACCOUNT_ORDERS, 'u.id', filter.sort);
    const by = order?.by ?? 'u.username';
    yield* pages(
      filter,
      async ({ after, size }) => {
        const where = allOf([
          ...conditions,
          ...(after === undefined ? [] : [order?.behind(after) ?? fragment('u.username > ?', after)]),
        ]);
        // Only the page's own rows are joined with the rest.
        const rows = await this.#context.data.execute(
          `select ${COLUMNS} from (
             select u.id from core_user u ${reached.sql} left join admin_mailbox m on m.user_id = u.id
             where ${where.sql} order by ${by} limit ${size}
           ) page inner join core_user u on u.id = page.id ${MAIL} order by ${by}`,
          [...reached.params, ...where.params],
        );
        return this.#views(scope, rows);
      },
      order?.keyOf ?? ((view) => view.username),
    );
  }

  #conditions(domain: DomainFacts | undefined, filter: AccountFilter): Fragment[] {
    const { search } = filter;
    const { dialect } = this.#context.data;
    const named = ['u.username', 'u.first_name', 'u.last_name'].map((column) => folded(dialect, column));
    return [
      ...(domain === undefined ? [] : [fragment('m.domain_id = ?', domain.id)]),
      ...(filter.role === undefined ? [] : [fragment('u.role = ?', filter.role)]),
      ...(filter.is_active === undefined ? [] : [fragment('u.is_active = ?', filter.is_active)]),
      ...(search === undefined ? [] : [contains(dialect, named, search)]),
      ...(filter.email === undefined ? [] : [fragment('u.email = ?', foldKey(filter.email))]),
    ];
  }

  async #views(scope: Scope, rows: readonly Raw[]): Promise<AccountView[]> {
    const administered = await this.#administered(scope, rows);
    return rows.map((row) => viewOf(row, administered.get(asNumber(row.id)) ?? []));
  }

  /** Names of the domains that the administrators among these accounts administer, as far as the reader reaches them. */
  async #administered(scope: Scope, rows: readonly Raw[]): Promise<ReadonlyMap<number, readonly string[]>> {
    const administrators = rows.filter(({ role }) => role !== SIMPLE_USERS && role !== SUPER_ADMINS);
    const reached = await this.#context.get(access).reachableByEach(
      administrators.map((row) => asNumber(row.id)),
      DOMAIN_KIND,
    );
    if (reached.size === 0) return new Map();
    const held = [...reached].map(
      ([id, ids]) => [id, [...ids].filter((one) => this.#policy.canSeeDomain(scope, one))] as const,
    );
    const among = idIn(this.#context.data.dialect, 'id', new Set(held.flatMap(([, ids]) => ids)));
    const named = await this.#context.data.execute(
      `select id, name from admin_domain where ${among.sql}`,
      among.params,
    );
    const names = new Map(named.map((row) => [asNumber(row.id), asText(row.name)]));
    return new Map(
      held.map(([id, domains]) => [id, domains.flatMap((domain) => names.get(domain) ?? []).toSorted()] as const),
    );
  }
}
