import { type Data, invalid, type ParameterRef, parseShape, type Shape, type Values } from '@posthorn/sdk';
import type { Revision } from '../cluster/revision.js';

type Stored = Readonly<Record<string, unknown>>;

/** What one reading of the table has given, and what forms have made of it. */
interface Loaded {
  readonly stored: ReadonlyMap<string, Stored>;
  readonly values: Map<object, object>;
}

/**
 * Parameter values: one JSON row per extension, level and subject. Unknown keys survive, so that a downgrade and an
 * upgrade lose nothing. Global values are read once and kept until `refresh`, so half a request never sees two values.
 */
export class ParameterStore {
  #global: Promise<Loaded> | undefined;

  constructor(
    private readonly data: Data,
    private readonly revision: Revision,
  ) {}

  /** The next read loads the values anew. */
  refresh(): void {
    this.#global = undefined;
  }

  /** Values of a global form; what was never set has its default. A stored value that no longer fits falls back to it. */
  async read<S extends Shape>(ref: ParameterRef<S>): Promise<Values<S>> {
    this.#global ??= this.#load().then((stored) => ({ stored, values: new Map() }));
    const loading = this.#global;
    let all: Loaded;
    try {
      all = await loading;
    } catch (error) {
      if (this.#global === loading) this.#global = undefined;
      throw error;
    }
    const known = all.values.get(ref) ?? Object.freeze(withDefaults(ref, all.stored.get(ref.extension) ?? {}));
    all.values.set(ref, known);
    return known as Values<S>;
  }

  /** Checks the values together with those already set, stores them and raises the revision. */
  async write<S extends Shape>(
    ref: ParameterRef<S>,
    change: Readonly<Record<string, unknown>>,
    o: { readonly text?: boolean } = {},
  ): Promise<Values<S>> {
    const parsed = parseShape(ref.shape, change, { partial: true, ...o }) as Stored;
    const values = await this.data.write(async () => {
      const before = (await this.#load()).get(ref.extension);
      const stored: Stored = { ...before, ...parsed };
      const whole = withDefaults(ref, stored);
      const issues = ref.check?.(whole) ?? [];
      if (issues.length > 0) throw invalid(issues);
      const json = JSON.stringify(stored);
      if (before === undefined) {
        await this.data.execute(
          "insert into core_parameter (extension, level, subject, version, value) values (?, 'global', 0, ?, ?)",
          [ref.extension, ref.version, json],
        );
      } else {
        await this.data.execute(
          "update core_parameter set value = ?, version = ? where extension = ? and level = 'global' and subject = 0",
          [json, ref.version, ref.extension],
        );
      }
      await this.revision.raise();
      return whole;
    });
    this.refresh();
    return values;
  }

  /** One account's values of a form of level `user`. Asked for anew each time: they are one row by its key. */
  async readUser<S extends Shape>(ref: ParameterRef<S>, account: number): Promise<Values<S>> {
    return withDefaults(ref, (await this.#ofUser(ref, account)) ?? {});
  }

  /** Checks and stores one account's values. No other process keeps them, so the revision stays. */
  async writeUser<S extends Shape>(
    ref: ParameterRef<S>,
    account: number,
    change: Readonly<Record<string, unknown>>,
  ): Promise<Values<S>> {
    const parsed = parseShape(ref.shape, change, { partial: true }) as Stored;
    return this.data.write(async () => {
      const before = await this.#ofUser(ref, account);
      const stored: Stored = { ...before, ...parsed };
      const whole = withDefaults(ref, stored);
      const issues = ref.check?.(whole) ?? [];
      if (issues.length > 0) throw invalid(issues);
      const json = JSON.stringify(stored);
      await (before === undefined
        ? this.data.execute(
            "insert into core_parameter (extension, level, subject, version, value) values (?, 'user', ?, ?, ?)",
            [ref.extension, account, ref.version, json],
          )
        : this.data.execute(
            "update core_parameter set value = ?, version = ? where extension = ? and level = 'user' and subject = ?",
            [json, ref.version, ref.extension, account],
          ));
      return whole;
    });
  }

  /** Drops what an account that is going away has chosen, in every extension. */
  async forgetUser(account: number): Promise<void> {
    await this.data.execute("delete from core_parameter where level = 'user' and subject = ?", [account]);
  }

  async #ofUser(ref: Pick<ParameterRef<Shape>, 'extension'>, account: number): Promise<Stored | undefined> {
    const [row] = await this.data.execute<{ value: string }>(
      "select value from core_parameter where extension = ? and level = 'user' and subject = ?",
      [ref.extension, account],
    );
    return row === undefined ? undefined : (JSON.parse(row.value) as Stored);
  }

  async #load(): Promise<ReadonlyMap<string, Stored>> {
    const rows = await this.data.execute<{ extension: string; value: string }>(
      "select extension, value from core_parameter where level = 'global' and subject = 0",
    );
    return new Map(rows.map((row) => [row.extension, JSON.parse(row.value) as Stored]));
  }
}

function withDefaults<S extends Shape>(ref: ParameterRef<S>, stored: Stored): Values<S> {
  const out: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(ref.shape)) {
    const given = Object.hasOwn(stored, name) ? schema.safeParse(stored[name]) : undefined;
    out[name] = given?.success === true ? given.data : schema.parse(undefined);
  }
  return out as Values<S>;
}
