/** Services: objects with methods that one extension offers and others resolve by reference. */
import type { ExtensionContext } from './context.js';
import type { Deprecation } from './deprecation.js';
import type { ReferenceId } from './hook.js';

/** Names a service and types its object. Two references with one id are the same service. @public @since 1.0.0 */
export interface ServiceRef<T> {
  /** What it is known by. */
  readonly id: ReferenceId;
  /** Put there by `deprecated`. */
  readonly deprecated?: Deprecation;
  /** Phantom, invariant. */
  readonly '~type'?: (t: T) => T;
}

/** Makes the reference of a service. Its owner exports it with the interface `T`. @public @since 1.0.0 */
export const service = <T>(id: ReferenceId): ServiceRef<T> => Object.freeze({ id });

/**
 * A factory bound to a service reference, ready for `defineExtension({ services })`. Called once per generation, on
 * first use.
 * @public @since 1.0.0
 */
export interface Provision {
  /** What is offered. */
  readonly ref: ServiceRef<never>;
  /** Makes it. */
  readonly make: (context: ExtensionContext) => unknown;
}

/** Offers a service under a reference, ready for `defineExtension({ services })`. @public @since 1.0.0 */
export const provide = <T>(ref: ServiceRef<T>, make: (context: ExtensionContext) => NoInfer<T>): Provision =>
  Object.freeze({ ref: ref as never, make });
