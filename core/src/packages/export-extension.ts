import { open, rm } from 'node:fs/promises';
import type { Row } from '@posthorn/sdk';
import { primaryKey, tableRows } from '../data/table-rows.js';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { isSealed } from '../parameters/sealed-values.js';
import { definitionOf } from './definitions.js';
import { appliedSteps, keptFor, type Made, madeBy, stepsOf } from './footprint.js';

/** Raised with what a line of an export means. */
export const EXPORT_FORMAT = 1;

/** What is not written: events are for processes that run now, a quarantine is of this installation. */
const LEFT_OUT = new Set(['event', 'quarantine']);

/** A value as JSON can hold it: bytes in base64, whole numbers beyond 2^53 as text, moments as ISO 8601. */
const plain = (value: unknown): unknown =>
  value instanceof Uint8Array
    ? { base64: Buffer.from(value).toString('base64') }
    : typeof value === 'bigint'
      ? String(value)
      : value;

const plainRow = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]));
const line = (record: object): string => `${JSON.stringify(record)}\n`;

/**
 * All that an installed extension keeps in the database, as JSON lines (NDJSON): a header, then one row each. Read in
 * chunks and never whole. Secrets among its parameters are left out, and named. Throws where its code cannot be read.
 */
export async function* exportExtension(kernel: Kernel, id: string): AsyncGenerator<string> {
  const definition = await definitionOf(kernel, id);
  const { database } = kernel;
  const names = await stepsOf(database, id);
  const made = madeBy(appliedSteps(definition, names));
  yield line({
    posthorn: 'extension-export',
    format: EXPORT_FORMAT,
    id,
    version: definition.version,
    dialect: database.dialect,
    steps: names,
  });
  for (const { kind, name } of made) {
    if (kind !== 'table') continue;
    for await (const row of tableRows(database, name)) yield line({ table: name, row: plainRow(row) });
  }
  for (const [table, columns] of addedColumns(made)) {
    const key = await primaryKey(database, table);
    const where = columns.map((column) => `${column} is not null`).join(' or ');
    for await (const row of tableRows(database, table, { where, values: [] })) {
      yield line({ table, key: plainRow(only(row, key)), row: plainRow(only(row, columns)) });
    }
  }
  for (const { kind, table, where, value } of keptFor(id)) {
    if (LEFT_OUT.has(kind)) continue;
    for await (const row of tableRows(database, table, { where, values: [value] })) {
      yield line({ table, ...(kind === 'parameter' ? withoutSecrets(row) : { row: plainRow(row) }) });
    }
  }
}

/** Columns that were added to the tables of others, by table. */
const addedColumns = (made: readonly Made[]): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [
      ...Map.groupBy(
        made.flatMap((one) => (one.kind === 'column' ? [one] : [])),
        ({ table }) => table,
      ),
    ]
      // A column that a later step added to a table of its own is in that table's rows.
      .filter(([table]) => !made.some(({ kind, name }) => kind === 'table' && name === table))
      .map(([table, columns]) => [table, columns.map(({ column }) => column)]),
  );

const only = (row: Row, names: readonly string[]): Row => Object.fromEntries(names.map((name) => [name, row[name]]));

function withoutSecrets(row: Row): { readonly row: Row; readonly left_out?: readonly string[] } {
  const values = Object.entries(JSON.parse(String(row.value)) as Record<string, unknown>);
  const secrets = values.filter(([, value]) => isSealed(value)).map(([name]) => name);
  const kept = Object.fromEntries(values.filter(([, value]) => !isSealed(value)));
  return { row: { ...plainRow(row), value: kept }, ...(secrets.length === 0 ? {} : { left_out: secrets }) };
}

/**
 * Writes an export to a new file that only its owner may read. Throws E_EXTENSION_EXPORT_EXISTS where something lies there
 * already; of one that cannot be written whole nothing stays.
 */
export async function exportToFile(kernel: Kernel, id: string, path: string): Promise<void> {
  await definitionOf(kernel, id);
  const failure = (error: unknown): unknown => {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return problem('E_EXTENSION_EXPORT_EXISTS', { file: path });
    return code === undefined
      ? error
      : problem('E_EXTENSION_EXPORT', { file: path, reason: code }, { cause: error as Error });
  };
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    throw failure(error);
  });
  try {
    for await (const piece of exportExtension(kernel, id)) await file.write(piece);
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw failure(error);
  } finally {
    await file.close();
  }
}
