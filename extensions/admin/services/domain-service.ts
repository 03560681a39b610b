import { type Actor, access, type ExtensionContext } from '@posthorn/sdk';
import { Domain } from '../contract/domain.js';
import { domainChanged, domainChanging, domainCreated, mayCreate, mayGiveQuota } from '../contract/hooks.js';
import { DOMAIN_KIND } from '../contract/names.js';
import { adminParameters } from '../contract/parameters.js';
import type { DomainChange, DomainFilter, Domains, DomainView, Key, NewDomain, RemoveOptions } from '../contract.js';
import { Policy } from '../policy/policy.js';
import { problem } from '../problems.js';
import { DomainAdmins } from './domain-admins.js';
import { DomainAliasRows } from './domain-alias-rows.js';
import { type DomainFacts, DomainFinder } from './domain-finder.js';
import { DOMAIN_FIELDS, parseDomainInput, requireQuotasFit } from './domain-input.js';
import { DOMAIN_ORDERS, DomainReader } from './domain-reader.js';
import { DomainRemoval } from './domain-removal.js';
import { DomainRename } from './domain-rename.js';
import { requireFreeNames } from './names-taken.js';
import { requirePage } from './pages.js';
import { allocatedQuota } from './quota-pool.js';
import { saidBy } from './said-by.js';
import { assignments } from './sql.js';
import { orTaken } from './taken.js';

/** Domains: the rules behind every door. */
export class DomainService implements Domains {
  readonly #context: ExtensionContext;
  readonly #policy: Policy;
  readonly #finder: DomainFinder;
  readonly #reader: DomainReader;

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.#policy = new Policy(context);
    this.#finder = new DomainFinder(context);
    this.#reader = new DomainReader(context);
  }

  list(actor: Actor, filter: DomainFilter = {}): AsyncIterable<DomainView> {
    this.#policy.enter(actor, 'domain.list');
    requirePage(filter, DOMAIN_ORDERS);
    return this.#reader.list(actor, () => this.#policy.scope(actor), filter);
  }

  async show(actor: Actor, key: Key): Promise<DomainView> {
    this.#policy.enter(actor, 'domain.show');
    const domain = await this.#finder.reach(await this.#policy.scope(actor), key);
    return this.#reader.one(domain.id);
  }

  async create(actor: Actor, input: NewDomain): Promise<DomainView> {
    this.#policy.enter(actor, 'domain.create');
    this.#policy.requireUnranged(actor);
    const { name, aliases = [] } = parseDomainInput({ ...input, name: input.name ?? '' });
    if (name === undefined) throw problem('E_ADMIN_DOMAIN_NOT_FOUND', { name: '' });
    if (aliases.length > 0) this.#policy.require(actor, 'admin.add_domainalias');
    const defaults = await this.#context.parameters(adminParameters);
    const quota = input.quota ?? defaults.default_domain_quota;
    const fitting = quota === 0 ? defaults.default_mailbox_quota : Math.min(quota, defaults.default_mailbox_quota);
    const share = input.default_mailbox_quota ?? fitting;
    requireQuotasFit(quota, share);
    const id = await orTaken(
      () =>
        this.#context.data.write(async (em) => {
          await requireFreeNames(this.#context, [name], { field: 'name' });
          const type = input.type ?? 'domain';
          await this.#context.call(mayCreate, { actor, kind: 'domain', count: 1, type });
          await this.#context.call(mayGiveQuota, {
            actor,
            of: 'domain',
            quota,
            default_mailbox_quota: share,
            previous: 0,
          });
          const domain = em.create(Domain, {
            name,
            quota,
            default_mailbox_quota: share,
            type,
            enabled: input.enabled ?? true,
            enable_dns_checks: input.enable_dns_checks ?? true,
            enable_dkim: input.enable_dkim ?? false,
            dkim_key_selector: input.dkim_key_selector ?? 'modoboa',
            dkim_key_length: input.dkim_key_length ?? null,
            dkim_public_key: '',
            dkim_private_key_path: '',
          });
          em.persist(domain);
          await em.flush();
          if (actor.id !== null && !actor.isSuperuser && actor.confined?.isSuperuser !== true) {
            await this.#context.get(access).grant(actor.id, DOMAIN_KIND, domain.id, { owner: true });
          }
          const ref = { pk: domain.id, name };
          await new DomainAliasRows(this.#context).add(actor, ref, aliases, domain.enabled);
          await this.#context.call(domainCreated, { ...saidBy(actor), domain: ref });
          return domain.id;
        }),
      () => problem('E_ADMIN_DOMAIN_TAKEN', { name }, { field: 'name' }),
    );
    return this.#reader.one(id);
  }

  async update(actor: Actor, key: Key, change: DomainChange): Promise<DomainView> {
    this.#policy.enter(actor, 'domain.update');
    const parsed = parseDomainInput(change);
    const scope = await this.#policy.scope(actor);
    const found = await this.#finder.reach(scope, key);
    const name = parsed.name ?? found.name;
    await orTaken(
      () =>
        this.#context.data.write(async () => {
          const before = await this.#finder.lock(found.id);
          const fields = DOMAIN_FIELDS.filter((field) => change[field] !== undefined);
          await this.#changeQuotas(actor, before, change);
          const now = this.#context.now();
          const set = assignments({ ...Object.fromEntries(fields.map((f) => [f, change[f]])), last_modification: now });
          await this.#context.data.execute(`update admin_domain set ${set.sql} where id = ?`, [
            ...set.params,
            before.id,
          ]);
          if (name !== before.name) await new DomainRename(this.#context).run(actor, scope, before, name);
          const ref = { pk: before.id, name };
          if (parsed.aliases !== undefined) {
            await new DomainAliasRows(this.#context).replace(
              actor,
              ref,
              parsed.aliases,
              change.enabled ?? before.enabled,
            );
          }
          const type = change.type ?? before.type;
          if (name !== before.name || type !== before.type) {
            const was = { pk: before.id, name: before.name, type: before.type };
            await this.#context.call(domainChanging, { actor, domain: { ...ref, type }, before: was });
          }
          const changed = [
            ...fields,
            ...(name === before.name ? [] : ['name']),
            ...(parsed.aliases ? ['aliases'] : []),
          ];
          await this.#context.call(domainChanged, { ...saidBy(actor), domain: ref, fields: changed });
        }),
      () => problem('E_ADMIN_DOMAIN_TAKEN', { name }, { field: 'name' }),
    );
    return this.#reader.one(found.id);
  }

  async remove(actor: Actor, key: Key, options: RemoveOptions = {}): Promise<void> {
    this.#policy.enter(actor, 'domain.delete');
    const scope = await this.#policy.scope(actor);
    const domain = await this.#finder.reach(scope, key);
    await new DomainRemoval(this.#context).run(actor, scope, domain, options);
  }

  async addAdmin(actor: Actor, key: Key, account: Key): Promise<void> {
    this.#policy.enter(actor, 'domain.administrators');
    const scope = await this.#policy.scope(actor);
    const domain = await this.#finder.reach(scope, key);
    await new DomainAdmins(this.#context).add(actor, scope, domain, account);
  }

  async removeAdmin(actor: Actor, key: Key, account: Key): Promise<void> {
    this.#policy.enter(actor, 'domain.administrators');
    const scope = await this.#policy.scope(actor);
    const domain = await this.#finder.reach(scope, key);
    await new DomainAdmins(this.#context).remove(scope, domain, account);
  }

  /** Mailboxes that follow the domain get its new default; together they must still fit. */
  async #changeQuotas(actor: Actor, before: DomainFacts, change: DomainChange): Promise<void> {
    const quota = change.quota ?? before.quota;
    const share = change.default_mailbox_quota ?? before.default_mailbox_quota;
    if (quota === before.quota && share === before.default_mailbox_quota) return;
    requireQuotasFit(quota, share);
    const { data } = this.#context;
    const ref = { pk: before.id, name: before.name };
    const request = {
      actor,
      of: 'domain',
      domain: ref,
      quota,
      default_mailbox_quota: share,
      previous: before.quota,
    } as const;
    await this.#context.call(mayGiveQuota, request);
    const allocatedBefore = quota === 0 ? 0 : await allocatedQuota(this.#context, before.id);
    if (share !== before.default_mailbox_quota) {
      await data.execute(
        'update admin_mailbox set quota = ?, last_modification = ? where domain_id = ? and use_domain_quota = true and quota <> ?',
        [share, this.#context.now(), before.id, share],
      );
    }
    if (quota === 0) return;
    const allocated = await allocatedQuota(this.#context, before.id);
    // A pool that is overdrawn already may be mended step by step, only not made worse.
    const overdrawnBefore = before.quota === 0 ? 0 : Math.max(0, allocatedBefore - before.quota);
    if (allocated - quota > overdrawnBefore) {
      const field = share === before.default_mailbox_quota ? 'quota' : 'default_mailbox_quota';
      throw problem('E_ADMIN_QUOTA_ALLOCATED', { name: before.name, allocated, quota }, { field });
    }
  }
}
