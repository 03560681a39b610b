import type { Addition, EntityLike, ExtensionDefinition, Migration } from '@posthorn/sdk';
import { HookTable, type HookWatch } from '../hooks/hooks.js';
import { SlotRegistry } from '../slots/registry.js';
import { ExtensionError, enterFrame, frameOf, type Report } from '../watch/attribution.js';
import { board } from '../watch/frame-board.js';
import type { DeprecatedUse } from '../watch/spots.js';
import { Bridges } from './bridges.js';
import { ServiceContainers } from './container.js';
import { type Arrangement, Context } from './context.js';
import { Deprecations } from './deprecations.js';

/** The part of an arrangement that the kernel brings; the generation adds the rest. */
export type Ground = Omit<Arrangement, 'hooks' | 'slots' | 'services' | 'deprecations'>;

export interface GenerationWatch extends HookWatch {
  /** An extension uses something deprecated; told once for each thing. */
  readonly onDeprecated?: (use: DeprecatedUse) => void;
}

/**
 * One immutable arrangement of the enabled extensions: built once at the start of a process and never changed. Another
 * set of extensions is another process.
 */
export class Generation implements AsyncDisposable {
  readonly hooks: HookTable;
  readonly slots = new SlotRegistry();
  readonly services = new ServiceContainers();
  readonly #contexts = new Map<string, Context>();
  readonly #running: { readonly extension: string; readonly handle: AsyncDisposable }[] = [];

  /** `order` comes from `resolve`. Building has no effect outside: it opens and starts nothing. */
  constructor(
    readonly order: readonly ExtensionDefinition[],
    ground: Ground,
    report: Report,
    watch: GenerationWatch = {},
  ) {
    this.hooks = new HookTable(report, watch);
    const { hooks, slots, services } = this;
    const bridges = new Bridges(order, report);
    const deprecations = new Deprecations(order, watch.onDeprecated ?? (() => {}));
    const arrangement: Arrangement = { ...ground, hooks, slots, services, deprecations };
    for (const d of order) {
      const context = new Context(arrangement, d.id);
      this.#contexts.set(d.id, context);
      const before = board.swap(board.numberOf(d.id, 'assembly'));
      try {
        for (const tap of d.taps ?? []) {
          hooks.add(d.id, tap, context);
          for (const { into, run } of bridges.taps(tap)) hooks.add(d.id, { ...tap, run }, context, into);
        }
        for (const contribution of d.contributes ?? []) {
          slots.add(d.id, contribution);
          for (const bridged of bridges.contributions(contribution)) slots.add(d.id, bridged);
        }
        for (const p of d.services ?? []) services.provide(d.id, p.ref.id, () => p.make(context));
        deprecations.definition(d);
      } catch (error) {
        throw new ExtensionError(d.id, 'assembly', error);
      } finally {
        board.swap(before);
      }
    }
    hooks.freeze();
    slots.freeze();
  }

  /** The context of an enabled extension. */
  context(extension: string): Context {
    const context = this.#contexts.get(extension);
    if (context === undefined) throw new Error(`${extension} is not part of this generation`);
    return context;
  }

  has(extension: string): boolean {
    return this.#contexts.has(extension);
  }

  /** Runs every extension's `start` in dependency order. If one fails, those already started are disposed. */
  async start(): Promise<void> {
    for (const d of this.order) {
      try {
        const handle = await enterFrame(frameOf(d.id, 'start'), () => d.start?.(this.context(d.id)));
        if (handle !== undefined) this.#running.unshift({ extension: d.id, handle });
      } catch (error) {
        await this[Symbol.asyncDispose]();
        throw new ExtensionError(d.id, 'start', error);
      }
    }
  }

  /** Stops in reverse order; one that fails to stop does not keep the others running. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (const { extension, handle } of this.#running.splice(0)) {
      try {
        await enterFrame(frameOf(extension, 'stop'), () => handle[Symbol.asyncDispose]());
      } catch (error) {
        failures.push(new ExtensionError(extension, 'stop', error));
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'some extensions did not stop');
  }
}

/** Everything of the database that a set of extensions brings, in dependency order. */
export function schemaOf(order: readonly ExtensionDefinition[]): {
  readonly entities: readonly EntityLike[];
  readonly additions: readonly Addition[];
  readonly migrations: readonly Migration[];
} {
  return {
    entities: order.flatMap((d) => d.entities ?? []),
    additions: order.flatMap((d) => d.extend ?? []),
    migrations: order.flatMap((d) => d.migrations ?? []),
  };
}
