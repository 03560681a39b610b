import type { Actor, ExtensionContext } from '@posthorn/sdk';
import type { Address } from '../addresses.js';
import { mailboxRenamed, mayCreate } from '../contract/hooks.js';
import { adminParameters } from '../contract/parameters.js';
import { problem } from '../problems.js';
import type { AccountRow, MailboxRow } from './account-finder.js';
import { requireNoLoop } from './alias-loops.js';
import { AliasRows } from './alias-rows.js';
import type { DomainFacts } from './domain-finder.js';
import { mailboxTaken } from './mailbox-creation.js';
import { MailboxOperations } from './mailbox-operations.js';
import { type MailboxQuota, QuotaPool } from './quota-pool.js';
import { saidBy } from './said-by.js';
import { SelfAliases } from './self-alias.js';
import { asNumber, assignments, asText } from './sql.js';

/** Quota, address and whether a mailbox takes mail. Inside a `write`, the (new) domain's row locked. */
export class MailboxChange {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  async setQuota(actor: Actor, mailbox: MailboxRow, domain: DomainFacts, wanted: MailboxQuota): Promise<void> {
    const moves = domain.id !== mailbox.domain_id;
    if (!moves && wanted.quota === mailbox.quota && wanted.use_domain_quota === mailbox.use_domain_quota) return;
    await new QuotaPool(this.#context, actor).take(domain, wanted, moves ? undefined : mailbox.quota);
    const set = assignments({ ...wanted, last_modification: this.#context.now() });
    await this.#context.data.execute(`update admin_mailbox set ${set.sql} where id = ?`, [...set.params, mailbox.id]);
  }

  async setRefusal(mailbox: MailboxRow, refusesMail: boolean): Promise<void> {
    if (refusesMail === mailbox.refuses_mail) return;
    const set = assignments({ refuses_mail: refusesMail, last_modification: this.#context.now() });
    const { data } = this.#context;
    await data.execute(`update admin_mailbox set ${set.sql} where id = ?`, [...set.params, mailbox.id]);
    if (!refusesMail) return;
    // Its copy may have been where mail that goes in circles ended.
    const address = mailbox.full_address;
    const forward = await data.execute(
      `select r.address from admin_alias a inner join admin_aliasrecipient r on r.alias_id = a.id
       where a.address = ? and a.internal = false`,
      [address],
    );
    await requireNoLoop(
      this.#context,
      address,
      forward.map((row) => asText(row.address)),
    );
  }

  /**
   * Another address, perhaps in another domain. What leads to the mailbox follows: internal alias, forward, other
   * aliases' recipients, quota row. The account's username and email are the caller's.
   */
  async rename(
    actor: Actor,
    account: AccountRow,
    mailbox: MailboxRow,
    domain: DomainFacts,
    to: Address,
    keepsAlias: boolean,
  ): Promise<void> {
    const { data } = this.#context;
    const from = mailbox.full_address;
    await this.#requireFree(mailbox, domain, to);
    if (domain.id !== mailbox.domain_id) {
      const ref = { pk: domain.id, name: domain.name };
      await this.#context.call(mayCreate, { actor, kind: 'mailbox', count: 1, domain: ref, isMove: true });
    }
    const { handle_mailboxes: onDisk } = await this.#context.parameters(adminParameters);
    const operations = new MailboxOperations(this.#context);
    if (onDisk) {
      await operations.requireFree([to.address]);
      await operations.clearWay([{ id: mailbox.id, address: to.address }]);
      await operations.rename(mailbox.id, from);
    }
    const set = assignments({ address: to.local, domain_id: domain.id, last_modification: this.#context.now() });
    await data.execute(`update admin_mailbox set ${set.sql} where id = ?`, [...set.params, mailbox.id]);
    // Dovecot may have counted at the new address already, before anybody had it.
    await data.execute('delete from admin_quota where username = ?', [to.address]);
    await data.execute('update admin_quota set username = ? where username = ?', [to.address, from]);
    const aliases = new AliasRows(this.#context);
    await aliases.renameRecipients({ mailboxId: mailbox.id, aliasAddress: from }, from, to);
    await aliases.renameAll(from, { address: to.address, domainId: domain.id });
    if (keepsAlias) {
      const domainRef = { pk: mailbox.domain_id, name: mailbox.domain_name };
      await aliases.addForMailbox(actor, { address: from, domain: domainRef }, { id: mailbox.id, address: to.address });
    }
    await new SelfAliases(this.#context).refresh([to.address]);
    await this.#context.call(mailboxRenamed, {
      ...saidBy(actor),
      account: { pk: account.id, username: to.address },
      mailbox: { pk: mailbox.id, full_address: to.address },
      domain: { pk: domain.id, name: domain.name },
      from,
    });
  }

  async #requireFree(mailbox: MailboxRow, domain: DomainFacts, to: Address): Promise<void> {
    const { data } = this.#context;
    const [taken] = await data.execute('select id from admin_mailbox where address = ? and domain_id = ?', [
      to.local,
      domain.id,
    ]);
    if (taken !== undefined && asNumber(taken.id) !== mailbox.id) throw mailboxTaken(to.address);
    // A forward moves with its mailbox, so the new address must not be an alias already.
    const rows = await data.execute('select address from admin_alias where internal = false and address in (?, ?)', [
      mailbox.full_address,
      to.address,
    ]);
    if (rows.length > 1) throw problem('E_ADMIN_ALIAS_TAKEN', { address: to.address }, { field: 'full_address' });
  }
}
