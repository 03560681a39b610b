import type { AuditedTable, Contributed, Row, Text } from '@posthorn/sdk';

/** What is recorded of a column's value: `masked` are secrets, of which only is told that they changed. */
export interface Field {
  readonly value: unknown;
  readonly isMasked: boolean;
}

/** A table whose rows are recorded, with everything the description leaves out filled in. */
export interface RecordedTable {
  readonly table: string;
  readonly extension: string;
  readonly kind: string;
  readonly title: Text;
  readonly id: string;
  readonly goesWith: Readonly<Record<string, string>>;
  label(row: Row): string;
  place(row: Row): string | undefined;
  /** Whether a change of this column alone is worth a record. */
  isSeen(column: string): boolean;
  fields(row: Row): ReadonlyMap<string, Field>;
  href?(object: { readonly id: number; readonly label: string }): string;
}

/** The kernel may break a stored value up into fields of its own. */
export interface OwnTable extends AuditedTable {
  fields?(row: Row): ReadonlyMap<string, Field>;
}

const SOUNDS_SECRET = /pass(?:word|wd|phrase)|secret|token|hash|credential|private_?key|api_?key/i;
const NAMES = ['name', 'username', 'address', 'label', 'title'];

const nameIn = (row: Row): string => {
  const column = NAMES.find((name) => typeof row[name] === 'string');
  return column === undefined ? '' : String(row[column]);
};

/** A function of an extension that throws must not undo what was asked for: the record goes without that part. */
function contained<T>(work: () => T, otherwise: T): T {
  try {
    return work();
  } catch {
    return otherwise;
  }
}

function recorded(extension: string, t: OwnTable): RecordedTable {
  const id = t.id ?? 'id';
  const secrets = t.secrets === undefined ? undefined : new Set(t.secrets);
  const unseen = new Set([id, ...(t.unseen ?? [])]);
  const isMasked = (column: string): boolean => secrets?.has(column) ?? SOUNDS_SECRET.test(column);
  const columns = (row: Row): ReadonlyMap<string, Field> =>
    new Map(
      Object.entries(row)
        .filter(([column]) => !unseen.has(column))
        .map(([column, value]) => [column, { value, isMasked: isMasked(column) }]),
    );
  return {
    table: t.table,
    extension,
    kind: t.kind,
    title: t.title,
    id,
    goesWith: t.goesWith ?? {},
    label: (row) => contained(() => t.label?.(row) ?? nameIn(row), ''),
    place: (row) => contained(() => t.place?.(row), undefined),
    isSeen: (column) => !unseen.has(column),
    fields: (row) => t.fields?.(row) ?? columns(row),
    ...(t.href === undefined ? {} : { href: (object) => contained(() => t.href?.(object) ?? '', '') }),
  };
}

/** Which tables are recorded: every one that nobody has left out. */
export class AuditedTables {
  readonly #known: Map<string, RecordedTable>;
  readonly #left: ReadonlySet<string>;

  constructor(
    described: readonly Contributed<OwnTable>[],
    left: readonly string[],
    private readonly ownerOf: (table: string) => string,
  ) {
    this.#known = new Map(described.map(({ from, item }) => [item.table, recorded(from, item)]));
    this.#left = new Set(left);
  }

  find(table: string): RecordedTable | undefined {
    if (this.#left.has(table)) return undefined;
    let found = this.#known.get(table);
    if (found === undefined) {
      found = recorded(this.ownerOf(table), { table, kind: table, title: table });
      this.#known.set(table, found);
    }
    return found;
  }

  byKind(kind: string): RecordedTable | undefined {
    return this.all.find((table) => table.kind === kind);
  }

  get all(): readonly RecordedTable[] {
    return [...this.#known.values()];
  }

  /** Tables whose rows go when rows of this one go, and by which column. */
  goingWith(table: string): readonly { readonly child: RecordedTable; readonly column: string }[] {
    return this.all.flatMap((child) => {
      const column = child.goesWith[table];
      return column === undefined ? [] : [{ child, column }];
    });
  }
}
