import {
  type Contributed,
  fieldMeta,
  type Importer,
  type ImportRequest,
  importers,
  type Problem,
  parseShape,
  type Shape,
} from '@posthorn/sdk';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import type { CsvRow } from './csv-reader.js';

/** What programs put between cells. */
const SEPARATORS = [';', ',', '\t', '|', ':'];

/** A row that somebody imports. */
export interface ReadRow {
  readonly from: string;
  readonly importer: Importer;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Finds who imports a row, and reads its cells. Both throw a problem that says what is wrong with it. */
export class ImportRows {
  readonly #known = new Map<string, Contributed<Importer>>();

  constructor(private readonly kernel: Kernel) {
    for (const contributed of kernel.generation.slots.items(importers.id) as readonly Contributed<Importer>[]) {
      const { kind } = contributed.item;
      if (!this.#known.has(kind)) this.#known.set(kind, contributed);
    }
  }

  get kinds(): readonly Contributed<Importer>[] {
    return [...this.#known.values()];
  }

  read({ cells }: CsvRow, actor: ImportRequest['actor']): ReadRow {
    const [kind = '', ...rest] = cells;
    const found = this.#known.get(kind.toLowerCase());
    if (found === undefined) throw this.#unknown(kind);
    const { from, item } = found;
    if (!actor.can(item.permission)) throw problem('E_FORBIDDEN', { permission: item.permission });
    return { from, importer: item, values: parseShape(item.columns, named(item.columns, rest), { text: true }) };
  }

  /** A path that tells why the row was refused, where whoever imports such rows has one. */
  why({ cells }: CsvRow, actor: ImportRequest['actor'], found: Problem): string | undefined {
    const [kind = '', ...rest] = cells;
    return this.#known.get(kind.toLowerCase())?.item.why?.(rest, { actor, problem: found });
  }

  /** Throws where the first row of a file shows that all of it is meant otherwise: another separator, or headings. */
  check({ file, line, cells }: CsvRow, separator: string): void {
    const [kind = '', ...rest] = cells.map((cell) => cell.toLowerCase());
    const item = this.#known.get(kind)?.item;
    const likely = SEPARATORS.find(
      (one) => one !== separator && kind.includes(one) && this.#known.has(kind.split(one)[0]?.trim() ?? ''),
    );
    if (item === undefined && likely !== undefined) {
      const shown = (one: string) => (one === '\t' ? 'TAB' : one);
      throw problem('E_IMPORT_SEPARATOR', { file, line, separator: shown(separator), likely: shown(likely) });
    }
    const given = rest.filter((cell) => cell !== '').map((cell) => cell.replaceAll(/[ -]/g, '_'));
    const all = this.kinds.flatMap(({ item: one }) => Object.keys(one.columns));
    const names = new Set(item === undefined ? all : Object.keys(item.columns));
    if (given.length > 1 && given.every((cell) => names.has(cell))) throw problem('E_IMPORT_HEADINGS', { file, line });
  }

  #unknown(kind: string): Problem {
    const owner = this.kernel.packages.find(
      ({ id, claims }) => !this.kernel.generation.has(id) && claims.imports?.includes(kind.toLowerCase()) === true,
    );
    return owner === undefined
      ? problem('E_IMPORT_KIND', { kind })
      : problem('E_IMPORT_KIND_OFF', { kind, extension: owner.id });
  }
}

/** Cells by the names of their columns. */
function named(columns: Shape, cells: readonly string[]): Readonly<Record<string, unknown>> {
  const values = Object.create(null) as Record<string, unknown>;
  const names = Object.entries(columns);
  for (const [i, [name, schema]] of names.entries()) {
    const isRest = i === names.length - 1 && fieldMeta(schema).kind === 'list';
    if (isRest) {
      const all = cells.slice(i).filter((cell) => cell !== '');
      if (all.length > 0) values[name] = all;
      return values;
    }
    if (cells[i] !== undefined) values[name] = cells[i];
  }
  const more = cells.slice(names.length).findIndex((cell) => cell !== '');
  // Under a name that no column has, so that it is refused with whatever else is wrong.
  if (more !== -1) values[`column ${names.length + more + 2}`] = cells[names.length + more];
  return values;
}
