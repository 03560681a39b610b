/** What services take. Absent means: the default on creation, unchanged on an update. */
import type { DomainType } from './domain.js';

/** An object by its `pk` or by its natural name: domain name, username, address. */
export type Key = number | string;

/**
 * A page of a list: at most `limit` rows whose sort key comes after `after`. Without either, everything streams.
 * `sort` names a field of the views that the list can be sorted by, with `-` before it for the last first; `after` is then
 * `sortKey` of the row before.
 */
export interface Page {
  readonly after?: string;
  readonly limit?: number;
  readonly sort?: string;
}

export interface DomainFilter extends Page {
  /** Part of the name. */
  readonly search?: string;
  readonly enabled?: boolean;
  readonly type?: DomainType;
  /** Also counts what the mailboxes use: one lookup for each mailbox. Default: false. */
  readonly usage?: boolean;
}

/** What the filter `admin.domain-query@1` may narrow further. */
export interface DomainQuery extends DomainFilter {
  /** Only these domains, among those that the actor reaches anyway. */
  readonly ids?: readonly number[];
}

export interface NewDomain {
  readonly name: string;
  readonly type?: DomainType;
  /** Default: the parameter `default_domain_quota`. */
  readonly quota?: number;
  /** Default: the parameter `default_mailbox_quota`, never more than the quota. */
  readonly default_mailbox_quota?: number;
  readonly enabled?: boolean;
  readonly enable_dns_checks?: boolean;
  readonly enable_dkim?: boolean;
  readonly dkim_key_selector?: string;
  readonly dkim_key_length?: number | null;
  /** Names of domain aliases to create with it. */
  readonly aliases?: readonly string[];
}
/** With `aliases`, the domain aliases afterwards are exactly these. */
export type DomainChange = Partial<NewDomain>;

export interface DomainAliasFilter extends Page {
  /** The target. */
  readonly domain?: Key;
  readonly search?: string;
}
export interface NewDomainAlias {
  readonly name: string;
  readonly target: Key;
  /** Default: as the target. */
  readonly enabled?: boolean;
}
export type DomainAliasChange = Partial<NewDomainAlias>;

export interface MailboxInput {
  /** Default: the username. */
  readonly full_address?: string;
  /** Megabytes. Given without `use_domain_quota`, the mailbox leaves the domain's default. */
  readonly quota?: number | null;
  readonly use_domain_quota?: boolean;
  /** Closes it for new mail. Default: false. A disabled account alone still gets its mail. */
  readonly refuses_mail?: boolean;
}

export interface AccountFilter extends Page {
  /** Accounts with a mailbox in this domain. */
  readonly domain?: Key;
  readonly role?: string;
  readonly is_active?: boolean;
  /** Part of the username, first or last name. */
  readonly search?: string;
  /** Exactly this address. */
  readonly email?: string;
}

export interface NewAccountInput {
  readonly username: string;
  /** Default: `SimpleUsers`. */
  readonly role?: string;
  /** Clear text. Exactly one of `password` and `passwordHash`. */
  readonly password?: string;
  /** `{SCHEME}value`, taken over as it is. */
  readonly passwordHash?: string;
  readonly first_name?: string;
  readonly last_name?: string;
  readonly is_active?: boolean;
  readonly master_user?: boolean;
  readonly language?: string;
  readonly phone_number?: string | null;
  readonly secondary_email?: string | null;
  /** Absent: SimpleUsers get one, others do not. `{}` is a mailbox on the domain's default quota, `null` none. */
  readonly mailbox?: MailboxInput | null;
  /** Names of domains to administer; only for roles that administer. */
  readonly domains?: readonly string[];
  /** More addresses that lead to the mailbox. */
  readonly aliases?: readonly string[];
  /** More envelope senders. */
  readonly senderaddresses?: readonly string[];
}

export interface AccountUpdate extends Partial<Omit<NewAccountInput, 'aliases' | 'senderaddresses'>> {
  /** On a rename, whether the old address stays as an alias. Default: the parameter `create_alias_on_mbox_rename`. */
  readonly create_alias_with_old_address?: boolean;
}

/** What many accounts can be changed to at once. */
export interface SharedAccountChange {
  readonly is_active?: boolean;
  /** Megabytes of a mailbox that is there; it leaves the domain's default. */
  readonly quota?: number;
}

export interface RemoveOptions {
  /** Leaves directories alone. */
  readonly keepdir?: boolean;
}

export interface AliasFilter extends Page {
  readonly domain?: Key;
  readonly enabled?: boolean;
  /** Part of the address. */
  readonly search?: string;
  /** Aliases that send to this address. */
  readonly recipient?: string;
  /** Also those that Posthorn keeps for itself. */
  readonly internal?: boolean;
}
export interface NewAlias {
  /** `local@domain`; `@domain` and `*@domain` are the domain's catch-all. */
  readonly address: string;
  readonly recipients: readonly string[];
  readonly enabled?: boolean;
  readonly description?: string;
  readonly expire_at?: Date | null;
}
export type AliasChange = Partial<NewAlias>;

export interface SenderAddressFilter extends Page {
  /** The mailbox's `pk`, or its account's username or address. */
  readonly mailbox?: Key;
}
export interface NewSenderAddress {
  readonly address: string;
  readonly mailbox: Key;
}
export type SenderAddressChange = Partial<NewSenderAddress>;
