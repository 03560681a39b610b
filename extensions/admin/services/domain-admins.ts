import { type Actor, access, type ExtensionContext, SUPER_ADMINS } from '@posthorn/sdk';
import { parseDomainName } from '../addresses.js';
import { mayCreate } from '../contract/hooks.js';
import type { Key } from '../contract/inputs.js';
import { DOMAIN_KIND, SIMPLE_USERS } from '../contract/names.js';
import { Policy } from '../policy/policy.js';
import type { Scope } from '../policy/scope.js';
import { problem } from '../problems.js';
import { AccountFinder, type AccountRow } from './account-finder.js';
import { type DomainFacts, DomainFinder } from './domain-finder.js';

/** Who administers which domain: one access row for each. */
export class DomainAdmins {
  readonly #context: ExtensionContext;
  readonly #policy: Policy;

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.#policy = new Policy(context);
  }

  async add(actor: Actor, scope: Scope, domain: DomainFacts, key: Key): Promise<void> {
    const account = await new AccountFinder(this.#context).reach(scope, key);
    await this.#context.data.write(() => this.give(actor, account, [domain]));
  }

  async remove(scope: Scope, domain: DomainFacts, key: Key): Promise<void> {
    const account = await new AccountFinder(this.#context).reach(scope, key);
    await this.#context.get(access).revoke(account.id, DOMAIN_KIND, domain.id);
  }

  /** The domains that an input names, each in the actor's reach. */
  async parse(actor: Actor, scope: Scope, names: readonly string[]): Promise<readonly DomainFacts[]> {
    this.#policy.require(actor, 'admin.add_domain');
    const parsed = [...new Set(names.map((name) => parseDomainName(name, { field: 'domains' })))];
    const finder = new DomainFinder(this.#context);
    const found = await finder.findMany(parsed);
    return parsed.map((name) => finder.usable(scope, found.get(name), name, 'domains'));
  }

  /** Inside a `write`. */
  async give(
    actor: Actor,
    account: Pick<AccountRow, 'id' | 'username' | 'role'>,
    domains: readonly DomainFacts[],
  ): Promise<void> {
    if (domains.length > 0 && account.role === SIMPLE_USERS) {
      throw problem('E_ADMIN_NOT_AN_ADMIN', { username: account.username, role: account.role }, { field: 'domains' });
    }
    if (domains.length > 0) this.#policy.requireLeft(actor, account);
    // Super administrators reach every domain without a row.
    for (const domain of account.role === SUPER_ADMINS ? [] : domains) {
      const ref = { pk: domain.id, name: domain.name };
      await this.#context.call(mayCreate, { actor, kind: 'domain-admin', count: 1, domain: ref });
      await this.#context.get(access).grant(account.id, DOMAIN_KIND, domain.id);
    }
  }

  /**
   * Afterwards the account administers these, and of the others only those that the actor does not reach. A domain that
   * the account owns stays its own: ownership is not given back through a list of names. Inside a `write`.
   */
  async replace(actor: Actor, scope: Scope, account: AccountRow, domains: readonly DomainFacts[]): Promise<void> {
    const rows = this.#context.get(access);
    const reached = await rows.reachable(account.id, DOMAIN_KIND);
    const wanted = new Set(domains.map((domain) => domain.id));
    for (const { kind, objectId, isOwner } of await rows.held(account.id)) {
      if (kind !== DOMAIN_KIND || isOwner || wanted.has(objectId)) continue;
      if (this.#policy.canManageDomain(scope, objectId)) await rows.revoke(account.id, kind, objectId);
    }
    await this.give(
      actor,
      account,
      domains.filter((domain) => !reached.has(domain.id)),
    );
  }
}
