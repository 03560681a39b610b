import type { Actor, ExtensionContext } from '@posthorn/sdk';
import { Alias, AliasRecipient } from '../contract/alias.js';
import { Domain } from '../contract/domain.js';
import { DomainAlias } from '../contract/domain-alias.js';
import { type DomainRef, domainAliasCreated, domainAliasDeleted, mayCreate } from '../contract/hooks.js';
import { Policy } from '../policy/policy.js';
import { problem } from '../problems.js';
import { TrashBin } from '../trash/bin.js';
import { requireFreeNames } from './names-taken.js';
import { ownerOf } from './object-owners.js';
import { saidBy } from './said-by.js';
import { asNumber, assignments, asText, endsWith, fragment, replaceEnd } from './sql.js';

export interface DomainAliasRow {
  readonly id: number;
  readonly name: string;
}

/**
 * Domain aliases together with what makes them work: the internal alias `@name` → `@target`, which Postfix finds for
 * every address of the aliased name. Whatever happens to the one happens to the other.
 */
export class DomainAliasRows {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  /** Inside a `write`, the names parsed. */
  async add(actor: Actor, target: DomainRef, names: readonly string[], enabled: boolean): Promise<readonly number[]> {
    if (names.length === 0) return [];
    const { data } = this.#context;
    if (names.includes(target.name)) throw problem('E_ADMIN_DOMAIN_ALIAS_SELF', {}, { field: 'aliases' });
    await requireFreeNames(this.#context, names, { field: 'aliases' });
    await this.#context.call(mayCreate, { actor, kind: 'domain-alias', count: names.length, domain: target });
    return data.write(async (em) => {
      const domain = em.getReference(Domain, target.pk);
      const rows = names.map((name) =>
        em.create(DomainAlias, { name, target: domain, enabled, owner_id: ownerOf(actor) }),
      );
      em.persist(rows);
      for (const name of names) {
        const alias = em.create(Alias, {
          address: `@${name}`,
          domain: null,
          enabled,
          internal: true,
          description: '',
          expire_at: null,
        });
        em.persist(em.create(AliasRecipient, { address: `@${target.name}`, alias, r_mailbox: null, r_alias: null }));
      }
      await em.flush();
      for (const { id, name } of rows) {
        await this.#context.call(domainAliasCreated, { ...saidBy(actor), domain_alias: { pk: id, name }, target });
      }
      return rows.map((row) => row.id);
    });
  }

  /** Afterwards the domain has exactly these. Inside a `write`. */
  async replace(actor: Actor, target: DomainRef, names: readonly string[], enabled: boolean): Promise<void> {
    const policy = new Policy(this.#context);
    const rows = await this.#context.data.execute('select id, name from admin_domainalias where target_id = ?', [
      target.pk,
    ]);
    const before = rows.map((row) => ({ id: asNumber(row.id), name: asText(row.name) }));
    const added = names.filter((name) => !before.some((row) => row.name === name));
    const removed = before.filter((row) => !names.includes(row.name));
    if (added.length > 0) policy.require(actor, 'admin.add_domainalias');
    if (removed.length > 0) policy.require(actor, 'admin.delete_domainalias');
    await this.remove(actor, target, removed);
    await this.add(actor, target, added, enabled);
  }

  /** Inside a `write`. Each of them can be brought back by itself. */
  async remove(actor: Actor, target: DomainRef, rows: readonly DomainAliasRow[]): Promise<void> {
    const { data } = this.#context;
    const bin = new TrashBin(this.#context);
    for (const { id, name } of rows) {
      await bin.collect(actor, [{ kind: 'domain-alias', id, name, domainId: target.pk }], {}, async () => {
        const own = fragment('internal = true and domain_id is null and address = ?', `@${name}`);
        await bin.take('admin_alias', own);
        await data.execute(`delete from admin_alias where ${own.sql}`, own.params);
        await data.execute('delete from admin_domainalias where id = ?', [id]);
        await this.#context.call(domainAliasDeleted, { ...saidBy(actor), domain_alias: { pk: id, name }, target });
      });
    }
  }

  /** Name, target or state of one. Inside a `write`. */
  async change(
    before: DomainAliasRow,
    after: { readonly name: string; readonly target: DomainRef; readonly enabled: boolean },
  ): Promise<void> {
    const { data } = this.#context;
    const now = this.#context.now();
    const row = assignments({
      name: after.name,
      target_id: after.target.pk,
      enabled: after.enabled,
      last_modification: now,
    });
    await data.execute(`update admin_domainalias set ${row.sql} where id = ?`, [...row.params, before.id]);
    await data.execute(
      `update admin_aliasrecipient set address = ? where alias_id in
        (select id from admin_alias where address = ? and internal = true and domain_id is null)`,
      [`@${after.target.name}`, `@${before.name}`],
    );
    const alias = assignments({ address: `@${after.name}`, enabled: after.enabled, last_modification: now });
    await data.execute(
      `update admin_alias set ${alias.sql} where address = ? and internal = true and domain_id is null`,
      [...alias.params, `@${before.name}`],
    );
    if (after.name !== before.name) await this.#renameRecipients(before.name, after.name);
  }

  /** Aliases that send to addresses of the old name send to the new one. */
  async #renameRecipients(from: string, to: string): Promise<void> {
    const { data } = this.#context;
    const value = replaceEnd(data.dialect, 'address', `@${from}`, `@${to}`);
    const where = endsWith('address', `@${from}`);
    await data.execute(
      `update admin_aliasrecipient set address = ${value.sql} where r_mailbox_id is null and r_alias_id is null and ${where.sql}`,
      [...value.params, ...where.params],
    );
  }
}
