import type { Actor, ExtensionContext } from '@posthorn/sdk';
import { mailboxDeleted } from '../contract/hooks.js';
import type { RemoveOptions } from '../contract/inputs.js';
import { adminParameters } from '../contract/parameters.js';
import { TrashBin } from '../trash/bin.js';
import type { AccountRow, MailboxRow } from './account-finder.js';
import { AliasRemoval } from './alias-removal.js';
import { MailboxOperations } from './mailbox-operations.js';
import { saidBy } from './said-by.js';
import { asNumber, fragment } from './sql.js';

/** Deletes a mailbox with all that leads to it. Inside a `write`. */
export class MailboxRemoval {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  async run(actor: Actor, account: AccountRow, mailbox: MailboxRow, options: RemoveOptions): Promise<void> {
    const { data } = this.#context;
    const address = mailbox.full_address;
    const { handle_mailboxes: onDisk } = await this.#context.parameters(adminParameters);
    const bin = new TrashBin(this.#context);
    const deleted = {
      kind: 'mailbox',
      id: mailbox.id,
      name: address,
      domainId: mailbox.domain_id,
      role: account.role,
    } as const;
    await bin.collect(actor, deleted, options, async () => {
      if (onDisk && options.keepdir !== true && !bin.isOpen) {
        await new MailboxOperations(this.#context).delete(mailbox.id, address);
      }
      const touched = await this.#aliasesTo(mailbox);
      // Its own aliases too, internal or not: the address is gone.
      const own = fragment('address = ? and domain_id = ?', address, mailbox.domain_id);
      await bin.take('admin_alias', own);
      await data.execute(`delete from admin_alias where ${own.sql}`, own.params);
      await data.execute('delete from admin_quota where username = ?', [address]);
      await data.execute('delete from admin_mailbox where id = ?', [mailbox.id]);
      await new AliasRemoval(this.#context).dropEmptied(actor, touched);
    });
    await this.#context.call(mailboxDeleted, {
      ...saidBy(actor),
      account: { pk: account.id, username: account.username },
      mailbox: { pk: mailbox.id, full_address: address },
      domain: { pk: mailbox.domain_id, name: mailbox.domain_name },
    });
  }

  /** Aliases that lose a recipient. */
  async #aliasesTo(mailbox: MailboxRow): Promise<readonly number[]> {
    const rows = await this.#context.data.execute(
      `select alias_id from admin_aliasrecipient where r_mailbox_id = ?
       union all
       select alias_id from admin_aliasrecipient where r_alias_id in (select id from admin_alias where address = ? and domain_id = ?)`,
      [mailbox.id, mailbox.full_address, mailbox.domain_id],
    );
    return [...new Set(rows.map((row) => asNumber(row.alias_id)))];
  }
}
