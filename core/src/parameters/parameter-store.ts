import {
  type Data,
  type ExtensionContext,
  invalid,
  type ParameterRef,
  type ParametersChanged,
  parseShape,
  type Shape,
  type Values,
} from '@posthorn/sdk';
import type { Revision } from '../cluster/revision.js';
import { callExtension } from '../forms/extension-call.js';
import type { SecretBox } from '../secrets/secret-box.js';
import { type ParameterRow, ParameterTable } from './parameter-table.js';
import { changedNames, upgraded, type Versioned, withDefaults } from './parameter-values.js';
import { type Place, type Stored, sealRow } from './sealed-values.js';

/** Milliseconds that an extension may take to compute its defaults. */
const DEFAULTS_MS = 2_000;

export interface ParameterStoreOptions {
  readonly data: Data;
  readonly revision: Revision;
  readonly secrets: SecretBox;
  /** Raises `parametersChanged` in the caller's transaction. */
  readonly announce: (event: ParametersChanged) => Promise<void>;
  readonly contextOf: (extension: string) => ExtensionContext;
  /** For the log, in the extension's name. */
  readonly report: (extension: string, error: unknown, what: string) => void;
}

/** What one reading of the table has given, and what forms have made of it. */
interface Loaded {
  readonly stored: ReadonlyMap<string, ParameterRow>;
  readonly values: Map<object, Promise<object>>;
}

const NONE: ParameterRow = { version: 0, stored: {}, clear: {}, closed: [] };

/**
 * Parameter values: one JSON row per extension, level and subject. Unknown keys survive, so that a downgrade and an
 * upgrade lose nothing. Global values are read once and kept until `refresh`, so half a request never sees two values.
 */
export class ParameterStore {
  readonly #o: ParameterStoreOptions;
  readonly #table: ParameterTable;
  #global: Promise<Loaded> | undefined;

  constructor(o: ParameterStoreOptions) {
    this.#o = o;
    this.#table = new ParameterTable(o.data, o.secrets);
  }

  /** The next read loads the values anew. */
  refresh(): void {
    this.#global = undefined;
  }

  /**
   * Values of a global form; what was never set has its default. A stored value that no longer fits falls back to it.
   * Throws a `failure` problem where the stored values are of an older version and cannot be upgraded.
   */
  async read<S extends Shape>(ref: ParameterRef<S>): Promise<Values<S>> {
    this.#global ??= this.#table.global().then((stored) => ({ stored, values: new Map() }));
    const loading = this.#global;
    let all: Loaded;
    try {
      all = await loading;
    } catch (error) {
      if (this.#global === loading) this.#global = undefined;
      throw error;
    }
    let known = all.values.get(ref);
    if (known === undefined) {
      known = this.#values(ref, globalPlace(ref), all.stored.get(ref.extension)).then(Object.freeze);
      all.values.set(ref, known);
      known.catch(() => all.values.delete(ref));
    }
    return (await known) as Values<S>;
  }

  /** One account's values of a form of level `user`. Asked for anew each time: they are one row by its key. */
  async readUser<S extends Shape>(ref: ParameterRef<S>, account: number): Promise<Values<S>> {
    const place = userPlace(ref, account);
    return this.#values(ref, place, await this.#table.find(place));
  }

  /** Checks the values together with those already set, stores them and raises the revision. */
  async write<S extends Shape>(
    ref: ParameterRef<S>,
    change: Readonly<Record<string, unknown>>,
    o: { readonly text?: boolean } = {},
  ): Promise<Values<S>> {
    const values = await this.#write(ref, globalPlace(ref), change, o);
    this.refresh();
    return values;
  }

  /** Checks and stores one account's values. No other process keeps them, so the revision stays. */
  writeUser<S extends Shape>(
    ref: ParameterRef<S>,
    account: number,
    change: Readonly<Record<string, unknown>>,
  ): Promise<Values<S>> {
    return this.#write(ref, userPlace(ref, account), change, {});
  }

  /** Drops what accounts that are going away have chosen, in every extension. */
  forgetUsers(accounts: readonly number[]): Promise<void> {
    return this.#table.forgetUsers(accounts);
  }

  /** Seals every stored secret by the current key; says in how many rows. */
  reseal(): Promise<number> {
    return this.#table.reseal();
  }

  async #write<S extends Shape>(
    ref: ParameterRef<S>,
    place: Place,
    change: Readonly<Record<string, unknown>>,
    o: { readonly text?: boolean },
  ): Promise<Values<S>> {
    const parsed = parseShape(ref.shape, change, { partial: true, ...o }) as Stored;
    return this.#o.data.write(async () => {
      const row = await this.#table.find(place);
      const { version, ...opened } = row ?? NONE;
      const before = row === undefined ? {} : upgraded(ref, version, opened.clear);
      const computed = await this.#computed(ref);
      const clear: Stored = { ...before, ...parsed };
      const whole = withDefaults(ref, clear, computed);
      const issues = ref.check?.(whole) ?? [];
      if (issues.length > 0) throw invalid(issues);
      const stored = sealRow(this.#o.secrets, place, ref.shape, opened, clear);
      await (row === undefined
        ? this.#table.insert(place, ref.version, stored)
        : this.#table.update(place, ref.version, stored));
      if (place.level === 'global') await this.#o.revision.raise();
      const changed = changedNames(ref.shape, withDefaults(ref, before, computed), whole);
      const account = place.level === 'user' ? { account: place.subject } : {};
      if (changed.length > 0) {
        await this.#o.announce({ extension: ref.extension, level: ref.level, ...account, changed });
      }
      return whole;
    });
  }

  async #values<S extends Shape>(
    ref: ParameterRef<S>,
    place: Place,
    row: ParameterRow | undefined,
  ): Promise<Values<S>> {
    if (row !== undefined && row.closed.length > 0) {
      const error = new Error(`no key opens ${row.closed.join(', ')}`);
      this.#o.report(ref.extension, error, 'stored secrets cannot be read');
    }
    const clear = row === undefined ? {} : await this.#upToDate(ref, place, row);
    return withDefaults(ref, clear, await this.#computed(ref));
  }

  /** A row that had to be upgraded is stored as it is now; whoever is first does that. */
  async #upToDate(ref: Versioned & { readonly shape: Shape }, place: Place, row: ParameterRow): Promise<Stored> {
    if (row.version >= ref.version) return row.clear;
    const clear = upgraded(ref, row.version, row.clear);
    await this.#table.replace(place, row.version, ref.version, sealRow(this.#o.secrets, place, ref.shape, row, clear));
    return clear;
  }

  async #computed<S extends Shape>(ref: ParameterRef<S>): Promise<Stored> {
    const { defaults, extension } = ref;
    if (defaults === undefined) return {};
    try {
      const context = this.#o.contextOf(extension);
      return await callExtension(extension, 'parameters:defaults', DEFAULTS_MS, () => defaults(context));
    } catch (error) {
      this.#o.report(extension, error, 'defaults could not be computed');
      return {};
    }
  }
}

const globalPlace = ({ extension }: { readonly extension: string }): Place => ({
  extension,
  level: 'global',
  subject: 0,
});
const userPlace = ({ extension }: { readonly extension: string }, account: number): Place => ({
  extension,
  level: 'user',
  subject: account,
});
