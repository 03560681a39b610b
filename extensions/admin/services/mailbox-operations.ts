import { type ExtensionContext, jobQueue } from '@posthorn/sdk';
import { problem } from '../problems.js';
import type { DomainFacts } from './domain-finder.js';
import { endsWith, idIn, textIn } from './sql.js';

/** Where a directory of the trash is kept aside, as an operation names it. */
const ASIDE = "'.trash/' || trash_id || '/' || address";

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
   * Before mailboxes take addresses: refuses while another mailbox's directory still lies at one of them, since new mail
   * would be moved away with it.
   */
  async requireFree(addresses: readonly string[]): Promise<void> {
    const among = textIn('argument', addresses);
    const [busy] = await this.#context.data.execute(
      `select argument from admin_mailboxoperation where type = 'rename' and ${among.sql} limit 1`,
      among.params,
    );
    if (busy !== undefined) throw problem('E_ADMIN_BUSY', { address: String(busy.argument) });
  }

  /**
   * Deleted mailboxes' directories still lie at addresses that mailboxes get: what is in the trash is moved aside, and
   * such a mailbox waits until its place is free. Call it before `rename`, whose work comes after that.
   */
  async clearWay(mailboxes: readonly { readonly id: number; readonly address: string }[]): Promise<void> {
    const addresses = mailboxes.map(({ address }) => address);
    const [argument, target, address] = ['argument', 'target', 'address'].map((column) => textIn(column, addresses));
    const inTheWay = await this.#context.data.execute(
      `select argument as address from admin_mailboxoperation where mailbox_id is null and ${argument?.sql}
       union select target from admin_mailboxoperation where mailbox_id is null and ${target?.sql}
       union select address from admin_trashdirectory where aside = false and ${address?.sql}`,
      [...addresses, ...addresses, ...addresses],
    );
    const taken = new Set(inTheWay.map((row) => String(row.address)));
    for (const mailbox of mailboxes) if (taken.has(mailbox.address)) await this.#clearOne(mailbox);
  }

  async #clearOne({ id, address }: { readonly id: number; readonly address: string }): Promise<void> {
    const { data } = this.#context;
    await data.execute(
      'update admin_mailboxoperation set mailbox_id = ? where mailbox_id is null and (argument = ? or target = ?)',
      [id, address, address],
    );
    const moved = await data.execute('select id from admin_trashdirectory where aside = false and address = ?', [
      address,
    ]);
    if (moved.length === 0) return;
    await data.execute(
      `insert into admin_mailboxoperation (mailbox_id, type, argument, target)
       select ${id}, 'move', address, ${ASIDE} from admin_trashdirectory where aside = false and address = ?`,
      [address],
    );
    await data.execute('update admin_trashdirectory set aside = true where aside = false and address = ?', [address]);
    await this.haveItDone();
  }

  /**
   * For mailboxes that came back: directories of other deletions are moved out of their way, their own back into place,
   * and what still waits for their addresses is theirs to wait for. A fixed number of statements.
   */
  async bringBack(trashId: number, mailboxes: readonly number[]): Promise<void> {
    const { data } = this.#context;
    const among = idIn(data.dialect, 'm.id', mailboxes);
    const full = `select m.address || '@' || d.name from admin_mailbox m inner join admin_domain d on d.id = m.domain_id
      where ${among.sql}`;
    const ofAddress = (column: string) =>
      `(select m.id from admin_mailbox m inner join admin_domain d on d.id = m.domain_id
        where m.address || '@' || d.name = ${column})`;
    for (const column of ['argument', 'target']) {
      await data.execute(
        `update admin_mailboxoperation set mailbox_id = ${ofAddress(column)} where mailbox_id is null and ${column} in (${full})`,
        among.params,
      );
    }
    const others = `aside = false and trash_id <> ${trashId} and address in (${full})`;
    await data.execute(
      `insert into admin_mailboxoperation (mailbox_id, type, argument, target)
       select ${ofAddress('admin_trashdirectory.address')}, 'move', address, ${ASIDE} from admin_trashdirectory where ${others}`,
      among.params,
    );
    await data.execute(`update admin_trashdirectory set aside = true where ${others}`, among.params);
    await data.execute(
      `insert into admin_mailboxoperation (mailbox_id, type, argument, target)
       select ${ofAddress('admin_trashdirectory.address')}, 'move', ${ASIDE}, address from admin_trashdirectory
       where aside = true and trash_id = ${trashId} and address in (${full})`,
      among.params,
    );
    await this.haveItDone();
  }

  /**
   * Removes the directories of deletions for good: those that were moved aside, and those that lie where no mailbox has
   * the address.
   */
  async purge(trashIds: readonly number[]): Promise<void> {
    const { data } = this.#context;
    const among = idIn(data.dialect, 'trash_id', trashIds);
    await data.execute(
      `insert into admin_mailboxoperation (type, argument)
       select 'delete', case when aside = true then ${ASIDE} else address end from admin_trashdirectory
       where ${among.sql} and (aside = true or not exists (
         select 1 from admin_mailbox m inner join admin_domain d on d.id = m.domain_id
         where m.address || '@' || d.name = admin_trashdirectory.address))`,
      among.params,
    );
    await this.haveItDone();
  }

  async rename(mailboxId: number, from: string): Promise<void> {
    await this.#context.data.execute(
      "insert into admin_mailboxoperation (mailbox_id, type, argument) values (?, 'rename', ?)",
      [mailboxId, from],
    );
    await this.haveItDone();
  }

  /** Also the directories that the mailboxes were still to be moved from. */
  async delete(mailboxes: readonly { readonly id: number; readonly full_address: string }[]): Promise<void> {
    const { data } = this.#context;
    const among = idIn(
      data.dialect,
      'o.mailbox_id',
      mailboxes.map(({ id }) => id),
    );
    await data.execute(
      `insert into admin_mailboxoperation (type, argument)
       select 'delete', o.argument from admin_mailboxoperation o where ${among.sql}`,
      among.params,
    );
    await data.insertRows(
      'admin_mailboxoperation',
      mailboxes.map(({ full_address }) => ({ type: 'delete', argument: full_address })),
    );
    await this.haveItDone();
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
    const inTheWay = 'aside = false and address in (select m.address || ? from admin_mailbox m where m.domain_id = ?)';
    await data.execute(
      `insert into admin_mailboxoperation (mailbox_id, type, argument, target)
       select (select m.id from admin_mailbox m where m.domain_id = ? and m.address || ? = admin_trashdirectory.address),
         'move', address, ${ASIDE} from admin_trashdirectory where ${inTheWay}`,
      [domain.id, `@${name}`, `@${name}`, domain.id],
    );
    await data.execute(`update admin_trashdirectory set aside = true where ${inTheWay}`, [`@${name}`, domain.id]);
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
    await this.haveItDone();
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
    await this.haveItDone();
  }

  /** Whoever serves the queue begins at once; the job's own times pick up what this misses. */
  async haveItDone(): Promise<void> {
    await this.#context.get(jobQueue).enqueue('admin.mailbox-directories', null, { uniqueKey: 'mailbox-directories' });
  }
}
