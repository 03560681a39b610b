import { type ExtensionContext, jobQueue } from '@posthorn/sdk';
import { problem } from '../problems.js';
import type { DomainFacts } from './domain-finder.js';
import { endsWith } from './sql.js';

/**
 * Work on disk, written down for whoever may do it. All methods run inside a `write`, and only where Posthorn handles
 * mailboxes' directories. A mailbox whose directory is not ready yet waits: Postfix answers 450 for it.
 */
export class MailboxOperations {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  /**
   * Before a mailbox takes an address: refuses while another mailbox's directory still lies there, since new mail would
   * be moved away with it.
   */
  async requireFree(address: string): Promise<void> {
    const [busy] = await this.#context.data.execute(
      "select 1 as busy from admin_mailboxoperation where type = 'rename' and argument = ? limit 1",
      [address],
    );
    if (busy !== undefined) throw problem('E_ADMIN_BUSY', { address });
  }

  /** A deleted mailbox's directory still lies at the address that a new mailbox got: the new one waits until it is gone. */
  async waitForDeletion(mailboxId: number, address: string): Promise<void> {
    await this.#context.data.execute(
      "update admin_mailboxoperation set mailbox_id = ? where mailbox_id is null and type = 'delete' and argument = ?",
      [mailboxId, address],
    );
  }

  async rename(mailboxId: number, from: string): Promise<void> {
    await this.#context.data.execute(
      "insert into admin_mailboxoperation (mailbox_id, type, argument) values (?, 'rename', ?)",
      [mailboxId, from],
    );
    await this.#haveItDone();
  }

  /** Also the directories that the mailbox was still to be moved from. */
  async delete(mailboxId: number, address: string): Promise<void> {
    const { data } = this.#context;
    await data.execute(
      `insert into admin_mailboxoperation (type, argument)
       select 'delete', o.argument from admin_mailboxoperation o where o.mailbox_id = ?`,
      [mailboxId],
    );
    await data.execute("insert into admin_mailboxoperation (type, argument) values ('delete', ?)", [address]);
    await this.#haveItDone();
  }

  /** Before the domain's row changes. */
  async renameDomain(domain: DomainFacts, name: string): Promise<void> {
    const { data } = this.#context;
    const arriving = endsWith('argument', `@${name}`);
    const [busy] = await data.execute(
      `select argument from admin_mailboxoperation where type = 'rename' and ${arriving.sql} and argument in
        (select m.address || ? from admin_mailbox m where m.domain_id = ?) limit 1`,
      [...arriving.params, `@${name}`, domain.id],
    );
    if (busy !== undefined) throw problem('E_ADMIN_BUSY', { address: String(busy.argument) });
    await data.execute(
      `insert into admin_mailboxoperation (mailbox_id, type, argument)
       select m.id, 'rename', m.address || ? from admin_mailbox m where m.domain_id = ?`,
      [`@${domain.name}`, domain.id],
    );
    const left = endsWith('argument', `@${name}`);
    await data.execute(
      `update admin_mailboxoperation set mailbox_id = (select m.id from admin_mailbox m
        where m.domain_id = ? and m.address || ? = admin_mailboxoperation.argument)
       where mailbox_id is null and type = 'delete' and ${left.sql}`,
      [domain.id, `@${name}`, ...left.params],
    );
    await this.#haveItDone();
  }

  /** Before the domain's rows go. */
  async deleteDomain(domain: DomainFacts): Promise<void> {
    const { data } = this.#context;
    await data.execute(
      `insert into admin_mailboxoperation (type, argument)
       select 'delete', o.argument from admin_mailboxoperation o
       inner join admin_mailbox m on m.id = o.mailbox_id where m.domain_id = ?`,
      [domain.id],
    );
    await data.execute(
      `insert into admin_mailboxoperation (type, argument)
       select 'delete', m.address || ? from admin_mailbox m where m.domain_id = ?`,
      [`@${domain.name}`, domain.id],
    );
    await this.#haveItDone();
  }

  /** Whoever serves the queue begins at once; the job's own times pick up what this misses. */
  async #haveItDone(): Promise<void> {
    await this.#context.get(jobQueue).enqueue('admin.mailbox-directories', null, { uniqueKey: 'mailbox-directories' });
  }
}
