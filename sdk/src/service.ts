/** Services: objects with methods that one extension offers and others resolve by reference. */
import type { ExtensionContext } from './context.js';
import type { ReferenceId } from './hook.js';

export interface ServiceRef<T> {
  readonly id: ReferenceId;
  /** Phantom, invariant. */
  readonly '~type'?: (t: T) => T;
}

export const service = <T>(id: ReferenceId): ServiceRef<T> => Object.freeze({ id });

/** A factory bound to a service reference, ready for `defineExtension({ services })`. Called once per generation, on first use. */
export interface Provision {
  readonly ref: ServiceRef<never>;
  readonly make: (context: ExtensionContext) => unknown;
}

export const provide = <T>(ref: ServiceRef<T>, make: (context: ExtensionContext) => NoInfer<T>): Provision =>
  Object.freeze({ ref: ref as never, make });
