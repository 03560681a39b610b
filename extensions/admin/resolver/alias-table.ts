import { type AddressFacts, type AliasFacts, type Answer, type MailboxFacts } from './address-facts.js';
import { answerFor, halves, lookupKeys } from './lookup-keys.js';

type Recipient = AliasFacts['recipients'][number];

/** What `sql-aliases.cf` answers, from facts that were read: the same rules as in `maps/aliases-query.ts`. */
export class AliasTable {
  readonly #facts: AddressFacts;
  /** Names that mailboxes beyond ASCII are delivered under. */
  readonly #deliveryNames = new Map<string, MailboxFacts>();

  constructor(facts: AddressFacts) {
    this.#facts = facts;
  }

  answerTo(address: string): Answer | undefined {
    for (const key of lookupKeys(address)) {
      const aliases = this.#facts.aliases(key).filter((alias) => this.#counts(alias));
      const addresses = aliases.flatMap((alias) =>
        alias.recipients.filter((one) => this.#isTaken(alias, one)).map((one) => this.#answer(alias, one)),
      );
      if (this.#deliveryNames.has(key)) addresses.push(key);
      if (addresses.length === 0) continue;
      return { key, aliases, addresses: [...new Set(addresses)].sort().map((one) => answerFor(address, key, one)) };
    }
    return undefined;
  }

  /** The mailbox that Dovecot finds for a recipient. */
  mailboxOf(recipient: string): MailboxFacts | undefined {
    for (const key of lookupKeys(recipient)) {
      const found = this.#deliveryNames.get(key) ?? this.#facts.mailbox(key);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Entries of the address that would answer if they were enabled and not expired. */
  idle(address: string): readonly AliasFacts[] {
    return lookupKeys(address)
      .flatMap((key) => this.#facts.aliases(key))
      .filter((alias) => !alias.internal && !isActive(alias));
  }

  /** A mailbox's own entry steps back only while a forward of the address counts. */
  #counts(alias: AliasFacts): boolean {
    if (isActive(alias)) return true;
    if (!alias.internal || alias.domainId === null) return false;
    return !this.#facts.aliases(alias.address).some((other) => !other.internal && isActive(other));
  }

  /** A mailbox that refuses mail gets no copy of what is forwarded. */
  #isTaken({ address: forwarded }: AliasFacts, { address }: Recipient): boolean {
    return (
      address !== forwarded ||
      this.#facts.mailbox(address)?.refusesMail !== true ||
      !this.#facts
        .aliases(forwarded)
        .some((one) => !one.internal && isActive(one) && one.recipients.some((other) => other.address !== forwarded))
    );
  }

  #answer(alias: AliasFacts, recipient: Recipient): string {
    const { mailboxId, address } = recipient;
    if (mailboxId === null || address !== alias.address || !isBeyondAscii(address)) return address;
    const { local, domain } = halves(address);
    const name = `{${mailboxId}}${domain}`;
    const mailbox = this.#facts.mailbox(address);
    if (mailbox !== undefined && isBeyondAscii(local)) this.#deliveryNames.set(name, mailbox);
    return name;
  }
}

const isActive = (alias: AliasFacts): boolean => alias.enabled && !alias.isExpired;

// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with them
export const isBeyondAscii = (text: string): boolean => /[^\u0000-\u007f]/.test(text);
