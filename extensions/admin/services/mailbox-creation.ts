import type { Account, Actor, ExtensionContext } from '@posthorn/sdk';
import type { Address } from '../addresses.js';
import { mailboxCreated, mayCreate } from '../contract/hooks.js';
import type { MailboxInput } from '../contract/inputs.js';
import { adminParameters } from '../contract/parameters.js';
import { problem } from '../problems.js';
import type { DomainFacts } from './domain-finder.js';
import { MailboxOperations } from './mailbox-operations.js';
import { type MailboxQuota, QuotaPool, wantedQuota } from './quota-pool.js';
import { saidBy } from './said-by.js';
import { SelfAliases } from './self-alias.js';

/** Where a mailbox will be. */
export interface MailboxPlace {
  readonly domain: DomainFacts;
  readonly address: Address;
}

/** A mailbox that may be made. */
interface NewMailbox extends MailboxPlace {
  readonly account: Account;
  readonly quota: MailboxQuota;
  readonly refusesMail: boolean;
}

/** Makes mailboxes with all that belongs to them: quota rows, internal aliases, directories. */
export class MailboxCreation {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  /**
   * May they be made, and with which quotas? Refuses all of them where one is refused. Inside a `write`, the rows of their
   * domains locked, before accounts are touched.
   */
  async prepare(
    actor: Actor,
    mailboxes: readonly (MailboxPlace & { readonly input: MailboxInput })[],
  ): Promise<readonly MailboxQuota[]> {
    for (const [domain, inside] of Map.groupBy(mailboxes, (mailbox) => mailbox.domain)) {
      const { id: pk, name } = domain;
      await this.#context.call(mayCreate, { actor, kind: 'mailbox', count: inside.length, domain: { pk, name } });
    }
    const pool = new QuotaPool(this.#context, actor);
    const quotas: MailboxQuota[] = [];
    for (const { domain, input } of mailboxes) {
      const quota = wantedQuota(input, domain, undefined);
      await pool.take(domain, quota, undefined);
      quotas.push(quota);
    }
    const addresses = mailboxes.map(({ address }) => address.address);
    if (await this.#areOnDisk()) await new MailboxOperations(this.#context).requireFree(addresses);
    return quotas;
  }

  /** Inside the same `write`; returns their ids. */
  async create(actor: Actor, mailboxes: readonly NewMailbox[]): Promise<readonly number[]> {
    const { data } = this.#context;
    if (mailboxes.length === 0) return [];
    return data.write(async () => {
      // Written as rows, not as entities: an entity stays in the unit of work, and many accounts in one transaction
      // would each be compared again at every flush.
      const now = this.#context.now();
      const dates = { creation: now, last_modification: now };
      const addresses = mailboxes.map(({ address }) => address.address);
      const ids = await data.insertRows(
        'admin_mailbox',
        mailboxes.map(({ account, domain, address, quota, refusesMail }) => ({
          address: address.local,
          domain_id: domain.id,
          user_id: account.id,
          quota: quota.quota,
          use_domain_quota: quota.use_domain_quota,
          refuses_mail: refusesMail,
          ...dates,
        })),
      );
      // They come and go with the mailboxes.
      await data.derived(async () => {
        const own = { enabled: true, internal: true, description: '', expire_at: null, ...dates };
        const aliasIds = await data.insertRows(
          'admin_alias',
          mailboxes.map(({ domain, address }) => ({ address: address.address, domain_id: domain.id, ...own })),
        );
        await data.insertRows(
          'admin_aliasrecipient',
          addresses.map((address, i) => ({ address, alias_id: aliasIds[i], r_mailbox_id: ids[i] })),
        );
      });
      // Dovecot may have made one already.
      await data.insertRows(
        'admin_quota',
        addresses.map((username) => ({ username, bytes: 0, messages: 0 })),
        { unless: ['username'] },
      );
      await new SelfAliases(this.#context).stepBack(addresses);
      if (await this.#areOnDisk()) {
        const made = addresses.map((address, i) => ({ id: ids[i] as number, address }));
        await new MailboxOperations(this.#context).clearWay(made);
      }
      for (const [i, { account, domain }] of mailboxes.entries()) {
        await this.#context.call(mailboxCreated, {
          ...saidBy(actor),
          account: { pk: account.id, username: account.username },
          mailbox: { pk: ids[i] as number, full_address: addresses[i] as string },
          domain: { pk: domain.id, name: domain.name },
        });
      }
      return ids;
    });
  }

  async #areOnDisk(): Promise<boolean> {
    return (await this.#context.parameters(adminParameters)).handle_mailboxes;
  }
}

export const mailboxTaken = (address: string) =>
  problem('E_ADMIN_MAILBOX_TAKEN', { address }, { field: 'full_address' });
