/** Where an address leads: the steps that Postfix takes with our tables, as data. */
import { type Contribution, contribute, type ExtensionContext, slot, type Text } from '@posthorn/sdk';
import type { DomainType } from './domain.js';
import type { DomainRef } from './hooks.js';

/**
 * What an address is. `forward` is an alias where there is also a mailbox, `elsewhere` what another extension delivers,
 * `external` an address of a domain that is not ours, `unknown` one of ours that nobody has, and `outside` one of ours
 * that the actor does not manage: nothing else is said about it.
 */
export type StepKind =
  | 'domain-alias'
  | 'alias'
  | 'forward'
  | 'catch-all'
  | 'mailbox'
  | 'elsewhere'
  | 'external'
  | 'unknown'
  | 'outside';

/**
 * What is worth knowing about a step.
 *
 * - `loop`: mail comes back to an address that it has passed; Postfix puts off all of it.
 * - `too-deep`, `too-many`: Postfix gives up, and puts off all of it.
 * - `black-hole`: every way from here ends without a recipient.
 * - `repeated`: where it leads is shown at an earlier step.
 * - `disabled`, `expired`: the address has an alias that does not count for this reason; `subject` is that alias where
 *   nothing else answers.
 * - `domain-unknown`, `domain-disabled`, `domain-alias-disabled`: Postfix takes no mail for it.
 * - `no-route`: the domain's mail goes to another server, and nobody says to which.
 * - `unanswered`: an extension that was asked where it goes has failed.
 * - `account-disabled`: nobody can sign in; mail is delivered all the same.
 * - `mail-refused`: the mailbox is closed for new mail.
 * - `pending`: the mailbox is being moved; mail that reaches it is put off with 450.
 * - `not-ascii`: the part before the @ needs SMTPUTF8, or a delivery name.
 * - `extension`: what follows the plus sign was passed over to find it.
 */
export type StepMark =
  | 'loop'
  | 'too-deep'
  | 'too-many'
  | 'black-hole'
  | 'repeated'
  | 'disabled'
  | 'expired'
  | 'domain-unknown'
  | 'domain-disabled'
  | 'domain-alias-disabled'
  | 'no-route'
  | 'unanswered'
  | 'mail-refused'
  | 'account-disabled'
  | 'pending'
  | 'not-ascii'
  | 'extension';

export interface ResolutionStep {
  /** Its place in the list, from 0. */
  readonly id: number;
  /** The step that leads here; null for the first. */
  readonly from: number | null;
  readonly depth: number;
  readonly kind: StepKind;
  readonly address: string;
  readonly marks: readonly StepMark[];
  /** The object behind it, where the actor may see it. An account is the one that a mailbox belongs to. */
  readonly subject: { readonly kind: 'account' | 'alias' | 'domain-alias'; readonly pk: number } | null;
  /** Of `elsewhere`: what the extension says. */
  readonly text: Text | null;
  /** Of `mailbox`: the recipient that Dovecot gets, where it is not the address. */
  readonly delivery: string | null;
}

/**
 * `delivered`: at least one recipient gets it. `deferred`: it waits, for a mailbox that is being moved or because
 * Postfix gives up. `refused`: Postfix does not take it. `nowhere`: it is taken, and no recipient is there.
 */
export type Outcome = 'delivered' | 'deferred' | 'refused' | 'nowhere';

export interface Resolution {
  readonly address: string;
  readonly outcome: Outcome;
  /** The waiting has an end: a mailbox is being moved. Everything else that is put off never arrives. */
  readonly isTemporary: boolean;
  /** Who gets the mail in the end, each once, sorted; with those `outside`. */
  readonly recipients: readonly string[];
  /** Each after the step that leads to it, and after everything that an earlier recipient of that step leads to. */
  readonly steps: readonly ResolutionStep[];
}

/** A last address in one of our domains, or in one that nobody here knows. */
export interface LastAddress {
  readonly address: string;
  readonly domain: (DomainRef & { readonly type: DomainType }) | null;
}

export interface AddressResolver {
  readonly id: string;
  /**
   * Says of addresses at the end of a way where they are delivered instead, such as `relayed to mail.example.org:25`;
   * undefined where it is none of this extension's business. One call for all of a question, with as few statements as
   * can be.
   */
  resolve(addresses: readonly LastAddress[], context: ExtensionContext): Promise<readonly (Text | undefined)[]>;
}

/** Extensions that route mail. The first answer counts. */
export const addressResolvers = slot<AddressResolver>('admin.resolvers@1');

export const addressResolver = (resolver: AddressResolver, o: { readonly order?: number } = {}): Contribution =>
  contribute<AddressResolver>(addressResolvers, resolver, o);
