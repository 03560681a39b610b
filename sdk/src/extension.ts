import type { ExtensionContext } from './context.js';
import type { JobContext } from './contract/jobs.js';
import type { Addition, EntityLike, Migration } from './data.js';
import type { Tap } from './hook.js';
import type { ParameterRef } from './parameters.js';
import type { Provision } from './service.js';
import type { Contribution } from './slot.js';
import type { Text } from './text.js';

export interface Permission {
  readonly label: Text;
  /** Roles that hold it from the first enabling on; afterwards the grants are the administrator's. */
  readonly roles: readonly string[];
}

/** Names outside the extension's own prefix. They stand in the package's `posthorn` block too, and collisions are refused. */
export interface Claims {
  readonly tables?: readonly string[];
  readonly permissions?: readonly string[];
  readonly commands?: readonly string[];
  readonly endpoints?: readonly string[];
  /** Kinds of rows, as the first column of a CSV file says them. */
  readonly imports?: readonly string[];
}

/**
 * Work for what was made while the extension was disabled, or before it came. An administrator starts it after enabling;
 * it runs as the job `<id>.backfill`, with the job's progress, report and cancelling.
 *
 * @since 1.0.0
 */
export interface Backfill {
  /** What it does, as a title: "Make notes for what is older". */
  readonly title: Text;
  /** Milliseconds one run may take. Default 3,600,000. */
  readonly timeoutMs?: number;
  /**
   * Must be idempotent: it is started again after every enabling, and again where the one before failed or its worker
   * died. Work in batches; end between two of them where `context.signal` is aborted. What it throws is shown as its
   * result.
   */
  run(context: JobContext): Promise<void>;
}

export interface ExtensionDefinition<Id extends string = string> {
  /** Lower case, digits and dashes; prefixes permissions, tables and reference ids. */
  readonly id: Id;
  readonly version: string;
  /** semver range of this SDK that the extension was built against. */
  readonly sdk: string;
  readonly title: Text;
  readonly description?: Text;
  /** Extensions that must be enabled, with semver ranges; they come first. */
  readonly requires?: Readonly<Record<string, string>>;
  /** Extensions that come first if they are enabled, and must then satisfy the range. */
  readonly optional?: Readonly<Record<string, string>>;
  readonly claims?: Claims;
  readonly parameters?: readonly ParameterRef<never>[];
  readonly permissions?: Readonly<Record<`${Id}.${string}`, Permission>>;
  /** Permissions under names that `claims.permissions` lists. */
  readonly claimedPermissions?: Readonly<Record<string, Permission>>;
  readonly entities?: readonly EntityLike[];
  readonly extend?: readonly Addition[];
  readonly migrations?: readonly Migration[];
  readonly services?: readonly Provision[];
  readonly taps?: readonly Tap[];
  readonly contributes?: readonly Contribution[];
  /** Folder of Eta views; a page names them without path and ending. */
  readonly views?: URL;
  /** Folder of files served under `/assets/<id>/<hash>/`, each found by its name. */
  readonly assets?: URL;
  /** Folder of message catalogues: `<language>.json`, English sentence → translation. */
  readonly locales?: URL;
  /** Runs once per installation, in one transaction, after the migrations. Must be idempotent. */
  firstEnable?(context: ExtensionContext): Promise<void>;
  /** Runs when a worker of this generation starts; what it returns is disposed when the worker ends. */
  start?(context: ExtensionContext): Promise<AsyncDisposable | undefined>;
  /**
   * For what was made while the extension was disabled, or before it came. See `Backfill`.
   *
   * @since 1.0.0
   */
  readonly backfill?: Backfill;
  /**
   * Runs when the extension is uninstalled, before its schema steps are taken back: for what it made outside of the
   * database. The extension is disabled then; only for this call it is arranged once more, with what it requires, and
   * nothing is started. It has a minute. Must be idempotent. What it throws keeps the extension installed, unless the
   * operator insists.
   *
   * @since 1.0.0
   */
  uninstall?(context: ExtensionContext): Promise<void>;
}

/**
 * An extension: frozen data without effects. Constructing it opens nothing, starts nothing and reads no files, because
 * module code can never be unloaded.
 */
export const defineExtension = <const Id extends string>(d: ExtensionDefinition<Id>): ExtensionDefinition<Id> =>
  Object.freeze(d);

/** A parameter form, typed away for the list in the definition. */
export const parameterForm = (ref: { readonly extension: string }): ParameterRef<never> => ref as never;
