import {
  type Actor,
  type Contributed,
  type Data,
  type ExtensionContext,
  type HookKind,
  type HookRef,
  type Log,
  messages,
  type Outcome,
  type ParameterRef,
  Problem,
  plainText,
  type ServiceRef,
  type Shape,
  type SlotRef,
  type Values,
} from '@posthorn/sdk';
import { problem } from '../errors.js';
import { type AttributedDenial, BROKEN_GUARD } from '../hooks/call-loops.js';
import type { HookTable } from '../hooks/hooks.js';
import type { SlotRegistry } from '../slots/registry.js';
import { type Asker, askerOf } from '../watch/decision.js';
import type { ServiceContainers } from './container.js';

/** What every context of a generation shares. */
export interface Arrangement {
  readonly data: Data & { isWriting(): boolean; afterCommit(task: () => void | Promise<void>): void };
  readonly hooks: HookTable;
  readonly slots: SlotRegistry;
  readonly services: ServiceContainers;
  readonly log: Log;
  readonly system: Actor;
  readonly clock: () => Date;
  readonly parameters: <S extends Shape>(ref: ParameterRef<S>) => Promise<Values<S>>;
  /** The decision line of a refused guard: what was asked, who refused, and what the person is told. */
  readonly onRefused: (hook: string, event: unknown, denial: AttributedDenial, told: Problem) => void;
}

/** One extension's way to the host. */
export class Context implements ExtensionContext {
  constructor(
    private readonly arrangement: Arrangement,
    readonly extension: string,
  ) {}

  get data(): Data {
    return this.arrangement.data;
  }
  get log(): Log {
    return this.arrangement.log;
  }
  get system(): Actor {
    return this.arrangement.system;
  }
  now(): Date {
    return this.arrangement.clock();
  }

  get<T>(ref: ServiceRef<T>): T {
    return this.arrangement.services.resolve(ref, () =>
      problem('E_SERVICE_MISSING', { extension: this.extension, id: ref.id }),
    );
  }
  find<T>(ref: ServiceRef<T>): T | undefined {
    return this.arrangement.services.has(ref) ? this.get(ref) : undefined;
  }

  items<Item>(ref: SlotRef<Item>): readonly Contributed<Item>[] {
    return this.arrangement.slots.items(ref.id) as readonly Contributed<Item>[];
  }

  isUsed(ref: { readonly id: string }): boolean {
    return this.arrangement.hooks.isUsed(ref.id);
  }

  parameters<S extends Shape>(ref: ParameterRef<S>): Promise<Values<S>> {
    return this.arrangement.parameters(ref);
  }

  call<A, R>(ref: HookRef<'filter', A, R>, event: NoInfer<A>, value: NoInfer<R>): Promise<R>;
  call<K extends Exclude<HookKind, 'filter'>, A, R>(
    ref: HookRef<K, A, R>,
    event: NoInfer<A>,
  ): Promise<Outcome<HookRef<K, A, R>>>;
  async call(ref: HookRef<HookKind, unknown, unknown>, event: unknown, value?: unknown): Promise<unknown> {
    const run = this.arrangement.hooks.find(ref.id);
    switch (ref.kind) {
      case 'signal': {
        if (run === undefined) return undefined;
        // A signal tells what has happened, and nothing has happened before the commit.
        if (this.arrangement.data.isWriting()) this.arrangement.data.afterCommit(() => run(event) as Promise<void>);
        else await run(event);
        return undefined;
      }
      case 'guard': {
        const denial = (await run?.(event)) as AttributedDenial | undefined;
        if (denial === undefined) return undefined;
        const told = refusal(denial, askerOf(event));
        this.arrangement.onRefused(ref.id, event, denial, told);
        throw told;
      }
      case 'filter':
        return run === undefined ? value : run(event, value);
      case 'collect':
        return run === undefined ? [] : run(event);
      case 'first':
        return run?.(event);
    }
  }
}

const t = messages('host');

function refusal(denial: AttributedDenial, asker: Asker | undefined): Problem {
  const { from: extension, deny } = denial;
  const cause = new Error(`${extension}: ${plainText(deny)}`);
  if (denial.code === BROKEN_GUARD) {
    // A broken guard refuses. Whose it is helps those who can switch it off, and is nobody else's business.
    return asker?.isSuperuser === true
      ? problem('E_EXTENSION_FAILED', { extension, reason: plainText(deny) }, { cause })
      : problem('E_CHECK_FAILED', {}, { cause });
  }
  const text = typeof deny === 'string' ? t('{{reason}}', { reason: deny }) : deny;
  const code = denial.code?.startsWith('E_') ? (denial.code as `E_${string}`) : 'E_REFUSED';
  return new Problem(code, 'refused', text, t('The extension {{extension}} refused this.', { extension }), { cause });
}
