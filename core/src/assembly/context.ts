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
import type { AttributedDenial } from '../hooks/call-loops.js';
import type { HookTable } from '../hooks/hooks.js';
import type { SlotRegistry } from '../slots/registry.js';
import type { ServiceContainers } from './container.js';
import type { Deprecations } from './deprecations.js';

/** What every context of a generation shares. */
export interface Arrangement {
  readonly data: Data;
  readonly hooks: HookTable;
  readonly slots: SlotRegistry;
  readonly services: ServiceContainers;
  readonly deprecations: Deprecations;
  readonly log: Log;
  readonly system: Actor;
  readonly clock: () => Date;
  readonly parameters: <S extends Shape>(ref: ParameterRef<S>, account?: number) => Promise<Values<S>>;
  /** Checks the event of a signal and stores it where somebody listens, to be delivered after the commit. */
  readonly raise: (ref: HookRef<'signal', unknown, unknown>, extension: string, event: unknown) => Promise<void>;
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
    this.arrangement.deprecations.used(this.extension, ref);
    return this.arrangement.services.resolve(ref, () =>
      problem('E_SERVICE_MISSING', { extension: this.extension, id: ref.id }),
    );
  }
  find<T>(ref: ServiceRef<T>): T | undefined {
    return this.arrangement.services.has(ref) ? this.get(ref) : undefined;
  }

  items<Item>(ref: SlotRef<Item>): readonly Contributed<Item>[] {
    this.arrangement.deprecations.used(this.extension, ref);
    return this.arrangement.slots.items(ref.id) as readonly Contributed<Item>[];
  }

  isUsed(ref: { readonly id: string }): boolean {
    return this.arrangement.hooks.isUsed(ref.id);
  }

  parameters<S extends Shape>(ref: ParameterRef<S>, account?: number): Promise<Values<S>> {
    return this.arrangement.parameters(ref, account);
  }

  call<A, R>(ref: HookRef<'filter', A, R>, event: NoInfer<A>, value: NoInfer<R>): Promise<R>;
  call<K extends Exclude<HookKind, 'filter'>, A, R>(
    ref: HookRef<K, A, R>,
    event: NoInfer<A>,
  ): Promise<Outcome<HookRef<K, A, R>>>;
  async call(ref: HookRef<HookKind, unknown, unknown>, event: unknown, value?: unknown): Promise<unknown> {
    this.arrangement.deprecations.used(this.extension, ref);
    const run = this.arrangement.hooks.find(ref.id);
    switch (ref.kind) {
      case 'signal':
        return this.arrangement.raise(ref as HookRef<'signal', unknown, unknown>, this.extension, event);
      case 'guard': {
        const denial = (await run?.(event)) as AttributedDenial | undefined;
        if (denial === undefined) return undefined;
        const told = refusal(denial);
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

function refusal(denial: AttributedDenial): Problem {
  const t = messages('host');
  if (denial.failure !== undefined) {
    return problem('E_EXTENSION_FAILED', { extension: denial.from }, { cause: denial.failure });
  }
  const text = typeof denial.deny === 'string' ? t('{{reason}}', { reason: denial.deny }) : denial.deny;
  const code = denial.code?.startsWith('E_') ? (denial.code as `E_${string}`) : 'E_REFUSED';
  return new Problem(
    code,
    denial.kind ?? 'refused',
    text,
    t('The extension {{extension}} refused this.', { extension: denial.from }),
    {
      cause: new Error(`${denial.from}: ${plainText(denial.deny)}`),
      ...(denial.field === undefined ? {} : { field: denial.field }),
      ...(denial.isFull === undefined ? {} : { isFull: denial.isFull }),
    },
  );
}
