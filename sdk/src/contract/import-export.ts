import type { Actor } from '../actor.js';
import type { ExtensionContext } from '../context.js';
import { field, type Shape, type Values } from '../field.js';
import { invalid, type Problem } from '../problem.js';
import { service } from '../service.js';
import { type Contribution, contribute, slot } from '../slot.js';
import { messages, type Text } from '../text.js';
import { action, type Entry, type PageAnswer, type PageRequest, page } from './pages.js';

const t = messages('host');

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
  validate?(row: ImportRow, request: ImportRequest): Promise<void>;
  /** What takes long, outside of the transaction where that is possible. */
  prepare?(row: ImportRow, request: ImportRequest): Promise<ImportRow>;
  /** Makes what the row says. */
  run(row: ImportRow, request: ImportRequest): Promise<void>;
  /** Makes what many rows say. */
  runMany?(rows: readonly ImportRow[], request: ImportRequest): Promise<readonly unknown[]>;
  /** A path of a page that tells the actor why he may not do what the row says; the import page leads there. */
  why?(cells: readonly string[], refusal: { readonly actor: Actor; readonly problem: Problem }): string | undefined;
}

/** The cells of a row by the names of their columns. @public @since 1.0.0 */
export type ImportRow = Readonly<Record<string, unknown>>;

/** The slot of importers. @public @since 1.0.0 */
export const importers = slot<Importer>('host.importers@1');

/** How rows with these columns are imported. @public @since 1.0.0 */
export interface RowImport<Row> {
  /**
   * What can be said about a row by itself, before anything is written: earlier rows of the file are not there yet.
   * Throws a problem.
   */
  validate?(row: Row, request: ImportRequest): Promise<void>;
  /**
   * The row with what takes long to compute, such as a hash. Called for several rows at once, on SQLite while nobody has
   * to wait for the database. Throws a problem.
   */
  prepare?(row: Row, request: ImportRequest): Promise<Row>;
  /**
   * Makes what the row says, inside a transaction that the engine may take back: a row at a time, all of them, or none.
   * Throws a problem; one of the kind `conflict` says that it is there already.
   */
  run(row: Row, request: ImportRequest): Promise<void>;
  /**
   * The same for rows that follow each other, at the price of a few statements. Answers for each, in order; a problem
   * says that nothing was made of that row. If it throws, all of it is taken back and each row is made by `run`.
   */
  runMany?(rows: readonly Row[], request: ImportRequest): Promise<readonly unknown[]>;
}

/** Contributes an importer. `columns` types the rows that its methods get. @public @since 1.0.0 */
export const importer = <const S extends Shape>(
  i: Omit<Importer, 'columns' | keyof RowImport<unknown>> & { readonly columns: S } & RowImport<Values<S>>,
): Contribution => contribute(importers, i as unknown as Importer);

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

/** A page on which a file is sent to be imported. @public @since 1.0.0 */
export interface ImportPage {
  /** Begins and ends with a slash. */
  readonly path: string;
  /** Who may send one; each row needs what its importer asks for besides. */
  readonly permission: Entry;
  /** Of the page. */
  readonly title: Text;
  /** The list that the rows belong to, to go back to. */
  readonly back: string;
  /** The kinds whose columns are explained. Rows of other kinds are taken as well. */
  readonly kinds: readonly string[];
  /** Asks whether passwords in the file are in clear text. */
  readonly hasPasswords: boolean;
}

/** How a file is to be imported. @public @since 1.0.0 */
export interface ImportWish {
  /** Between two cells. */
  readonly separator: string;
  /** Leaves what is there already as it is. */
  readonly continueIfExists: boolean;
  /** Keeps the rows that can be imported; otherwise all of them or none. */
  readonly isPerRow: boolean;
  /** Passwords in the file are to be hashed. */
  readonly areClearPasswords: boolean;
}

/** Files that are imported on pages: first they are tried, then whoever sent one decides. @public @since 1.0.0 */
export interface Imports {
  /** The form, with what is wrong with what was sent. */
  form(importPage: ImportPage, request: PageRequest, problem?: Problem): PageAnswer;
  /** Keeps the file, has it tried, and leads to the page that shows what would become of it. */
  begin(
    importPage: ImportPage,
    file: { readonly name: string; readonly content: Uint8Array },
    wish: ImportWish,
    request: PageRequest,
  ): Promise<PageAnswer>;
}
/** Imports on pages. Provided by the kernel. @public @since 1.0.0 */
export const imports = service<Imports>('host.imports@1');

/** Bytes of a file that is sent to be imported. @public @since 1.0.0 */
export const IMPORT_FILE_MAX = 33_554_432;

/** The page and the action of a form to which files are sent to be imported. @public @since 1.0.0 */
export const importPages = (p: ImportPage): readonly Contribution[] => [
  page({
    path: p.path,
    permission: p.permission,
    load: async (request) => request.context.get(imports).form(p, request),
  }),
  action({
    path: p.path,
    permission: p.permission,
    files: { sourcefile: { label: t('File'), max: IMPORT_FILE_MAX } },
    body: {
      sepchar: field.choice({ label: t('Separator'), choices: [';', ',', 'tab', '|', ':'] }).default(';'),
      continue_if_exists: field.boolean({ label: t('Leave what is there already as it is') }).default(false),
      per_row: field.boolean({ label: t('Keep the rows that can be imported') }).default(false),
      crypt_password: field.boolean({ label: t('Passwords in the file are in clear text') }).default(false),
    },
    run: async (request) => {
      const { body, context, files } = request;
      const wish: ImportWish = {
        separator: body.sepchar === 'tab' ? '\t' : body.sepchar,
        continueIfExists: body.continue_if_exists,
        isPerRow: body.per_row,
        areClearPasswords: p.hasPasswords && body.crypt_password,
      };
      if (files.sourcefile !== undefined) {
        return context.get(imports).begin(p, files.sourcefile, wish, request as PageRequest);
      }
      throw invalid([{ path: 'sourcefile', message: t('is required') }]);
    },
    onInvalid: async (request, problem) => request.context.get(imports).form(p, request as PageRequest, problem),
  }),
];
