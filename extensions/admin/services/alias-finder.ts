import type { ExtensionContext } from '@posthorn/sdk';
import type { Address } from '../addresses.js';
import type { Key } from '../contract/inputs.js';
import { type Hears, Policy } from '../policy/policy.js';
import type { Scope } from '../policy/scope.js';
import { problem } from '../problems.js';
import { AccountFinder, type AccountRow } from './account-finder.js';
import { aliasTaken } from './alias-rows.js';
import { type DomainFacts, DomainFinder } from './domain-finder.js';
import { exists } from './exists.js';
import { aliasText, foldKey, isKey, shownKey } from './keys.js';
import { asBoolean, asNumber, asNumberOrNull, asText } from './sql.js';

export interface AliasRow {
  readonly id: number;
  readonly address: string;
  readonly domainId: number | null;
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
  async reach(scope: Scope, key: Key): Promise<AliasRow & { readonly internal: boolean }> {
    const unknown = () => problem('E_ADMIN_ALIAS_NOT_FOUND', { name: shownKey(key) });
    if (!isKey(key)) throw unknown();
    const isText = typeof key === 'string';
    const [row] = await this.#context.data.execute(
      `select id, address, domain_id, internal from admin_alias where ${isText ? 'address' : 'id'} = ? order by internal limit 1`,
      [isText ? aliasText(foldKey(key)) : key],
    );
    const alias = {
      id: asNumber(row?.id),
      address: asText(row?.address),
      domainId: asNumberOrNull(row?.domain_id),
      internal: asBoolean(row?.internal),
    };
    if (row === undefined || !this.#policy.canSeeAlias(scope, alias)) throw unknown();
    return alias;
  }

  /** An alias that the actor may change. */
  async reachOwn(scope: Scope, key: Key): Promise<AliasRow> {
    const alias = await this.reach(scope, key);
    await this.requireChangeable(scope, alias);
    return alias;
  }

  /** Refuses an alias that is the system's, or of an address that is the mailbox of somebody out of reach. */
  async requireChangeable(
    scope: Scope,
    alias: AliasRow & { readonly internal: boolean },
    hears?: Hears,
  ): Promise<void> {
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
    const owner = await this.#owner(address, domainId);
    if (await this.#policy.canManageAlias(scope, { domainId, owner }, hears)) return;
    throw problem('E_ADMIN_MAILBOX_OUT_OF_REACH', { address }, { field });
  }

  async #owner(address: string, domainId: number | null): Promise<AccountRow | null> {
    const local = address.slice(0, address.lastIndexOf('@'));
    if (local === '' || domainId === null) return null;
    return (await new AccountFinder(this.#context).owner(local, domainId)) ?? null;
  }
}
