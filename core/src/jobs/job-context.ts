import type {
  Actor,
  Contributed,
  Data,
  ExtensionContext,
  JobContext,
  JobReportRow,
  JobStarter,
  Log,
  ParameterLevel,
  ParameterRef,
  ServiceRef,
  Shape,
  SlotRef,
  Values,
} from '@posthorn/sdk';

/** The extension's context plus what belongs to one run. It passes everything on by hand, so that any context will do. */
export class RunContext implements JobContext {
  readonly call: ExtensionContext['call'];
  #reported = 0;

  constructor(
    private readonly context: ExtensionContext,
    readonly signal: AbortSignal,
    readonly attempt: number,
    readonly startedBy: JobStarter | undefined,
    private readonly on: {
      readonly starter: () => Promise<Actor | null>;
      readonly progress: (done: number, total: number | undefined) => void;
      readonly report: (rows: readonly JobReportRow[], reported: number) => Promise<void>;
    },
  ) {
    this.call = context.call.bind(context) as ExtensionContext['call'];
  }

  starter(): Promise<Actor | null> {
    return this.on.starter();
  }

  /** Notes it and returns: the job may be inside a transaction, which must not hold the job's own row. */
  async progress(done: number, total?: number): Promise<void> {
    this.on.progress(done, total);
  }

  async report(rows: readonly JobReportRow[]): Promise<void> {
    if (rows.length === 0) return;
    const before = this.#reported;
    this.#reported += rows.length;
    await this.on.report(rows, before);
  }

  get extension(): string {
    return this.context.extension;
  }
  get data(): Data {
    return this.context.data;
  }
  get log(): Log {
    return this.context.log;
  }
  get system(): Actor {
    return this.context.system;
  }
  now(): Date {
    return this.context.now();
  }
  get<T>(ref: ServiceRef<T>): T {
    return this.context.get(ref);
  }
  find<T>(ref: ServiceRef<T>): T | undefined {
    return this.context.find(ref);
  }
  items<Item>(ref: SlotRef<Item>): readonly Contributed<Item>[] {
    return this.context.items(ref);
  }
  isUsed(ref: { readonly id: string }): boolean {
    return this.context.isUsed(ref);
  }
  parameters<S extends Shape>(ref: ParameterRef<S, ParameterLevel>, account?: number): Promise<Values<S>> {
    return this.context.parameters(ref as ParameterRef<S, 'user'>, account as number);
  }
}
