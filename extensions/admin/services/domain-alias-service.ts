import type { Actor, ExtensionContext } from '@posthorn/sdk';
import { formsOfName, parseDomainName } from '../addresses.js';
import { domainAliasChanged, mayCreate } from '../contract/hooks.js';
import type {
  DomainAliasChange,
  DomainAliases,
  DomainAliasFilter,
  DomainAliasView,
  Key,
  NewDomainAlias,
} from '../contract.js';
import { Policy } from '../policy/policy.js';
import type { Scope } from '../policy/scope.js';
import { problem } from '../problems.js';
import { DomainAliasRows } from './domain-alias-rows.js';
import { DomainFinder } from './domain-finder.js';
import { foldKey, isKey, shownKey } from './keys.js';
import { requireFreeNames } from './names-taken.js';
import { type Orders, orderOf } from './order.js';
import { pages, requirePage } from './pages.js';
import { saidBy } from './said-by.js';
import { contains } from './search.js';
import { allOf, asBoolean, asMoment, asNumber, asText, type Fragment, fragment, idIn, textIn } from './sql.js';
import { orTaken } from './taken.js';
import { Complaints } from './values.js';

const SELECT = `select da.id, da.name, da.enabled, da.creation, da.last_modification, da.target_id, d.name as target_name
  from admin_domainalias da inner join admin_domain d on d.id = da.target_id`;

const ORDERS = {
  pk: { sql: 'da.id', type: 'number', isUnique: true },
  name: { sql: 'da.name', type: 'text', isUnique: true },
} as const satisfies Orders;

const viewOf = (row: Readonly<Record<string, unknown>>): DomainAliasView =>
  Object.freeze({
    pk: asNumber(row.id),
    name: asText(row.name),
    target: asNumber(row.target_id),
    target_name: asText(row.target_name),
    enabled: asBoolean(row.enabled),
    creation: asMoment(row.creation),
    last_modification: asMoment(row.last_modification),
  });

/** Other names of domains: the rules behind every door. */
export class DomainAliasService implements DomainAliases {
  readonly #context: ExtensionContext;
  readonly #policy: Policy;
  readonly #domains: DomainFinder;
  readonly #rows: DomainAliasRows;

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.#policy = new Policy(context);
    this.#domains = new DomainFinder(context);
    this.#rows = new DomainAliasRows(context);
  }

  list(actor: Actor, filter: DomainAliasFilter = {}): AsyncIterable<DomainAliasView> {
    this.#policy.enter(actor, 'domainalias.list');
    requirePage(filter, ORDERS);
    return this.#stream(actor, filter);
  }

  async show(actor: Actor, key: Key): Promise<DomainAliasView> {
    this.#policy.enter(actor, 'domainalias.show');
    return this.#reach(await this.#policy.scope(actor), key);
  }

  async create(actor: Actor, input: NewDomainAlias): Promise<DomainAliasView> {
    this.#policy.enter(actor, 'domainalias.create');
    checkInput(input);
    const name = parseDomainName(input.name, { field: 'name' });
    const scope = await this.#policy.scope(actor);
    const target = await this.#target(scope, input.target, name);
    const [id] = await orTaken(
      () =>
        this.#context.data.write(async () => {
          await requireFreeNames(this.#context, [name], { field: 'name' });
          const ref = { pk: target.id, name: target.name };
          return this.#rows.add(actor, ref, [name], input.enabled ?? target.enabled);
        }),
      () => problem('E_ADMIN_DOMAIN_ALIAS_TAKEN', { name }, { field: 'name' }),
    );
    return this.#one(id ?? 0);
  }

  async update(actor: Actor, key: Key, change: DomainAliasChange): Promise<DomainAliasView> {
    this.#policy.enter(actor, 'domainalias.update');
    checkInput(change);
    const wanted = change.name === undefined ? undefined : parseDomainName(change.name, { field: 'name' });
    const scope = await this.#policy.scope(actor);
    const before = await this.#reach(scope, key);
    const name = wanted ?? before.name;
    const target = await this.#target(scope, change.target ?? before.target, name);
    await orTaken(
      () =>
        this.#context.data.write(async () => {
          if (name !== before.name) {
            await requireFreeNames(this.#context, [name], { field: 'name', except: { alias: before.pk } });
          }
          const ref = { pk: target.id, name: target.name };
          if (target.id !== before.target) {
            await this.#context.call(mayCreate, { actor, kind: 'domain-alias', count: 1, domain: ref, isMove: true });
          }
          const enabled = change.enabled ?? before.enabled;
          await this.#rows.change({ id: before.pk, name: before.name }, { name, target: ref, enabled });
          await this.#context.call(domainAliasChanged, {
            ...saidBy(actor),
            domain_alias: { pk: before.pk, name },
            target: ref,
            from: before.name,
          });
        }),
      () => problem('E_ADMIN_DOMAIN_ALIAS_TAKEN', { name }, { field: 'name' }),
    );
    return this.#one(before.pk);
  }

  async remove(actor: Actor, key: Key): Promise<void> {
    this.#policy.enter(actor, 'domainalias.delete');
    const { pk: id, name, target, target_name } = await this.#reach(await this.#policy.scope(actor), key);
    await this.#context.data.write(() => this.#rows.remove(actor, { pk: target, name: target_name }, [{ id, name }]));
  }

  async #target(scope: Scope, key: Key, name: string) {
    const target = await this.#domains.find(key);
    const shown = shownKey(key);
    if (target === undefined) throw problem('E_ADMIN_DOMAIN_UNKNOWN', { name: shown }, { field: 'target' });
    if (!this.#policy.canManageDomain(scope, target.id)) {
      throw problem('E_ADMIN_OUT_OF_REACH', { name: shown }, { field: 'target' });
    }
    if (target.name === name) throw problem('E_ADMIN_DOMAIN_ALIAS_SELF', {}, { field: 'name' });
    return target;
  }

  async #reach(scope: Scope, key: Key): Promise<DomainAliasView> {
    const where: Fragment =
      typeof key === 'number'
        ? fragment('da.id = ?', key)
        : textIn('da.name', isKey(key) ? formsOfName(foldKey(key).replace(/\.$/, '')) : []);
    const [row] = isKey(key) ? await this.#context.data.execute(`${SELECT} where ${where.sql}`, where.params) : [];
    if (row === undefined || !this.#policy.canSeeDomain(scope, asNumber(row.target_id))) {
      throw problem('E_ADMIN_DOMAIN_ALIAS_NOT_FOUND', { name: shownKey(key) });
    }
    return viewOf(row);
  }

  async #one(id: number): Promise<DomainAliasView> {
    const [row] = await this.#context.data.execute(`${SELECT} where da.id = ?`, [id]);
    return viewOf(row ?? {});
  }

  async *#stream(actor: Actor, filter: DomainAliasFilter): AsyncGenerator<DomainAliasView> {
    const scope = await this.#policy.scope(actor);
    const domain = filter.domain === undefined ? undefined : await this.#domains.reach(scope, filter.domain);
    const conditions = [
      ...(scope.isAll ? [] : [idIn(this.#context.data.dialect, 'da.target_id', scope.domains)]),
      ...(domain === undefined ? [] : [fragment('da.target_id = ?', domain.id)]),
      ...(filter.search === undefined ? [] : [contains(this.#context.data.dialect, ['da.name'], filter.search)]),
    ];
    const order = orderOf(ORDERS, 'da.id', filter.sort);
    yield* pages(
      filter,
      async ({ after, size }) => {
        const where = allOf([
          ...conditions,
          ...(after === undefined ? [] : [order?.behind(after) ?? fragment('da.name > ?', after)]),
        ]);
        const rows = await this.#context.data.execute(
          `${SELECT} where ${where.sql} order by ${order?.by ?? 'da.name'} limit ${size}`,
          where.params,
        );
        return rows.map(viewOf);
      },
      order?.keyOf ?? ((view) => view.name),
    );
  }
}

function checkInput(input: DomainAliasChange): void {
  const complaints = new Complaints();
  complaints.boolean('enabled', input.enabled);
  complaints.raise();
}
