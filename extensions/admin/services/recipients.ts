import type { ExtensionContext } from '@posthorn/sdk';
import { type Address, parseAddress, splitExtension } from '../addresses.js';
import { externalRecipient } from '../contract/hooks.js';
import { problem } from '../problems.js';
import { type DomainFacts, DomainFinder } from './domain-finder.js';
import { asNumber, asText, textIn } from './sql.js';
import { Complaints } from './values.js';

/** A recipient as it will be stored: the address as it was given, and what it means here. */
export interface Recipient {
  readonly address: string;
  readonly mailboxId: number | null;
  readonly aliasId: number | null;
}

export const RECIPIENTS_MAX = 5_000;

/** Recipients in their stored form, each once. At least one. */
export function parseRecipients(recipients: readonly string[]): readonly Address[] {
  const complaints = new Complaints();
  complaints.texts('recipients', recipients, RECIPIENTS_MAX);
  complaints.raise();
  const parsed = recipients.map((text) =>
    parseAddress(text, { field: 'recipients', isForeign: true, allowEmptyLocal: true }),
  );
  if (parsed.length === 0) throw problem('E_ADMIN_RECIPIENTS', {}, { field: 'recipients' });
  return [...new Map(parsed.map((address) => [address.address, address])).values()];
}

/**
 * Says what recipients mean. Foreign ones are taken as they are. Those in our domains must be a mailbox or an alias,
 * looked for without their extension, because Postfix finds them that way; in a relay domain, or where another
 * extension says so, others are delivered elsewhere.
 */
export class Recipients {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  /** `owner` is the alias's own address. */
  async resolve(owner: string, addresses: readonly Address[]): Promise<readonly Recipient[]> {
    const domains = await new DomainFinder(this.#context).findMany(new Set(addresses.map((a) => a.domain)));
    const isLocal = (a: Address): boolean => a.local !== '' && domains.has(a.domain);
    const local = addresses.filter(isLocal);
    const mailboxes = await this.#mailboxes(local, domains);
    const aliases = await this.#aliases(local, domains);
    const resolved: Recipient[] = [];
    for (const address of addresses) {
      const domain = domains.get(address.domain);
      // The same domain may have been written in its ASCII form.
      const full = domain === undefined ? address.address : `${address.local}@${domain.name}`;
      if (domain === undefined || address.local === '') {
        if (full === owner) throw loop([owner, full]);
        resolved.push({ address: full, mailboxId: null, aliasId: null });
        continue;
      }
      const names = namesOf(address.local, domain);
      const mailbox = names.find((name) => mailboxes.has(name));
      const alias = names.find((name) => aliases.has(name));
      if (full !== owner && (mailbox ?? alias) === owner) throw loop([owner, full, owner]);
      if (mailbox !== undefined)
        resolved.push({ address: full, mailboxId: mailboxes.get(mailbox) ?? null, aliasId: null });
      else if (full === owner) throw loop([owner, full]);
      else if (alias !== undefined)
        resolved.push({ address: full, mailboxId: null, aliasId: aliases.get(alias) ?? null });
      else if (await this.#isElsewhere(full, domain)) resolved.push({ address: full, mailboxId: null, aliasId: null });
      else throw problem('E_ADMIN_RECIPIENT_NOT_FOUND', { address: full }, { field: 'recipients' });
    }
    return [...new Map(resolved.map((recipient) => [recipient.address, recipient])).values()];
  }

  async #isElsewhere(address: string, domain: DomainFacts): Promise<boolean> {
    if (domain.type === 'relaydomain') return true;
    const { id: pk, name, type } = domain;
    return (await this.#context.call(externalRecipient, { address, domain: { pk, name, type } })) === true;
  }

  /** Full addresses of mailboxes → their ids. */
  async #mailboxes(
    local: readonly Address[],
    domains: ReadonlyMap<string, DomainFacts>,
  ): Promise<ReadonlyMap<string, number>> {
    if (local.length === 0) return new Map();
    const byDomain = Map.groupBy(local, (address) => domains.get(address.domain) as DomainFacts);
    const parts = [...byDomain].map(([domain, addresses]) => {
      const names = [...new Set(addresses.flatMap(({ local: name }) => [name, splitExtension(name).name]))];
      const among = textIn('m.address', names);
      return { sql: `(m.domain_id = ? and ${among.sql})`, params: [domain.id, ...among.params] };
    });
    const rows = await this.#context.data.execute(
      `select m.id, m.address || '@' || d.name as address from admin_mailbox m inner join admin_domain d on d.id = m.domain_id
       where ${parts.map((part) => part.sql).join(' or ')}`,
      parts.flatMap((part) => part.params),
    );
    return new Map(rows.map((row) => [asText(row.address), asNumber(row.id)]));
  }

  async #aliases(
    local: readonly Address[],
    domains: ReadonlyMap<string, DomainFacts>,
  ): Promise<ReadonlyMap<string, number>> {
    if (local.length === 0) return new Map();
    const names = local.flatMap(({ local: name, domain }) => namesOf(name, domains.get(domain) as DomainFacts));
    const among = textIn('address', [...new Set(names)]);
    const rows = await this.#context.data.execute(
      `select id, address from admin_alias where internal = false and ${among.sql}`,
      among.params,
    );
    return new Map(rows.map((row) => [asText(row.address), asNumber(row.id)]));
  }
}

/** What Postfix looks for, the more exact first. */
const namesOf = (local: string, domain: DomainFacts): readonly string[] => [
  `${local}@${domain.name}`,
  `${splitExtension(local).name}@${domain.name}`,
];

export const loop = (path: readonly string[]) =>
  problem('E_ADMIN_ALIAS_LOOP', { path: path.slice(0, 10).join(' → ') }, { field: 'recipients' });
