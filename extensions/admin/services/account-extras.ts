import type { Actor, ExtensionContext } from '@posthorn/sdk';
import { type Address, parseAddress } from '../addresses.js';
import type { DomainRef } from '../contract/hooks.js';
import { mayCreate } from '../contract/hooks.js';
import type { NewAccountInput } from '../contract/inputs.js';
import { Policy } from '../policy/policy.js';
import type { Scope } from '../policy/scope.js';
import { problem } from '../problems.js';
import { AliasFinder } from './alias-finder.js';
import { AliasRows } from './alias-rows.js';
import { requireMayUse, SenderAddressRows } from './sender-address-rows.js';

interface Extras {
  readonly aliases: readonly { readonly address: string; readonly domain: DomainRef }[];
  readonly senders: readonly Address[];
}

/** Aliases and sender addresses given together with a new account. */
export class AccountExtras {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  /** Checks them while nothing is locked. */
  async parse(actor: Actor, scope: Scope, input: NewAccountInput, hasMailbox: boolean): Promise<Extras> {
    const policy = new Policy(this.#context);
    const wanted = (input.aliases ?? []).map((text) => parseAddress(text, { field: 'aliases', allowEmptyLocal: true }));
    const senders = (input.senderaddresses ?? []).map((text) =>
      parseAddress(text, { field: 'senderaddresses', allowEmptyLocal: true, isForeign: true }),
    );
    if (wanted.length > 0) policy.require(actor, 'admin.add_alias');
    if (senders.length > 0) policy.require(actor, 'admin.add_senderaddress');
    if (!hasMailbox && wanted.length + senders.length > 0) {
      const field = wanted.length > 0 ? 'aliases' : 'senderaddresses';
      throw problem('E_ADMIN_MAILBOX_MISSING', { username: input.username }, { field });
    }
    const finder = new AliasFinder(this.#context);
    const aliases = [];
    for (const one of wanted) {
      const { address, domain } = await finder.place(scope, one, 'aliases');
      aliases.push({ address: address.address, domain: { pk: domain.id, name: domain.name } });
    }
    await requireMayUse(this.#context, scope, senders, 'senderaddresses');
    return { aliases, senders };
  }

  /** Inside the `write` that made the mailbox. */
  async add(actor: Actor, mailboxId: number, address: string, extras: Extras): Promise<void> {
    const aliases = new AliasRows(this.#context);
    for (const alias of extras.aliases) {
      // The address itself is the mailbox's already.
      if (alias.address === address) continue;
      await aliases.addForMailbox(actor, alias, { id: mailboxId, address }, 'aliases');
    }
    if (extras.senders.length === 0) return;
    await this.#context.call(mayCreate, { actor, kind: 'sender-address', count: extras.senders.length });
    await new SenderAddressRows(this.#context).add(
      actor,
      mailboxId,
      extras.senders.map((sender) => sender.address),
    );
  }
}
