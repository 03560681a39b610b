import type { Actor, ExtensionContext } from '@posthorn/sdk';
import { aliasDeleted } from '../contract/hooks.js';
import { TrashBin } from '../trash/bin.js';
import type { AliasRow } from './alias-finder.js';
import { saidBy } from './said-by.js';
import { SelfAliases } from './self-alias.js';
import { asNumber, asText, idIn, textIn } from './sql.js';

/** Deleting aliases, and then those that had nowhere else to send to. Inside a `write`. */
export class AliasRemoval {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  async remove(actor: Actor, aliases: readonly AliasRow[]): Promise<void> {
    const { data } = this.#context;
    const deleted = aliases.map(({ id, address, domainId }) => ({
      kind: 'alias' as const,
      id,
      name: address,
      domainId,
    }));
    await new TrashBin(this.#context).collect(actor, deleted, {}, async () => {
      await this.#keepMailboxRecipients(aliases);
      const places = new Map(aliases.map(({ id }, i) => [id, i]));
      const touched = await this.#sendersTo(places);
      const gone = idIn(data.dialect, 'id', places.keys());
      await data.execute(`delete from admin_alias where ${gone.sql}`, gone.params);
      for (const { id, address } of aliases) {
        await this.#context.call(aliasDeleted, { ...saidBy(actor), alias: { pk: id, address } });
      }
      await new SelfAliases(this.#context).refresh(aliases.map(({ address }) => address));
      await this.dropEmptied(actor, touched);
    });
  }

  /**
   * Of these aliases, deletes those without a recipient, then those that only sent to one of them, and so on. One round
   * for each step of the longest chain; chains of aliases are short. With each stands which of the deletions that go on
   * together took its last recipient.
   */
  async dropEmptied(actor: Actor, candidates: ReadonlyMap<number, number>): Promise<void> {
    const { data } = this.#context;
    let left = candidates;
    while (left.size > 0) {
      const among = idIn(data.dialect, 'a.id', left.keys());
      const rows = await data.execute(
        `select a.id, a.address from admin_alias a where a.internal = false and ${among.sql}
          and not exists (select 1 from admin_aliasrecipient r where r.alias_id = a.id)`,
        among.params,
      );
      if (rows.length === 0) return;
      const empty = rows.map((row) => ({ id: asNumber(row.id), address: asText(row.address) }));
      const roots = new Map(empty.map(({ id }) => [id, left.get(id) ?? 0]));
      left = await this.#sendersTo(roots);
      const gone = idIn(data.dialect, 'id', roots.keys());
      await new TrashBin(this.#context).take('admin_alias', gone, (row) => roots.get(asNumber(row.id)) ?? 0);
      await data.execute(`delete from admin_alias where ${gone.sql}`, gone.params);
      for (const { id, address } of empty) {
        await this.#context.call(aliasDeleted, { ...saidBy(actor), alias: { pk: id, address } });
      }
      await new SelfAliases(this.#context).refresh(empty.map((alias) => alias.address));
    }
  }

  /** Where a mailbox has the same address, whoever sends to the alias goes on sending to the mailbox. */
  async #keepMailboxRecipients(aliases: readonly AliasRow[]): Promise<void> {
    const { data } = this.#context;
    const key = (local: unknown, domain: unknown) => `${asText(local)}@${asNumber(domain)}`;
    const local = ({ address }: AliasRow) => address.slice(0, address.lastIndexOf('@'));
    const named = textIn('address', aliases.map(local));
    const inside = idIn(data.dialect, 'domain_id', new Set(aliases.flatMap(({ domainId }) => domainId ?? [])));
    const found = await data.execute(
      `select id, address, domain_id from admin_mailbox where ${named.sql} and ${inside.sql}`,
      [...named.params, ...inside.params],
    );
    const mailboxes = new Map(found.map((row) => [key(row.address, row.domain_id), asNumber(row.id)]));
    for (const alias of aliases) {
      const mailbox = mailboxes.get(key(local(alias), alias.domainId));
      if (mailbox === undefined) continue;
      await data.execute('update admin_aliasrecipient set r_mailbox_id = ?, r_alias_id = null where r_alias_id = ?', [
        mailbox,
        alias.id,
      ]);
    }
  }

  /** Who sends to these, with what stands with the last of them. */
  async #sendersTo(roots: ReadonlyMap<number, number>): Promise<ReadonlyMap<number, number>> {
    const among = idIn(this.#context.data.dialect, 'r_alias_id', roots.keys());
    const rows = await this.#context.data.execute(
      `select distinct alias_id, r_alias_id from admin_aliasrecipient where ${among.sql}`,
      among.params,
    );
    return lastRoots(rows.map((row) => [asNumber(row.alias_id), roots.get(asNumber(row.r_alias_id)) ?? 0]));
  }
}

/** Of the deletions that took a recipient of an alias, the last: only then may it be empty. */
export function lastRoots(touched: readonly (readonly [alias: number, root: number])[]): ReadonlyMap<number, number> {
  const last = new Map<number, number>();
  for (const [alias, root] of touched) last.set(alias, Math.max(root, last.get(alias) ?? 0));
  return last;
}
