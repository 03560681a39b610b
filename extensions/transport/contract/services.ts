/**
 * The services behind every door. Each method takes the actor first, refuses what the actor may not do, and answers with
 * views. What is outside the actor's reach is not found.
 */
import type { DomainRef, Key, Page } from '@posthorn/admin/contract';
import { type Actor, service } from '@posthorn/sdk';

export interface TransportView {
  readonly pk: number;
  /** `example.org`, `.example.org`, `user@example.org`, or `@example.org` for what is sent from there. */
  readonly pattern: string;
  /** A service of `master.cf`. */
  readonly service: string;
  /** As Postfix gets it behind the service and a colon. */
  readonly next_hop: string;
  /** Those of the service, without its secrets; empty where nobody knows the service. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** The domain of ours that the pattern belongs to. */
  readonly domain: DomainRef | null;
}

export interface TransportFilter extends Page {
  /** Part of the pattern or of the next hop. */
  readonly search?: string;
  readonly service?: string;
}

export interface TransportInput {
  readonly pattern: string;
  readonly service: string;
  /** Those of the service. Secrets that are absent stay as they are while the service stays. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** For a service that nobody knows. */
  readonly next_hop?: string;
}
export type TransportChange = Partial<TransportInput>;

/** The key is the transport's `pk` or pattern. */
export interface Transports {
  /** By pattern. */
  list(actor: Actor, filter?: TransportFilter): AsyncIterable<TransportView>;
  show(actor: Actor, key: Key): Promise<TransportView>;
  create(actor: Actor, input: TransportInput): Promise<TransportView>;
  update(actor: Actor, key: Key, change: TransportChange): Promise<TransportView>;
  remove(actor: Actor, key: Key): Promise<void>;
}
export const transports = service<Transports>('transport.transports@1');

/** How the mail of a domain is handed on. */
export interface Route {
  readonly service: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * The transports of whole domains of ours, for extensions that route mail. They ask nothing about rights: whoever calls
 * has made sure that the actor may change the domain.
 */
export interface Routes {
  /** By the domain's number: one statement, or one for each thousand domains. */
  of(domains: readonly number[]): Promise<ReadonlyMap<number, TransportView>>;
  /** Inside a `write`. Replaces what there was. */
  set(actor: Actor, domain: DomainRef, route: Route): Promise<TransportView>;
  /** Inside a `write`. */
  clear(domain: DomainRef): Promise<void>;
  /** Whether mail handed to this host and port would come back to this machine. */
  leadsBack(host: string, port: number): boolean;
}
export const routes = service<Routes>('transport.routes@1');
