import type { Actor } from './actor.js';
import type { Data } from './data.js';
import type { Shape, Values } from './field.js';
import type { HookKind, HookRef, Outcome } from './hook.js';
import type { ParameterRef } from './parameters.js';
import type { ServiceRef } from './service.js';
import type { Contributed, SlotRef } from './slot.js';

/**
 * Structured log, one JSON line each; the extension's and the request's id are added, secrets removed.
 * @public @since 1.0.0
 */
export interface Log {
  /** Written where the log's level is `debug` only. */
  debug(fields: object, message: string): void;
  /** What happened. */
  info(fields: object, message: string): void;
  /** What somebody should look at one day. */
  warn(fields: object, message: string): void;
  /** What failed. Give an error as `err`. */
  error(fields: object, message: string): void;
}

/**
 * What an extension reaches the host through: its services, jobs, commands and listeners get one.
 * @public @since 1.0.0
 */
export interface ExtensionContext {
  /** The extension this context belongs to. */
  readonly extension: string;
  /** The database. */
  readonly data: Data;
  /** The log, in this extension's name. */
  readonly log: Log;
  /** The time; tests replace it. */
  now(): Date;
  /** The service behind a reference. Throws where nobody provides it: use it for what `requires` names. */
  get<T>(ref: ServiceRef<T>): T;
  /** The service behind a reference, or undefined where its extension is not enabled. */
  find<T>(ref: ServiceRef<T>): T | undefined;
  /** All contributions to a slot, in order. */
  items<Item>(ref: SlotRef<Item>): readonly Contributed<Item>[];
  /**
   * Calls a hook. A guard that refuses throws a `refused` problem; a filter takes the first value as second argument.
   * A signal called inside `data.write` leaves after the commit; outside, it is a transaction of its own. Its event must
   * be what JSON keeps as it is, otherwise a TypeError names the place.
   */
  call<A, R>(ref: HookRef<'filter', A, R>, event: NoInfer<A>, value: NoInfer<R>): Promise<R>;
  call<K extends Exclude<HookKind, 'filter'>, A, R>(
    ref: HookRef<K, A, R>,
    event: NoInfer<A>,
  ): Promise<Outcome<HookRef<K, A, R>>>;
  /** Whether anybody listens; lets a caller skip building an event. */
  isUsed(ref: HookRef<HookKind, never, never> | { readonly id: string }): boolean;
  /**
   * The values of a parameter form, of this extension or of another whose reference was imported. One of level `global` is
   * one snapshot per process until it changes; one of level `user` is asked for by the account's id.
   */
  parameters<S extends Shape>(ref: ParameterRef<S, 'global'>): Promise<Values<S>>;
  parameters<S extends Shape>(ref: ParameterRef<S, 'user'>, account: number): Promise<Values<S>>;
  /** The actor for work that nobody asked for: jobs, start-up. Holds every permission. */
  readonly system: Actor;
}
