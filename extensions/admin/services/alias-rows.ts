import type { Actor, ExtensionContext } from '@posthorn/sdk';
import type { Address } from '../addresses.js';
import { Alias, AliasRecipient } from '../contract/alias.js';
import { aliasCreated, type DomainRef, mayCreate } from '../contract/hooks.js';
import { problem } from '../problems.js';
import { ownerOf } from './object-owners.js';
import type { Recipient } from './recipients.js';
import { saidBy } from './said-by.js';
import { SelfAliases } from './self-alias.js';
import { asNumber, endsWith, idIn } from './sql.js';

export interface AliasFields {
  readonly address: string;
  readonly domain: DomainRef;
  readonly enabled: boolean;
  readonly description: string;
  readonly expire_at: Date | null;
}

export const aliasTaken = (address: string, field = 'address') =>
  problem('E_ADMIN_ALIAS_TAKEN', { address }, { field });

/** Rows of aliases and their recipients. All methods run inside a `write`, with input that is checked already. */
export class AliasRows {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  async requireFree(address: string, field = 'address'): Promise<void> {
    const [taken] = await this.#context.data.execute(
      'select id from admin_alias where address = ? and internal = false',
      [address],
    );
    if (taken !== undefined) throw aliasTaken(address, field);
  }

  async add(actor: Actor, fields: AliasFields, recipients: readonly Recipient[]): Promise<number> {
    const { domain, ...own } = fields;
    await this.#context.call(mayCreate, { actor, kind: 'alias', count: 1, domain });
    return this.#context.data.write(async (em) => {
      const now = this.#context.now();
      const id = await em.insert(Alias, {
        ...own,
        domain: domain.pk,
        internal: false,
        owner_id: ownerOf(actor),
        creation: now,
        last_modification: now,
      });
      await this.setRecipients(id, recipients);
      await new SelfAliases(this.#context).refresh([fields.address]);
      await this.#context.call(aliasCreated, { ...saidBy(actor), alias: { pk: id, address: fields.address } });
      return id;
    });
  }

  /** An alias that leads to one mailbox. */
  async addForMailbox(
    actor: Actor,
    alias: { readonly address: string; readonly domain: DomainRef },
    mailbox: { readonly id: number; readonly address: string },
    field = 'address',
  ): Promise<number> {
    await this.requireFree(alias.address, field);
    return this.add(actor, { ...alias, enabled: true, description: '', expire_at: null }, [
      { address: mailbox.address, mailboxId: mailbox.id, aliasId: null },
    ]);
  }

  /** Afterwards the alias sends to exactly these. */
  async setRecipients(aliasId: number, recipients: readonly Recipient[]): Promise<void> {
    const { data } = this.#context;
    await data.execute('delete from admin_aliasrecipient where alias_id = ?', [aliasId]);
    if (recipients.length === 0) return;
    await data.write((em) =>
      em.insertMany(
        AliasRecipient,
        recipients.map(({ address, mailboxId, aliasId: target }) => ({
          address,
          alias: aliasId,
          r_mailbox: mailboxId,
          r_alias: target,
        })),
      ),
    );
  }

  /** Both the internal alias of an address and the one that people made. */
  async renameAll(from: string, to: { readonly address: string; readonly domainId: number }): Promise<void> {
    await this.#context.data.execute(
      'update admin_alias set address = ?, domain_id = ?, last_modification = ? where address = ?',
      [to.address, to.domainId, this.#context.now(), from],
    );
  }

  /** Whatever sends to the mailbox or alias sends to its new address; an extension stays. Call it before `renameAll`. */
  async renameRecipients(
    what: { readonly mailboxId: number | null; readonly aliasAddress: string },
    from: string,
    to: Address,
  ): Promise<void> {
    const { data } = this.#context;
    const own = await data.execute('select id from admin_alias where address = ?', [what.aliasAddress]);
    const byAlias = idIn(
      data.dialect,
      'r_alias_id',
      own.map((row) => asNumber(row.id)),
    );
    const linked = { sql: `(r_mailbox_id = ? or ${byAlias.sql})`, params: [what.mailboxId, ...byAlias.params] };
    // An alias may send to both; one of them is enough then.
    await data.execute(
      `delete from admin_aliasrecipient where address = ? and alias_id in
        (select alias_id from admin_aliasrecipient where address = ? and ${linked.sql})`,
      [to.address, from, ...linked.params],
    );
    const at = from.lastIndexOf('@');
    const before = [...from.slice(0, at)].length;
    const after = [...from.slice(at)].length;
    const length = data.dialect === 'sqlite' ? 'length(address)' : 'char_length(address)';
    const shape = endsWith('address', from.slice(at));
    await data.execute(
      `update admin_aliasrecipient set address = ? || substr(address, ?, ${length} - ?) || ? where ${linked.sql} and ${shape.sql}`,
      [to.local, before + 1, before + after, `@${to.domain}`, ...linked.params, ...shape.params],
    );
  }
}
