import type { Actor, ExtensionContext } from '@posthorn/sdk';
import type { Address } from '../addresses.js';
import { senderAddressCreated } from '../contract/hooks.js';
import { Mailbox } from '../contract/mailbox.js';
import { SenderAddress } from '../contract/sender-address.js';
import { Policy } from '../policy/policy.js';
import type { Scope } from '../policy/scope.js';
import { problem } from '../problems.js';
import { AccountFinder } from './account-finder.js';
import { DomainFinder } from './domain-finder.js';
import { saidBy } from './said-by.js';

export const senderTaken = (address: string) => problem('E_ADMIN_SENDER_TAKEN', { address }, { field: 'address' });

/**
 * Foreign addresses are nobody's business here. Ours must lie in a domain that the actor reaches, domain aliases
 * included, and must not be the mailbox of somebody above him: sending as that person would be impersonation.
 */
export async function requireMayUse(
  context: ExtensionContext,
  scope: Scope,
  addresses: readonly Address[],
  field: string,
): Promise<void> {
  if (scope.isAll) return;
  const policy = new Policy(context);
  for (const { local, domain, address } of addresses) {
    const ours = await new DomainFinder(context).behind(domain);
    if (ours === undefined) continue;
    if (!policy.canManageDomain(scope, ours.id)) throw problem('E_ADMIN_OUT_OF_REACH', { name: domain }, { field });
    const keys = local === '' ? [] : [{ local, domainId: ours.id, address }];
    const owner = (await new AccountFinder(context).owners(keys)).get(address);
    if (owner !== undefined && !(await policy.canManageAccount(scope, owner))) {
      throw problem('E_ADMIN_MAILBOX_OUT_OF_REACH', { address }, { field });
    }
  }
}

/** Inside a `write`, with addresses that are checked already. */
export class SenderAddressRows {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  async add(actor: Actor, mailboxId: number, addresses: readonly string[]): Promise<readonly number[]> {
    return this.#context.data.write(async (em) => {
      const mailbox = em.getReference(Mailbox, mailboxId);
      const rows = [...new Set(addresses)].map((address) => em.create(SenderAddress, { address, mailbox }));
      em.persist(rows);
      await em.flush();
      for (const { id, address } of rows) {
        await this.#context.call(senderAddressCreated, {
          ...saidBy(actor),
          sender_address: { pk: id, address },
          mailbox: mailboxId,
        });
      }
      return rows.map((row) => row.id);
    });
  }
}
