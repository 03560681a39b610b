import type { ExtensionContext, Problem } from '@posthorn/sdk';
import type { Address } from '../addresses.js';
import type { Key } from '../contract/inputs.js';
import { type Hears, Policy } from '../policy/policy.js';
import type { Scope } from '../policy/scope.js';
import { problem } from '../problems.js';
import { AccountFinder, type AccountRow, type MailboxKey } from './account-finder.js';
import { aliasTaken } from './alias-rows.js';
import { type DomainFacts, DomainFinder } from './domain-finder.js';
import { each } from './each.js';
import { exists } from './exists.js';
import { aliasText, foldKey, isKey, shownKey } from './keys.js';
import { asBoolean, asNumber, asNumberOrNull, asText, type Fragment, fragment, idIn } from './sql.js';

export interface AliasRow {
  readonly id: number;
  readonly address: string;
  readonly domainId: number | null;
}

interface FoundAlias extends AliasRow {
  readonly internal: boolean;
}

export interface Place {
  readonly address: Address;
  readonly domain: DomainFacts;
}

/** Finds aliases, and says whether they are the actor's to see or to change. */
export class AliasFinder {
  readonly #context: ExtensionContext;
  readonly #policy: Policy;

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.#policy = new Policy(context);
  }

  /** By address, the one that people made; an internal one only by its number, or where there is no other. */
  async reach(scope: Scope, key: Key): Promise<FoundAlias> {
    const where = typeof key === 'string' ? fragment('address = ?', aliasText(foldKey(key))) : fragment('id = ?', key);
    const [found] = isKey(key) ? await this.#select({ ...where, sql: `${where.sql} order by internal limit 1` }) : [];
    return this.#seen(scope, key, found);
  }

  /** Aliases that the actor may change, each with a problem in its place where he may not. */
  async reachMany(scope: Scope, ids: readonly number[]): Promise<readonly (AliasRow | Problem)[]> {
    const rows = await this.#select(idIn(this.#context.data.dialect, 'id', ids));
    const found = new Map(rows.map((row) => [row.id, row]));
    const owners = await new AccountFinder(this.#context).owners(rows.flatMap(mailboxAt));
    return each(ids, async (id) => {
      const alias = this.#seen(scope, id, found.get(id));
      if (alias.internal) throw problem('E_ADMIN_ALIAS_INTERNAL', { address: alias.address });
      await this.#judge(scope, alias.address, alias.domainId, owners.get(alias.address) ?? null, 'address');
      return alias;
    });
  }

  #seen(scope: Scope, key: Key, found: FoundAlias | undefined): FoundAlias {
    if (found === undefined || !this.#policy.canSeeAlias(scope, found))
      throw problem('E_ADMIN_ALIAS_NOT_FOUND', { name: shownKey(key) });
    return found;
  }

  async #select(where: Fragment): Promise<readonly FoundAlias[]> {
    const rows = await this.#context.data.execute(
      `select id, address, domain_id, internal from admin_alias where ${where.sql}`,
      where.params,
    );
    return rows.map((row) => ({
      id: asNumber(row.id),
      address: asText(row.address),
      domainId: asNumberOrNull(row.domain_id),
      internal: asBoolean(row.internal),
    }));
  }

  /** An alias that the actor may change. */
  async reachOwn(scope: Scope, key: Key): Promise<AliasRow> {
    const alias = await this.reach(scope, key);
    await this.requireChangeable(scope, alias);
    return alias;
  }

  /** Refuses an alias that is the system's, or of an address that is the mailbox of somebody out of reach. */
  async requireChangeable(scope: Scope, alias: FoundAlias, hears?: Hears): Promise<void> {
    if (alias.internal) throw problem('E_ADMIN_ALIAS_INTERNAL', { address: alias.address });
    await this.#requireManageable(scope, alias.address, alias.domainId, 'address', hears);
  }

  /** Where a new address belongs: its domain must be in reach, and so must the account if the address is a mailbox. */
  async place(scope: Scope, wanted: Address, field = 'address'): Promise<Place> {
    const domain = await new DomainFinder(this.#context)
      .named(scope, wanted.domain, field)
      .catch((error: unknown) => this.#unlessThere(scope, wanted, field, error));
    const address = { ...wanted, domain: domain.name, address: `${wanted.local}@${domain.name}` };
    await this.#requireManageable(scope, address.address, domain.id, field);
    return { address, domain };
  }

  /** A domain alias has its catch-all from the system. Files of other systems name it, and are told that it is there. */
  async #unlessThere(scope: Scope, { local, domain }: Address, field: string, error: unknown): Promise<never> {
    if (local === '' && (await exists(this.reach(scope, `@${domain}`)))) throw aliasTaken(`@${domain}`, field);
    throw error;
  }

  async #requireManageable(
    scope: Scope,
    address: string,
    domainId: number | null,
    field: string,
    hears?: Hears,
  ): Promise<void> {
    const owners = await new AccountFinder(this.#context).owners(mailboxAt({ address, domainId }));
    await this.#judge(scope, address, domainId, owners.get(address) ?? null, field, hears);
  }

  async #judge(
    scope: Scope,
    address: string,
    domainId: number | null,
    owner: AccountRow | null,
    field: string,
    hears?: Hears,
  ): Promise<void> {
    if (await this.#policy.canManageAlias(scope, { domainId, owner }, hears)) return;
    throw problem('E_ADMIN_MAILBOX_OUT_OF_REACH', { address }, { field });
  }
}

/** Where a mailbox of this address would be; nowhere for a catch-all. */
function mailboxAt({ address, domainId }: Pick<AliasRow, 'address' | 'domainId'>): readonly MailboxKey[] {
  const local = address.slice(0, address.lastIndexOf('@'));
  return local === '' || domainId === null ? [] : [{ local, domainId, address }];
}
