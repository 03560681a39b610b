import {
  bootKernel,
  createLog,
  dependentsOf,
  type ExtensionError,
  type InstanceConfig,
  type Kernel,
  type Logger,
  type RaisedSignal,
  settle,
} from '@posthorn/core';
import type { ExtensionDefinition, HookKind, HookRef } from '@posthorn/sdk';
import { TestClock } from './clock.js';
import { letTimePass } from './passing-time.js';
import { HookProbe, PROBE } from './probe.js';

export interface HostKernelOptions {
  /** What the kernel logs to; silent otherwise. */
  readonly kernelLog?: Logger;
  readonly clock?: () => Date;
  /** Called after each SQL statement with its text and duration in milliseconds. */
  readonly onStatement?: (sql: string, ms: number) => void;
}

/** The kernel of a test host and what survives its replacement. */
export class HostKernel implements AsyncDisposable {
  readonly sent: RaisedSignal[] = [];
  readonly reports: ExtensionError[] = [];
  readonly #probes = new Map<string, HookProbe>();
  readonly clock: TestClock;
  #kernel: Kernel | undefined;
  #enabled: readonly ExtensionDefinition[];

  constructor(
    readonly config: InstanceConfig,
    private readonly definitions: readonly ExtensionDefinition[],
    private readonly o: HostKernelOptions,
  ) {
    this.#enabled = definitions;
    this.clock = new TestClock(o.clock ?? (() => new Date()), (from, ms) => letTimePass(this.kernel, from, ms));
  }

  get kernel(): Kernel {
    if (this.#kernel === undefined) throw new Error('the host is gone');
    return this.#kernel;
  }

  async begin(): Promise<void> {
    const kernel = await this.#boot(this.definitions);
    this.#kernel = kernel;
    if (kernel.bootProblem?.kind === 'temporary') throw kernel.bootProblem;
    await kernel.migrations().up();
    for (const d of this.definitions) {
      await kernel.database.execute(
        "insert into core_extension (id, package, version, desired) values (?, ?, ?, 'enabled')",
        [d.id, d.id, d.version],
      );
    }
    await settle(kernel);
  }

  hook(ref: HookRef<HookKind, never, never>): HookProbe {
    let probe = this.#probes.get(ref.id);
    if (probe === undefined) {
      probe = new HookProbe(ref as unknown as HookRef<HookKind, unknown, unknown>);
      this.#probes.set(ref.id, probe);
      listen(this.kernel, [probe]);
    }
    return probe;
  }

  async #switchTo(wish: readonly ExtensionDefinition[], changed: ExtensionDefinition, isOn: boolean): Promise<void> {
    const next = await this.#boot(wish);
    try {
      if (isOn) await next.migrations().up();
      await next.database.write(async () => {
        const [row] = await next.database.execute('select id from core_extension where id = ?', [changed.id]);
        if (row === undefined)
          await next.database.execute('insert into core_extension (id, package, version) values (?, ?, ?)', [
            changed.id,
            changed.id,
            changed.version,
          ]);
        await next.database.execute('update core_extension set desired = ? where id = ?', [
          isOn ? 'enabled' : 'disabled',
          changed.id,
        ]);
        await next.revisionRow.raise({ assembly: true });
      });
      await settle(next);
    } catch (error) {
      await next[Symbol.asyncDispose]();
      throw error;
    }
    const before = this.#kernel;
    this.#kernel = next;
    this.#enabled = wish;
    listen(next, [...this.#probes.values()]);
    await before?.[Symbol.asyncDispose]();
  }

  async enable(id: string): Promise<void> {
    if (this.#enabled.some((d) => d.id === id)) return;
    const d = this.#given(id);
    await this.#switchTo([...this.#enabled, d], d, true);
  }

  async disable(id: string): Promise<void> {
    const d = this.#given(id);
    const dependents = dependentsOf(id, this.#enabled);
    if (dependents.length > 0) throw new Error(`${dependents.join(', ')} requires ${id}`);
    if (this.#enabled.includes(d))
      await this.#switchTo(
        this.#enabled.filter((each) => each !== d),
        d,
        false,
      );
  }

  #given(id: string): ExtensionDefinition {
    const found = this.definitions.find((d) => d.id === id);
    if (found === undefined) throw new Error(`the test host was not given ${id}`);
    return found;
  }

  #boot(definitions: readonly ExtensionDefinition[]): Promise<Kernel> {
    return bootKernel({
      config: this.config,
      role: 'command',
      log: this.o.kernelLog ?? createLog({ level: 'silent', name: 'test', to: 2 }),
      definitions,
      isLenient: true,
      clock: this.clock.now,
      onSignal: (raised) => this.sent.push(raised),
      onReport: (error) => this.reports.push(error),
      ...(this.o.onStatement === undefined ? {} : { onStatement: this.o.onStatement }),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const kernel = this.#kernel;
    this.#kernel = undefined;
    await kernel?.[Symbol.asyncDispose]();
  }
}

function listen(kernel: Kernel, probes: readonly HookProbe[]): void {
  if (probes.length === 0) return;
  const { hooks } = kernel.generation;
  for (const probe of probes) hooks.add(PROBE, probe.tap());
  hooks.freeze();
}
