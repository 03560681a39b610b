/** What services hand out: plain frozen data under the API's names. Moments are ISO 8601 in UTC, sizes megabytes. */
import type { DomainType } from './domain.js';

export interface DomainView {
  readonly pk: number;
  readonly name: string;
  /** Megabytes that the mailboxes share; 0 means without limit. */
  readonly quota: number;
  readonly default_mailbox_quota: number;
  readonly enabled: boolean;
  readonly type: DomainType;
  readonly enable_dns_checks: boolean;
  readonly enable_dkim: boolean;
  readonly dkim_key_selector: string;
  readonly dkim_key_length: number | null;
  readonly dkim_public_key: string;
  readonly dkim_private_key_path: string;
  readonly domainalias_count: number;
  readonly mailbox_count: number;
  /** Aliases, without the ones that Posthorn keeps for itself. */
  readonly mbalias_count: number;
  readonly identities_count: number;
  /** Sum of the mailboxes' quotas; 0 where the domain has no quota. */
  readonly allocated_quota: number;
  readonly allocated_quota_in_percent: number;
  /** What the mailboxes use; 0 where the domain has no quota, null in lists that did not ask for it. */
  readonly used_quota: number | null;
  readonly used_quota_in_percent: number | null;
  readonly creation: string;
  readonly last_modification: string;
}

export interface DomainAliasView {
  readonly pk: number;
  readonly name: string;
  /** The target domain's `pk`. */
  readonly target: number;
  readonly target_name: string;
  readonly enabled: boolean;
  readonly creation: string;
  readonly last_modification: string;
}

export interface MailboxView {
  readonly pk: number;
  readonly full_address: string;
  readonly use_domain_quota: boolean;
  /** Megabytes; 0 means without limit. */
  readonly quota: number;
  readonly refuses_mail: boolean;
}

/** An account that was made together with others. */
export interface MadeAccount {
  readonly pk: number;
  readonly username: string;
}

export interface AccountView {
  readonly pk: number;
  readonly username: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly email: string;
  readonly role: string;
  readonly is_active: boolean;
  readonly master_user: boolean;
  readonly language: string;
  readonly phone_number: string | null;
  readonly secondary_email: string | null;
  readonly date_joined: string;
  readonly last_login: string | null;
  readonly mailbox: MailboxView | null;
  /** Names of the domains that the account administers. */
  readonly domains: readonly string[];
  /** As Dovecot counted them; 0 without a mailbox. */
  readonly quota_used_bytes: number;
  readonly quota_used_messages: number;
}

export interface AliasView {
  readonly pk: number;
  readonly address: string;
  /** Null only for the catch-all of a domain alias. */
  readonly domain: string | null;
  readonly enabled: boolean;
  readonly internal: boolean;
  readonly description: string;
  readonly expire_at: string | null;
  /** Sorted. */
  readonly recipients: readonly string[];
  readonly creation: string;
  readonly last_modification: string;
}

export interface SenderAddressView {
  readonly pk: number;
  readonly address: string;
  /** The mailbox's `pk`. */
  readonly mailbox: number;
  readonly mailbox_address: string;
}
