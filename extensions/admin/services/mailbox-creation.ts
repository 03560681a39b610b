import type { Account, Actor, ExtensionContext } from '@posthorn/sdk';
import type { Address } from '../addresses.js';
import { mailboxCreated, mayCreate } from '../contract/hooks.js';
import type { MailboxInput } from '../contract/inputs.js';
import { adminParameters } from '../contract/parameters.js';
import { problem } from '../problems.js';
import type { DomainFacts } from './domain-finder.js';
import { MailboxOperations } from './mailbox-operations.js';
import { type MailboxQuota, requireRoom, wantedQuota } from './quota-pool.js';
import { saidBy } from './said-by.js';
import { SelfAliases } from './self-alias.js';
import { asNumber } from './sql.js';

const INSERT_MAILBOX = `insert into admin_mailbox
  (address, domain_id, user_id, quota, use_domain_quota, refuses_mail, creation, last_modification)
  values (?, ?, ?, ?, ?, ?, ?, ?)`;
const INSERT_ALIAS = `insert into admin_alias
  (address, domain_id, enabled, internal, description, expire_at, creation, last_modification)
  values (?, ?, true, true, '', null, ?, ?)`;
const INSERT_RECIPIENT = 'insert into admin_aliasrecipient (address, alias_id, r_mailbox_id) values (?, ?, ?)';
const INSERT_QUOTA = 'insert into admin_quota (username, bytes, messages) values (?, 0, 0)';

/** Makes a mailbox with all that belongs to it: quota row, internal alias, directory. */
export class MailboxCreation {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  /** May it be made, and with which quota? Inside a `write`, the domain's row locked, before the account is touched. */
  async prepare(actor: Actor, domain: DomainFacts, address: Address, input: MailboxInput): Promise<MailboxQuota> {
    const quota = wantedQuota(input, domain, undefined);
    await this.#context.call(mayCreate, {
      actor,
      kind: 'mailbox',
      count: 1,
      domain: { pk: domain.id, name: domain.name },
    });
    await requireRoom(this.#context, actor, domain, quota, undefined);
    const { handle_mailboxes: onDisk } = await this.#context.parameters(adminParameters);
    if (onDisk) await new MailboxOperations(this.#context).requireFree(address.address);
    return quota;
  }

  /** Inside the same `write`. */
  async create(
    actor: Actor,
    account: Account,
    domain: DomainFacts,
    address: Address,
    quota: MailboxQuota,
    refusesMail = false,
  ): Promise<number> {
    const { data } = this.#context;
    return data.write(async () => {
      // Written as rows, not as entities: an entity stays in the unit of work, and many accounts in one transaction
      // would each be compared again at every flush.
      const now = this.#context.now();
      const insert = async (sql: string, params: readonly unknown[]): Promise<number> =>
        asNumber((await data.execute(`${sql} returning id`, params))[0]?.id);
      const mailboxId = await insert(INSERT_MAILBOX, [
        address.local,
        domain.id,
        account.id,
        quota.quota,
        quota.use_domain_quota,
        refusesMail,
        now,
        now,
      ]);
      // It comes and goes with the mailbox.
      await data.derived(async () => {
        const selfId = await insert(INSERT_ALIAS, [address.address, domain.id, now, now]);
        await data.execute(INSERT_RECIPIENT, [address.address, selfId, mailboxId]);
      });
      await this.#addQuotaRow(address.address);
      await new SelfAliases(this.#context).refresh([address.address]);
      const { handle_mailboxes: onDisk } = await this.#context.parameters(adminParameters);
      if (onDisk) await new MailboxOperations(this.#context).clearWay(mailboxId, address.address);
      await this.#context.call(mailboxCreated, {
        ...saidBy(actor),
        account: { pk: account.id, username: account.username },
        mailbox: { pk: mailboxId, full_address: address.address },
        domain: { pk: domain.id, name: domain.name },
      });
      return mailboxId;
    });
  }

  /** Dovecot may have made one already. */
  async #addQuotaRow(address: string): Promise<void> {
    const otherwise =
      this.#context.data.dialect === 'mariadb'
        ? 'on duplicate key update username = username'
        : 'on conflict (username) do nothing';
    await this.#context.data.execute(`${INSERT_QUOTA} ${otherwise}`, [address]);
  }
}

export const mailboxTaken = (address: string) =>
  problem('E_ADMIN_MAILBOX_TAKEN', { address }, { field: 'full_address' });
