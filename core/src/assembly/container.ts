import 'reflect-metadata'; // tsyringe refuses to load without it
import { Problem, type ReferenceId, type ServiceRef } from '@posthorn/sdk';
import { type DependencyContainer, instanceCachingFactory, container as root } from 'tsyringe';

/**
 * Services of one generation: a container of its own, with one child per extension. An extension registers only in its
 * child; what it provides stands in the generation's container as a cached factory that closes over that child, because
 * a parent's singleton first resolved through a child would capture that child's dependencies for everyone.
 */
export class ServiceContainers {
  readonly #generation: DependencyContainer = root.createChildContainer();
  readonly #owners = new Map<string, string>();
  readonly #resolving: string[] = [];

  /** Registers what one extension provides. Throws where two provide the same reference. */
  provide(extension: string, id: ReferenceId, make: () => unknown): void {
    const owner = this.#owners.get(id);
    if (owner !== undefined) throw new Error(`${owner} and ${extension} both provide ${id}`);
    this.#owners.set(id, extension);
    const child = this.#generation.createChildContainer();
    child.register(id, { useFactory: instanceCachingFactory(() => this.#guarded(id, make)) });
    this.#generation.register(id, { useFactory: instanceCachingFactory(() => child.resolve(id)) });
  }

  has(ref: { readonly id: string }): boolean {
    return this.#owners.has(ref.id);
  }

  resolve<T>(ref: ServiceRef<T>, missing: () => Problem): T {
    if (!this.#owners.has(ref.id)) throw missing();
    return this.#generation.resolve<T>(ref.id);
  }

  /** A circle of factories would otherwise end as a stack overflow without a name in it. */
  #guarded(id: string, make: () => unknown): unknown {
    if (this.#resolving.includes(id))
      throw new Error(`services need each other in a circle: ${[...this.#resolving, id].join(' → ')}`);
    this.#resolving.push(id);
    try {
      return make();
    } finally {
      this.#resolving.pop();
    }
  }
}
