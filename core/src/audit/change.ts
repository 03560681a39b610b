import type { RecordedTable } from './audited-tables.js';

/** What is told of a field: its value before and after, or of a secret only that it changed. */
export type FieldChange = { readonly before?: unknown; readonly after?: unknown } | { readonly secret: true };
export type FieldChanges = Readonly<Record<string, FieldChange>>;

export type Action = 'created' | 'updated' | 'deleted';

type Row = Readonly<Record<string, unknown>>;

/** What happened to one row, or to many of which nobody keeps the rows. */
export interface Change {
  readonly table: RecordedTable;
  readonly action: Action;
  /** Undefined where the database did not say it. */
  readonly id: number | undefined;
  readonly before: Row | undefined;
  readonly after: Row | undefined;
  /** More than one where the rows are only counted; then `after` is what all of them were given. */
  readonly rows: number;
}

/** Characters of one recorded value. */
const VALUE_MAX = 1_000;

const shown = (value: unknown): unknown => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text === undefined || text.length <= VALUE_MAX) return value;
  return `${text.slice(0, VALUE_MAX)}…`;
};

/** Databases give booleans as 0 and 1, and large numbers as text. */
const same = (a: unknown, b: unknown): boolean => {
  if (typeof a === 'boolean' || typeof b === 'boolean') {
    return a === null || b === null ? a === b : truth(a) === truth(b);
  }
  if (typeof a === 'number' || typeof b === 'number')
    return a === b || (a !== null && b !== null && String(a) === String(b));
  return JSON.stringify(a) === JSON.stringify(b);
};
const truth = (value: unknown): boolean => value === true || value === 1 || value === '1';

/** Only what differs. */
export function fieldChanges({ table, before, after }: Change): FieldChanges {
  const was = before === undefined ? undefined : table.fields(before);
  const is = after === undefined ? undefined : table.fields(after);
  const changes: [string, FieldChange][] = [];
  for (const name of new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])) {
    const [a, b] = [was?.get(name), is?.get(name)];
    if (was !== undefined && is !== undefined && same(a?.value ?? null, b?.value ?? null)) continue;
    const isMasked = a?.isMasked === true || b?.isMasked === true;
    if (isMasked) {
      changes.push([name, { secret: true }]);
      continue;
    }
    const isEmpty = (field: typeof a) => field === undefined || field.value === null || field.value === '';
    if ((was === undefined && isEmpty(b)) || (is === undefined && isEmpty(a))) continue;
    changes.push([
      name,
      {
        ...(was === undefined ? {} : { before: shown(a?.value ?? null) }),
        ...(is === undefined ? {} : { after: shown(b?.value ?? null) }),
      },
    ]);
  }
  return Object.fromEntries(changes);
}

/** Several changes of one row in one transaction are one, in the place of the first. */
export function merged(changes: readonly Change[]): readonly Change[] {
  const result: (Change | undefined)[] = [];
  const places = new Map<string, number>();
  for (const change of changes) {
    const key = change.id === undefined || change.rows !== 1 ? undefined : `${change.table.table}:${change.id}`;
    const at = key === undefined ? undefined : places.get(key);
    const first = at === undefined ? undefined : result[at];
    // Two foreign keys may take the same row along.
    if (first?.action === 'deleted' && change.action === 'deleted') continue;
    if (key === undefined) result.push(change);
    else if (at === undefined || first === undefined || first.action === 'deleted') {
      places.set(key, result.length);
      result.push(change);
    } else if (first.action === 'created') {
      result[at] = change.action === 'deleted' ? undefined : { ...first, after: { ...first.after, ...change.after } };
    } else result[at] = { ...change, before: first.before };
  }
  return result.filter((change) => change !== undefined);
}
