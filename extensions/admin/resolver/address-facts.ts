import type { ExtensionContext } from '@posthorn/sdk';
import type { DomainType } from '../contract/domain.js';
import type { AccountFacts } from '../policy/scope.js';
import { asBoolean, asMomentOrNull, asNumber, asNumberOrNull, asText, idIn, textIn } from '../services/sql.js';
import { halves, lookupKeys } from './lookup-keys.js';

/** Ways that are longer are not followed; the service that makes aliases refuses much shorter ones. */
const DEPTH_MAX = 100;
/** So many addresses are looked at for one question. */
const WIDTH_MAX = 10_000;

export interface DomainFacts {
  readonly id: number;
  readonly name: string;
  readonly type: DomainType;
  readonly enabled: boolean;
}

export interface DomainAliasFacts {
  readonly id: number;
  readonly enabled: boolean;
  readonly target: DomainFacts;
}

export interface MailboxFacts {
  readonly id: number;
  readonly address: string;
  readonly account: AccountFacts;
  readonly isActive: boolean;
  readonly isPending: boolean;
  readonly refusesMail: boolean;
}

/** An entry of `admin_alias`. */
export interface AliasFacts {
  readonly id: number;
  readonly address: string;
  readonly domainId: number | null;
  readonly internal: boolean;
  readonly enabled: boolean;
  readonly isExpired: boolean;
  readonly recipients: readonly { readonly address: string; readonly mailboxId: number | null }[];
}

export interface Answer {
  /** The key that answered. */
  readonly key: string;
  readonly aliases: readonly AliasFacts[];
  readonly addresses: readonly string[];
}

/** Why not every way was followed to its end. */
export type Cut = 'too-deep' | 'too-many';

/**
 * Everything that the tables hold about an address and about all that it leads to. Read level by level: four statements
 * for each step of the longest way, however many recipients there are.
 */
export class AddressFacts {
  readonly #context: ExtensionContext;
  readonly #aliases = new Map<string, AliasFacts[]>();
  readonly #domains = new Map<string, DomainFacts>();
  readonly #domainAliases = new Map<string, DomainAliasFacts>();
  readonly #mailboxes = new Map<string, MailboxFacts>();
  readonly #seen = new Set<string>();
  cut: Cut | undefined;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  aliases(key: string): readonly AliasFacts[] {
    return this.#aliases.get(key) ?? [];
  }

  /** By the address's domain, without the `@`. */
  domain(name: string): DomainFacts | undefined {
    return this.#domains.get(name);
  }

  domainAlias(name: string): DomainAliasFacts | undefined {
    return this.#domainAliases.get(name);
  }

  mailbox(address: string): MailboxFacts | undefined {
    return this.#mailboxes.get(address);
  }

  isRead(address: string): boolean {
    return this.#seen.has(address);
  }

  /** Reads what `address` leads to; `answersTo` is what Postfix gets as an answer from what was read. */
  async gather(address: string, answersTo: (address: string) => readonly string[] | undefined): Promise<void> {
    let level: readonly string[] = [address];
    for (let depth = 0; level.length > 0; depth += 1) {
      if (depth === DEPTH_MAX || this.#seen.size + level.length > WIDTH_MAX) {
        this.cut = depth === DEPTH_MAX ? 'too-deep' : 'too-many';
        return;
      }
      for (const one of level) this.#seen.add(one);
      await this.#read(level);
      level = [...new Set(level.flatMap((one) => answersTo(one) ?? []))].filter((one) => !this.#seen.has(one));
    }
  }

  async #read(addresses: readonly string[]): Promise<void> {
    const keys = [...new Set(addresses.flatMap(lookupKeys))].filter((key) => !this.#aliases.has(key));
    const names = [...new Set(addresses.map((one) => halves(one).domain.slice(1)))];
    await this.#readAliases(keys);
    await this.#readDomains(names);
    await this.#readDomainAliases(names);
    await this.#readMailboxes(keys);
  }

  async #readAliases(keys: readonly string[]): Promise<void> {
    const among = textIn('a.address', keys);
    const rows = await this.#context.data.execute(
      `select a.id, a.address, a.domain_id, a.internal, a.enabled, a.expire_at, r.address as recipient, r.r_mailbox_id
       from admin_alias a left join admin_aliasrecipient r on r.alias_id = a.id where ${among.sql} order by a.id, r.address`,
      among.params,
    );
    const now = this.#context.now().toISOString();
    for (const key of keys) this.#aliases.set(key, []);
    for (const entries of Map.groupBy(rows, (row) => asNumber(row.id)).values()) {
      const [row] = entries;
      const expireAt = asMomentOrNull(row?.expire_at);
      const address = asText(row?.address);
      this.#aliases.get(address)?.push({
        id: asNumber(row?.id),
        address,
        domainId: asNumberOrNull(row?.domain_id),
        internal: asBoolean(row?.internal),
        enabled: asBoolean(row?.enabled),
        isExpired: expireAt !== null && expireAt <= now,
        recipients: entries
          .filter((entry) => entry.recipient !== null)
          .map((entry) => ({ address: asText(entry.recipient), mailboxId: asNumberOrNull(entry.r_mailbox_id) })),
      });
    }
  }

  async #readDomains(names: readonly string[]): Promise<void> {
    const among = textIn('name', names);
    const rows = await this.#context.data.execute(
      `select id, name, type, enabled from admin_domain where ${among.sql}`,
      among.params,
    );
    for (const row of rows) this.#domains.set(asText(row.name), domainOf(row));
  }

  async #readDomainAliases(names: readonly string[]): Promise<void> {
    const among = textIn('da.name', names);
    const rows = await this.#context.data.execute(
      `select da.id as alias_id, da.name as alias_name, da.enabled as alias_enabled, d.id, d.name, d.type, d.enabled
       from admin_domainalias da inner join admin_domain d on d.id = da.target_id where ${among.sql}`,
      among.params,
    );
    for (const row of rows) {
      const facts = { id: asNumber(row.alias_id), enabled: asBoolean(row.alias_enabled), target: domainOf(row) };
      this.#domainAliases.set(asText(row.alias_name), facts);
    }
  }

  async #readMailboxes(keys: readonly string[]): Promise<void> {
    const halved = keys.map(halves);
    const ids = new Set(halved.map(({ domain }) => this.domain(domain.slice(1))?.id).filter((id) => id !== undefined));
    const domains = idIn(this.#context.data.dialect, 'm.domain_id', ids);
    const names = textIn('m.address', [...new Set(halved.map(({ local }) => local))]);
    const rows = await this.#context.data.execute(
      `select m.id, m.address || '@' || d.name as address, m.domain_id, u.id as user_id, u.role, u.is_active, m.refuses_mail,
         (select count(*) from admin_mailboxoperation o where o.mailbox_id = m.id) as operations
       from admin_mailbox m inner join admin_domain d on d.id = m.domain_id inner join core_user u on u.id = m.user_id
       where ${domains.sql} and ${names.sql}`,
      [...domains.params, ...names.params],
    );
    for (const row of rows) {
      const address = asText(row.address);
      this.#mailboxes.set(address, {
        id: asNumber(row.id),
        address,
        account: { id: asNumber(row.user_id), role: asText(row.role), domainId: asNumber(row.domain_id) },
        isActive: asBoolean(row.is_active),
        isPending: asNumber(row.operations) > 0,
        refusesMail: asBoolean(row.refuses_mail),
      });
    }
  }
}

const domainOf = (row: Readonly<Record<string, unknown>>): DomainFacts => ({
  id: asNumber(row.id),
  name: asText(row.name),
  type: asText(row.type) as DomainType,
  enabled: asBoolean(row.enabled),
});
