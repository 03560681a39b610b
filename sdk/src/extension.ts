import type { Bridge } from './bridge.js';
import type { ExtensionContext } from './context.js';
import type { JobContext } from './contract/jobs.js';
import type { Addition, EntityLike, Migration } from './data.js';
import type { Tap } from './hook.js';
import type { ParameterRef } from './parameters.js';
import type { Provision } from './service.js';
import type { Contribution } from './slot.js';
import type { Text } from './text.js';

/** What the administrator grants to roles. @public @since 1.0.0 */
export interface Permission {
  /** What the holder may do. */
  readonly label: Text;
  /** Roles that hold it from the first enabling on; afterwards the grants are the administrator's. */
  readonly roles: readonly string[];
}

/**
 * Names outside the extension's own prefix. They stand in the package's `posthorn` block too, and collisions are
 * refused.
 * @public @since 1.0.0
 */
export interface Claims {
  /** Names of tables. */
  readonly tables?: readonly string[];
  /** Whole names, such as `owner.verb`. */
  readonly permissions?: readonly string[];
  /** Nouns of the command line. */
  readonly commands?: readonly string[];
  /** First segments below `/api/v1/`. */
  readonly endpoints?: readonly string[];
  /** Kinds of rows, as the first column of a CSV file says them. */
  readonly imports?: readonly string[];
}

/**
 * Work for what was made while the extension was disabled, or before it came. An administrator starts it after enabling;
 * it runs as the job `<id>.backfill`, with the job's progress, report and cancelling.
 * @public @since 1.0.0
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

/**
 * Everything an extension brings. What it says about itself must equal the `posthorn` block of its package.
 * @public @since 1.0.0
 */
export interface ExtensionDefinition<Id extends string = string> {
  /** Lower case, digits and dashes; prefixes permissions, tables and reference ids. */
  readonly id: Id;
  /** semver, equal to the package's. */
  readonly version: string;
  /** semver range of this SDK that the extension was built against. */
  readonly sdk: string;
  /** What it is called in the list of extensions. */
  readonly title: Text;
  /** One or two sentences for the list of extensions. */
  readonly description?: Text;
  /** Extensions that must be enabled, with semver ranges; they come first. */
  readonly requires?: Readonly<Record<string, string>>;
  /** Extensions that come first if they are enabled, and must then satisfy the range. */
  readonly optional?: Readonly<Record<string, string>>;
  /** Names outside its prefix. */
  readonly claims?: Claims;
  /** Its settings and preferences, each made by `parameterForm`. */
  readonly parameters?: readonly ParameterRef<never>[];
  /** What roles may do with it, by name. */
  readonly permissions?: Readonly<Record<`${Id}.${string}`, Permission>>;
  /** Permissions under names that `claims.permissions` lists. */
  readonly claimedPermissions?: Readonly<Record<string, Permission>>;
  /** Its own entities. */
  readonly entities?: readonly EntityLike[];
  /** Columns that it adds to others' entities, made by `additionTo`. */
  readonly extend?: readonly Addition[];
  /** The steps of its schema, in their order. */
  readonly migrations?: readonly Migration[];
  /** What it offers, made by `provide`. */
  readonly services?: readonly Provision[];
  /** From earlier majors of its own hooks and slots to later ones. @beta @since 1.0.0 */
  readonly bridges?: readonly Bridge[];
  /** What it listens to, made by `on`. */
  readonly taps?: readonly Tap[];
  /** What it puts into slots. */
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
 * @public @since 1.0.0
 */
export const defineExtension = <const Id extends string>(d: ExtensionDefinition<Id>): ExtensionDefinition<Id> =>
  Object.freeze(d);

/** A parameter form, typed away for the list in the definition. @public @since 1.0.0 */
export const parameterForm = (ref: { readonly extension: string }): ParameterRef<never> => ref as never;
