/**
 * Relay domains behind every door. Each method takes the actor first and refuses what the actor may not do. A relay domain
 * is a domain of `admin`: what holds for domains there (names, reach, limits) holds for it.
 */
import type { Key, Page } from '@posthorn/admin/contract';
import { type Actor, service } from '@posthorn/sdk';

export interface RelayDomainView {
  /** The domain's. */
  readonly pk: number;
  readonly name: string;
  readonly enabled: boolean;
  /** Null where nobody said yet where its mail goes: then none is handed on. */
  readonly target_host: string | null;
  readonly target_port: number | null;
  readonly verify_recipients: boolean;
  /** The transport's number; null without a target, as are the service and the next hop, which are Postfix's. */
  readonly transport_pk: number | null;
  readonly service: string | null;
  readonly next_hop: string | null;
  /** Mailboxes here; mail for them is not handed on. */
  readonly mailbox_count: number;
  readonly domainalias_count: number;
  readonly enable_dkim: boolean;
  readonly dkim_key_selector: string;
  readonly dkim_public_key: string;
}

export interface RelayTarget {
  /** A host name or an address, without brackets. */
  readonly target_host: string;
  /** Default: 25. */
  readonly target_port?: number;
  /** Ask the server before mail is taken. Default: false. */
  readonly verify_recipients?: boolean;
}

export interface NewRelayDomain extends RelayTarget {
  readonly name: string;
  readonly enabled?: boolean;
  /** Names of domain aliases to create with it. */
  readonly aliases?: readonly string[];
  readonly enable_dkim?: boolean;
  readonly dkim_key_selector?: string;
}
export type RelayDomainChange = Partial<NewRelayDomain>;

export interface RelayDomainFilter extends Page {
  /** Part of the name. */
  readonly search?: string;
  readonly enabled?: boolean;
}

/** The key is the domain's `pk` or name. */
export interface RelayDomains {
  /** By name. */
  list(actor: Actor, filter?: RelayDomainFilter): AsyncIterable<RelayDomainView>;
  show(actor: Actor, key: Key): Promise<RelayDomainView>;
  create(actor: Actor, input: NewRelayDomain): Promise<RelayDomainView>;
  update(actor: Actor, key: Key, change: RelayDomainChange): Promise<RelayDomainView>;
  remove(actor: Actor, key: Key): Promise<void>;
  /** Says where the mail of a domain goes that is a relay domain already. What is left out becomes the default. */
  setTarget(actor: Actor, key: Key, target: RelayTarget): Promise<void>;
}
export const relayDomains = service<RelayDomains>('relaydomains.relay-domains@1');
