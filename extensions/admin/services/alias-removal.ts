import type { Actor, ExtensionContext } from '@posthorn/sdk';
import { aliasDeleted } from '../contract/hooks.js';
import { TrashBin } from '../trash/bin.js';
import type { AliasRow } from './alias-finder.js';
import { saidBy } from './said-by.js';
import { SelfAliases } from './self-alias.js';
import { asNumber, asText, idIn } from './sql.js';

/** Deleting aliases, and then those that had nowhere else to send to. Inside a `write`. */
export class AliasRemoval {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  async remove(actor: Actor, alias: AliasRow): Promise<void> {
    const { id, address, domainId } = alias;
    await new TrashBin(this.#context).collect(actor, { kind: 'alias', id, name: address, domainId }, {}, async () => {
      await this.#keepMailboxRecipients(alias);
      const touched = await this.#sendersTo([id]);
      await this.#context.data.execute('delete from admin_alias where id = ?', [id]);
      await this.#context.call(aliasDeleted, { ...saidBy(actor), alias: { pk: id, address } });
      await new SelfAliases(this.#context).refresh([address]);
      await this.dropEmptied(actor, touched);
    });
  }

  /**
   * Of these aliases, deletes those without a recipient, then those that only sent to one of them, and so on. One round
   * for each step of the longest chain; chains of aliases are short.
   */
  async dropEmptied(actor: Actor, candidates: readonly number[]): Promise<void> {
    const { data } = this.#context;
    let left = candidates;
    while (left.length > 0) {
      const among = idIn(data.dialect, 'a.id', left);
      const rows = await data.execute(
        `select a.id, a.address from admin_alias a where a.internal = false and ${among.sql}
          and not exists (select 1 from admin_aliasrecipient r where r.alias_id = a.id)`,
        among.params,
      );
      if (rows.length === 0) return;
      const empty = rows.map((row) => ({ id: asNumber(row.id), address: asText(row.address) }));
      const ids = empty.map((alias) => alias.id);
      left = await this.#sendersTo(ids);
      const gone = idIn(data.dialect, 'id', ids);
      await new TrashBin(this.#context).take('admin_alias', gone);
      await data.execute(`delete from admin_alias where ${gone.sql}`, gone.params);
      for (const { id, address } of empty) {
        await this.#context.call(aliasDeleted, { ...saidBy(actor), alias: { pk: id, address } });
      }
      await new SelfAliases(this.#context).refresh(empty.map((alias) => alias.address));
    }
  }

  /** Where a mailbox has the same address, whoever sends to the alias goes on sending to the mailbox. */
  async #keepMailboxRecipients(alias: AliasRow): Promise<void> {
    const local = alias.address.slice(0, alias.address.lastIndexOf('@'));
    const [found] = await this.#context.data.execute(
      'select id from admin_mailbox where address = ? and domain_id = (select domain_id from admin_alias where id = ?)',
      [local, alias.id],
    );
    if (found === undefined) return;
    await this.#context.data.execute(
      'update admin_aliasrecipient set r_mailbox_id = ?, r_alias_id = null where r_alias_id = ?',
      [found.id, alias.id],
    );
  }

  async #sendersTo(ids: readonly number[]): Promise<readonly number[]> {
    const among = idIn(this.#context.data.dialect, 'r_alias_id', ids);
    const rows = await this.#context.data.execute(
      `select distinct alias_id from admin_aliasrecipient where ${among.sql}`,
      among.params,
    );
    return rows.map((row) => asNumber(row.alias_id));
  }
}
