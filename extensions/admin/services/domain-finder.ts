import type { ExtensionContext } from '@posthorn/sdk';
import { formsOfName } from '../addresses.js';
import type { DomainType } from '../contract/domain.js';
import type { Key } from '../contract/inputs.js';
import { Policy } from '../policy/policy.js';
import type { Scope } from '../policy/scope.js';
import { problem } from '../problems.js';
import { foldKey, isKey, shownKey } from './keys.js';
import { asBoolean, asNumber, asText, type Fragment, forUpdate, fragment, idIn, textIn } from './sql.js';

/** What decisions about a domain need. */
export interface DomainFacts {
  readonly id: number;
  readonly name: string;
  readonly type: DomainType;
  readonly enabled: boolean;
  readonly quota: number;
  readonly default_mailbox_quota: number;
}

const COLUMNS = 'd.id, d.name, d.type, d.enabled, d.quota, d.default_mailbox_quota';

const factsOf = (row: Readonly<Record<string, unknown>>): DomainFacts => ({
  id: asNumber(row.id),
  name: asText(row.name),
  type: asText(row.type) as DomainType,
  enabled: asBoolean(row.enabled),
  quota: asNumber(row.quota),
  default_mailbox_quota: asNumber(row.default_mailbox_quota),
});

/** Finds domains by what people call them. */
export class DomainFinder {
  readonly #context: ExtensionContext;
  readonly #policy: Policy;

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.#policy = new Policy(context);
  }

  async find(key: Key): Promise<DomainFacts | undefined> {
    if (!isKey(key)) return undefined;
    if (typeof key === 'number') return this.#first(fragment('d.id = ?', key));
    return this.#first(textIn('d.name', formsOfName(foldKey(key).replace(/\.$/, ''))));
  }

  /** The domain, if it is in reach; otherwise it does not exist for this actor. */
  async reach(scope: Scope, key: Key): Promise<DomainFacts> {
    const found = await this.find(key);
    if (found === undefined || !this.#policy.canSeeDomain(scope, found.id)) {
      throw problem('E_ADMIN_DOMAIN_NOT_FOUND', { name: shownKey(key) });
    }
    return found;
  }

  /** The domain that an input field names: unknown or out of reach is that field's fault. */
  async named(scope: Scope, name: string, field: string): Promise<DomainFacts> {
    return this.usable(scope, await this.find(name), name, field);
  }

  /** The same for a domain that was looked up already. */
  usable(scope: Scope, found: DomainFacts | undefined, name: string, field: string): DomainFacts {
    if (found === undefined) throw problem('E_ADMIN_DOMAIN_UNKNOWN', { name }, { field });
    if (!this.#policy.canManageDomain(scope, found.id)) throw problem('E_ADMIN_OUT_OF_REACH', { name }, { field });
    return found;
  }

  /** Domains by any of their forms; the map's keys are the names asked for. */
  async findMany(names: Iterable<string>): Promise<ReadonlyMap<string, DomainFacts>> {
    const asked = [...new Set(names)].map((name) => ({ name, forms: formsOfName(name) }));
    if (asked.length === 0) return new Map();
    const rows = await this.#select(textIn('d.name', [...new Set(asked.flatMap(({ forms }) => forms))]), '');
    const byName = new Map(rows.map((facts) => [facts.name, facts]));
    return new Map(
      asked.flatMap(({ name, forms }) => {
        const facts = forms.map((form) => byName.get(form)).find((found) => found !== undefined);
        return facts === undefined ? [] : [[name, facts] as const];
      }),
    );
  }

  /** The domain that a name belongs to when mail is sent from it: itself, or the target of a domain alias. */
  async behind(name: string): Promise<DomainFacts | undefined> {
    const forms = formsOfName(name);
    const direct = textIn('d.name', forms);
    const aliased = textIn('da.name', forms);
    return this.#first({
      sql: `${direct.sql} or d.id in (select da.target_id from admin_domainalias da where ${aliased.sql})`,
      params: [...direct.params, ...aliased.params],
    });
  }

  /**
   * The domain as it is now, with its row locked to the end of the transaction: whoever adds to its mailboxes' quotas
   * comes one after the other. Call it first in `data.write`.
   */
  async lock(id: number): Promise<DomainFacts> {
    return (await this.lockMany([id])).get(id) as DomainFacts;
  }

  /** The same for several, by their ids; always in the same order, so that nobody waits for each other. */
  async lockMany(ids: Iterable<number>): Promise<ReadonlyMap<number, DomainFacts>> {
    const { dialect } = this.#context.data;
    const found = await this.#select(idIn(dialect, 'd.id', ids), ` order by d.id${forUpdate(dialect)}`);
    const byId = new Map(found.map((facts) => [facts.id, facts]));
    for (const id of ids) if (!byId.has(id)) throw problem('E_ADMIN_DOMAIN_NOT_FOUND', { name: id });
    return byId;
  }

  async #first(where: Fragment): Promise<DomainFacts | undefined> {
    return (await this.#select(where, ''))[0];
  }

  async #select(where: Fragment, suffix: string): Promise<DomainFacts[]> {
    const rows = await this.#context.data.execute(
      `select ${COLUMNS} from admin_domain d where ${where.sql}${suffix}`,
      where.params,
    );
    return rows.map(factsOf);
  }
}
