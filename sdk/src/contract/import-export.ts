import type { Actor } from '../actor.js';
import type { ExtensionContext } from '../context.js';
import type { Shape, Values } from '../field.js';
import { type Contribution, contribute, slot } from '../slot.js';
import type { Text } from '../text.js';

/** What an importer works with. @public @since 1.0.0 */
export interface ImportRequest {
  /** The extension's own way to the host. */
  readonly context: ExtensionContext;
  /** Who imports; what is made belongs to him. */
  readonly actor: Actor;
  /** Passwords in the file are in clear text, and are to be hashed; otherwise they are hashes, taken as they are. */
  readonly areClearPasswords: boolean;
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal;
}

/** Reads rows of one kind from CSV. @public @since 1.0.0 */
export interface Importer {
  /** What the first column says: begins with the extension's id, or stands in `claims.imports`. */
  readonly kind: string;
  /** What a row is. */
  readonly title: Text;
  /** What the actor must hold. */
  readonly permission: string;
  /** The columns after the first, in order. A list comes last and takes the rest of the row, without empty cells. */
  readonly columns: Shape;
  /** What can be said about a row by itself. */
  validate?(row: Readonly<Record<string, unknown>>, request: ImportRequest): Promise<void>;
  /** Makes what the row says. */
  run(row: Readonly<Record<string, unknown>>, request: ImportRequest): Promise<void>;
}

/** The slot of importers. @public @since 1.0.0 */
export const importers = slot<Importer>('host.importers@1');

/** Contributes an importer. `columns` types the row that `validate` and `run` get. @public @since 1.0.0 */
export const importer = <const S extends Shape>(
  i: Omit<Importer, 'columns' | 'validate' | 'run'> & {
    readonly columns: S;
    /**
     * What can be said about a row by itself, before anything is written: earlier rows of the file are not there yet.
     * Throws a problem.
     */
    validate?(row: Values<S>, request: ImportRequest): Promise<void>;
    /**
     * Makes what the row says, inside a transaction that the engine may take back: a row at a time, all of them, or
     * none. Throws a problem; one of the kind `conflict` says that it is there already.
     */
    run(row: Values<S>, request: ImportRequest): Promise<void>;
  },
): Contribution =>
  contribute(importers, {
    ...i,
    ...(i.validate === undefined ? {} : { validate: i.validate as unknown as NonNullable<Importer['validate']> }),
    run: i.run as unknown as Importer['run'],
  } as Importer);

/** One cell of an exported row. @public @since 1.0.0 */
export type ExportCell = string | number | boolean;

/**
 * Writes rows to CSV, of one kind or of several: each begins with its kind, as importers read it.
 * @public @since 1.0.0
 */
export interface Exporter {
  /** What it is called at the command line; unique within the installation, the first one stays. */
  readonly id: string;
  /** What its rows are. */
  readonly title: Text;
  /** What the actor must hold. */
  readonly permission: string;
  /** The columns of its rows, for people. */
  readonly columns: readonly string[];
  /** Streams: a million rows take the memory of one. Only what the actor may see. */
  rows(request: {
    readonly context: ExtensionContext;
    readonly actor: Actor;
    readonly signal: AbortSignal;
  }): AsyncIterable<readonly ExportCell[]>;
}

/** The slot of exporters. @public @since 1.0.0 */
export const exporters = slot<Exporter>('host.exporters@1');
/** Contributes an exporter to `posthorn export`. @public @since 1.0.0 */
export const exporter = (e: Exporter): Contribution => contribute(exporters, e);
