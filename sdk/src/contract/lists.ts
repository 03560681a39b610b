/** Lists of one extension that others add columns, actions and filters to. Their owner publishes the slots. */
import type { Actor } from '../actor.js';
import type { ExtensionContext } from '../context.js';
import type { Shape, Values } from '../field.js';
import { service } from '../service.js';
import { type Contribution, contribute, type SlotRef } from '../slot.js';
import type { Text } from '../text.js';
import type { ExportCell } from './import-export.js';
import { type Entry, type PageAnswer, type PageRequest, page } from './pages.js';

/** A column that is added to somebody's list. @public @since 1.0.0 */
export interface ListColumn<Row> {
  /** Unique within the extension. */
  readonly id: string;
  /** Stands above it. */
  readonly label: Text;
  /** Who sees it. */
  readonly permission: Entry;
  /**
   * The cells of all rows of a page, in their order; undefined where there is nothing to say. Called once for each page:
   * ask the database for all rows at once. Where it fails, its cells show a dash.
   */
  load(rows: readonly Row[], request: PageRequest): Promise<readonly (Text | number | undefined)[]>;
}

/** An action that is added to every row of somebody's list for which `when` holds. @public @since 1.0.0 */
export interface RowAction<Row> {
  /** Unique within the extension. */
  readonly id: string;
  /** What it does. */
  readonly label: Text;
  /** A name of the Tabler icon set. */
  readonly icon: string;
  /** Who sees it. */
  readonly permission: Entry;
  /** Whether this row has it; default always. Must answer at once. */
  when?(row: Row, request: PageRequest): boolean;
  /** A page of ours; with `confirm`, an action that takes POST without fields. */
  href(row: Row): string;
  /** Asked on a page of its own before the POST is sent. */
  confirm?(row: Row): Text;
}

/** A condition on the rows of a list. Values go into `params`, never into the text. @public @since 1.0.0 */
export type Narrowing =
  | { readonly sql: string; readonly params: readonly unknown[] }
  | { readonly ids: readonly number[] };

/** Which list a filter narrows, and for whom. @public @since 1.0.0 */
export interface NarrowScope {
  /** Who looks at the list. */
  readonly actor: Actor;
  /** The extension's own way to the host. */
  readonly context: ExtensionContext;
  /** Which rows: the owner of the list says what kinds it has. */
  readonly kind: string;
  /** The column with their id, as the list's statement names it. */
  readonly column: string;
}

/**
 * A select in a list's filter bar. What is chosen stands in the address, and counts for all that match.
 * @public @since 1.0.0
 */
export interface ListFilter {
  /** Unique within the extension. */
  readonly id: string;
  /** Stands before it. */
  readonly label: Text;
  /** Who sees it. */
  readonly permission: Entry;
  /** What can be chosen; the filter adds an entry for nothing itself. */
  choices(request: PageRequest): Promise<readonly { readonly value: string; readonly label: Text }[]>;
  /** Undefined where no row of this kind is meant. Where it fails, none is. */
  narrow(value: string, scope: NarrowScope): Promise<Narrowing | undefined> | Narrowing | undefined;
}

interface Placed {
  readonly order?: number;
}
/** Contributes a column to somebody's list. @public @since 1.0.0 */
export const listColumn = <Row>(to: SlotRef<ListColumn<Row>>, c: ListColumn<Row>, o: Placed = {}): Contribution =>
  contribute<ListColumn<Row>>(to, c, o);
/** Contributes an action to the rows of somebody's list. @public @since 1.0.0 */
export const rowAction = <Row>(to: SlotRef<RowAction<Row>>, a: RowAction<Row>, o: Placed = {}): Contribution =>
  contribute<RowAction<Row>>(to, a, o);
/** Contributes a filter to somebody's list. @public @since 1.0.0 */
export const listFilter = (to: SlotRef<ListFilter>, f: ListFilter, o: Placed = {}): Contribution =>
  contribute(to, f, o);

/** What others add to the rows of one page, in the reader's language. @public @since 1.0.0 */
export interface ListParts {
  readonly columns: readonly { readonly key: string; readonly label: string }[];
  readonly rows: readonly {
    readonly cells: Readonly<Record<string, string | number>>;
    readonly actions: readonly { readonly label: string; readonly href: string; readonly icon: string }[];
  }[];
}

/** The filters of a list with what is chosen, ready to be shown. @public @since 1.0.0 */
export interface ListFilters {
  /** For the component `filters`. */
  readonly choices: readonly {
    readonly name: string;
    readonly label: string;
    readonly value: string;
    readonly options: readonly { readonly value: string; readonly label: string }[];
  }[];
  /** What is chosen, as one text to keep in a hidden field and to give to `narrow`; empty for nothing. */
  readonly chosen: string;
}

/** A list as it is written to a file, with the columns of others behind its own. @public @since 1.0.0 */
export interface ListTable<Row, Ref = Row> {
  /** Its own columns, in order: `key` names the cell in NDJSON, `label` stands above it in CSV. */
  readonly columns: readonly { readonly key: string; readonly label: Text }[];
  /** All rows that match, some hundred at a time, so that a million of them take the memory of one chunk. */
  readonly chunks: AsyncIterable<readonly Row[]>;
  /** The cells of a row by the keys of `columns`; what is missing or null is empty. */
  cells(row: Row): Readonly<Record<string, ExportCell | null>>;
  /** The columns of others, and the row as they know it. */
  readonly others?: { readonly columns: SlotRef<ListColumn<Ref>>; ref(row: Row): Ref };
}

/** How a list is written: CSV for people and tables, NDJSON (one JSON object to a line) for programs. @public @since 1.0.0 */
export type ListFormat = 'csv' | 'ndjson';

/** For owners of lists. @public @since 1.0.0 */
export interface Lists {
  /** The list as a file, streamed. Texts that a spreadsheet would take for formulas get an apostrophe in CSV. */
  file<Row, Ref>(
    table: ListTable<Row, Ref>,
    o: { readonly name: string; readonly format: ListFormat },
    request: PageRequest,
  ): PageAnswer;
  /** Columns and actions of others for the rows of one page. What fails is a dash or missing. */
  parts<Row>(
    slots: { readonly columns: SlotRef<ListColumn<Row>>; readonly actions: SlotRef<RowAction<Row>> },
    rows: readonly Row[],
    request: PageRequest,
  ): Promise<ListParts>;
  /** Reads what is chosen from the request's address. */
  filters(slot: SlotRef<ListFilter>, request: PageRequest): Promise<ListFilters>;
  /** The conditions for what was chosen; `none` where no row of this kind is meant. */
  narrow(
    slot: SlotRef<ListFilter>,
    chosen: string,
    scope: Omit<NarrowScope, 'context'>,
  ): Promise<readonly Narrowing[] | 'none'>;
}
/** Columns, actions and filters for lists of one's own. Provided by the kernel. @public @since 1.0.0 */
export const lists = service<Lists>('host.lists@1');

/**
 * Two pages that give a list as a file, `csv/` and `ndjson/` below `path`. Give them the query of the list and the same
 * `path` to `ui.pages` as `exportPath`: its links keep what is searched and filtered.
 * @public @since 1.0.0
 */
export const listExport = <const Q extends Shape, Row, Ref = Row>(e: {
  /** Begins and ends with a slash. */
  readonly path: string;
  readonly permission: Entry;
  /** What the file is called, without its ending. */
  readonly name: string;
  readonly query: Q;
  load(request: PageRequest<Readonly<Record<string, string>>, Values<Q>, undefined>): Promise<ListTable<Row, Ref>>;
}): readonly Contribution[] =>
  (['csv', 'ndjson'] as const).map((format) =>
    page({
      path: `${e.path}${format}/`,
      permission: e.permission,
      query: e.query,
      load: async (request) => {
        const table = await e.load(request as never);
        return request.context.get(lists).file(table, { name: e.name, format }, request);
      },
    }),
  );
