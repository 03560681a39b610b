/** What is done to many rows of a list at once, by a page or, beyond `BULK_MAX`, by a job. */
import {
  type Actor,
  type Entry,
  type ExtensionContext,
  isProblem,
  type Problem,
  type Shape,
  type Text,
  together,
} from '@posthorn/sdk';

/** As many rows as one request changes; more of them are a job's. */
export const BULK_MAX = 1_000;

export const BULK_ACTIONS = ['enable', 'disable', 'quota', 'delete'] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];

/** How it is done. */
export interface BulkOptions {
  /** Of a deletion. */
  readonly keepdir: boolean;
  /** Megabytes; of `quota`. */
  readonly quota?: number | undefined;
}

export interface BulkRow {
  /** What its check box sends. */
  readonly id: string;
  readonly name: string;
}

export interface BulkMatching {
  /** Not more than `BULK_MAX`. */
  readonly rows: readonly BulkRow[];
  readonly total: number;
}

/** The filter of the list as it was sent, each `''` where nothing is filtered. */
export type BulkFilter = Readonly<Record<string, string>>;

/** Who does it, through whose context. */
export interface BulkBy {
  readonly context: ExtensionContext;
  readonly actor: Actor;
}

/** Which rows come next: by id, behind `after` (at first `''`), none that were made after `until`. */
export interface BulkStep {
  readonly after: string;
  readonly until: string;
  readonly size: number;
}

export interface BulkList {
  /** Names it in the payload of a job. */
  readonly name: string;
  readonly path: string;
  readonly permission: Entry;
  readonly title: Text;
  readonly filter: Shape;
  readonly id: RegExp;
  /** Any one of them is enough to be asked; each row is checked again by its service. None where the list has no such action. */
  permissions(what: BulkAction): readonly string[];
  question(what: BulkAction, count: number): Text;
  readonly warning: Text;
  /** Everything that the list shows this reader for the filter. */
  matching(by: BulkBy, filter: BulkFilter): Promise<BulkMatching>;
  /** `until` for all that is there now. */
  newest(by: BulkBy): Promise<string>;
  /** The same rows as `matching`, a step at a time, in an order that the action itself does not change. */
  walk(by: BulkBy, filter: BulkFilter, step: BulkStep): Promise<readonly BulkRow[]>;
  /** Rows that are changed in one transaction: few enough that others get their turn on SQLite. */
  batch(what: BulkAction): number;
  /** A row that was ticked; throws where the reader does not reach it. */
  find(by: BulkBy, id: string): Promise<BulkRow>;
  /** Does it to rows in one transaction. Answers for each, in order; what stops all of them is thrown. */
  run(
    by: BulkBy,
    what: BulkAction,
    rows: readonly BulkRow[],
    options: BulkOptions,
  ): Promise<readonly (Problem | undefined)[]>;
}

export const mayAsk = (list: BulkList, actor: Actor, what: BulkAction): boolean =>
  list.permissions(what).some((permission) => actor.can(permission));

/** A problem that a row may have; anything else is ours. */
export const isRowProblem = (error: unknown): error is Problem => isProblem(error) && error.status < 500;

/** A row that was named, and why it is not to be had. */
export interface RefusedRow {
  readonly id: string;
  readonly text: Text;
}

/** Rows by what their check boxes send. */
export async function findRows(
  list: BulkList,
  by: BulkBy,
  ids: readonly string[],
): Promise<{ readonly rows: readonly BulkRow[]; readonly refused: readonly RefusedRow[] }> {
  const rows: BulkRow[] = [];
  const refused: RefusedRow[] = [];
  for (const id of ids) {
    try {
      rows.push(await list.find(by, id));
    } catch (error) {
      if (!isRowProblem(error)) throw error;
      refused.push({ id, text: error.text });
    }
  }
  return { rows, refused };
}

/** Changes rows together, or each by itself where that fails. Undefined for each that is done, else why it is not. */
export async function runRows(
  list: BulkList,
  by: BulkBy,
  what: BulkAction,
  rows: readonly BulkRow[],
  options: BulkOptions,
): Promise<readonly (Text | undefined)[]> {
  const answers = await together<BulkRow, undefined>(by.context, rows, (some) => list.run(by, what, some, options));
  return answers.map((answer) =>
    // It was there a moment ago: another row took it along.
    answer === undefined || (what === 'delete' && answer.kind === 'not-found') ? undefined : answer.text,
  );
}
