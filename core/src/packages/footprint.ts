import {
  type Data,
  type ExtensionDefinition,
  type GeneratedFile,
  generatedFiles,
  type MapFile,
  type Migration,
  mapFiles,
} from '@posthorn/sdk';
import { ddlFor } from '../data/ddl.js';

/** Something that an extension has left: in the database, or a file that was written for another program. */
export interface Left {
  readonly kind:
    | 'table'
    | 'view'
    | 'column'
    | 'step'
    | 'parameter'
    | 'grant'
    | 'access'
    | 'job'
    | 'event'
    | 'quarantine'
    | 'override'
    | 'wish'
    | 'file';
  readonly name: string;
  readonly rows: number;
}

/** Rows of the kernel's own tables that belong to one extension. */
export interface Kept {
  readonly kind: Left['kind'];
  readonly table: string;
  /** With one placeholder, for `value`. */
  readonly where: string;
  readonly value: string;
}

const BY_EXTENSION = [
  { kind: 'parameter', table: 'core_parameter' },
  { kind: 'grant', table: 'core_grant' },
  { kind: 'job', table: 'core_job' },
  { kind: 'event', table: 'core_outbox' },
  { kind: 'quarantine', table: 'core_quarantine' },
  { kind: 'override', table: 'core_sdk_override' },
] as const;

/** What the kernel keeps for an extension. Kinds of objects begin with the id of their extension and a dot. */
export const keptFor = (id: string): readonly Kept[] => [
  ...BY_EXTENSION.map((each) => ({ ...each, where: 'extension = ?', value: id })),
  { kind: 'access', table: 'core_access', where: 'kind like ?', value: `${id}.%` },
  { kind: 'wish', table: 'core_extension', where: 'id = ?', value: id },
];

const CREATED = /^\s*create\s+(table|view)\s+(?:if\s+not\s+exists\s+)?["'`]?(\w+)/i;
const ADDED = /^\s*alter\s+table\s+["'`]?(\w+)["'`]?\s+add\s+(?:column\s+)?["'`]?(\w+)/i;

/** Something that a schema step makes. Of a column, `table` is the one that it was added to. */
export type Made =
  | { readonly kind: 'table' | 'view'; readonly name: string }
  | { readonly kind: 'column'; readonly name: string; readonly table: string; readonly column: string };

/** Tables, views and columns that these schema steps make. */
export function madeBy(steps: readonly Migration[]): readonly Made[] {
  const statements = steps.flatMap((step) => step.up(ddlFor('sqlite')));
  return statements.flatMap((sql): readonly Made[] => {
    const [, what = '', name = ''] = CREATED.exec(sql) ?? [];
    if (name !== '') return [{ kind: what.toLowerCase() as 'table' | 'view', name }];
    const [, table = '', column = ''] = ADDED.exec(sql) ?? [];
    return column === '' ? [] : [{ kind: 'column', name: `${table}.${column}`, table, column }];
  });
}

/** The schema steps of an extension that the database has, by name. */
export async function stepsOf(data: Data, id: string): Promise<readonly string[]> {
  const rows = await data.execute<{ name: string }>('select name from core_migration where name like ? order by name', [
    `${id}/%`,
  ]);
  return rows.map(({ name }) => name);
}

export const appliedSteps = (definition: ExtensionDefinition, names: readonly string[]): readonly Migration[] =>
  (definition.migrations ?? []).filter(({ name }) => names.includes(name));

/** A file that an extension brings for another program. Where it was written to is the operator's to say. */
export interface BroughtFile {
  readonly set: string;
  readonly name: string;
}

export const filesOf = (definition: ExtensionDefinition): readonly BroughtFile[] =>
  (definition.contributes ?? [])
    .filter(({ slot }) => slot.id === mapFiles.id || slot.id === generatedFiles.id)
    .map(({ item }) => {
      const { set, name } = item as MapFile | GeneratedFile;
      return { set, name };
    });

/** Everything that uninstalling an extension takes away, with the number of rows: two statements, whatever there is. */
export async function footprint(data: Data, definition: ExtensionDefinition): Promise<readonly Left[]> {
  const steps = await stepsOf(data, definition.id);
  const made = madeBy(appliedSteps(definition, steps));
  const kept = keptFor(definition.id);
  const counts = [
    ...made.flatMap(({ kind, name }) => (kind === 'table' ? [{ name, where: '' }] : [])),
    ...kept.map(({ table, where }) => ({ name: table, where: ` where ${where}` })),
  ];
  const rows = await data.execute<{ name: string; n: number | string }>(
    counts.map(({ name, where }) => `select '${name}' as name, count(*) as n from ${name}${where}`).join(' union all '),
    kept.map(({ value }) => value),
  );
  const count = new Map(rows.map(({ name, n }) => [name, Number(n)]));
  return [
    ...made.map(({ kind, name }): Left => ({ kind, name, rows: count.get(name) ?? 0 })),
    ...steps.map((name): Left => ({ kind: 'step', name, rows: 1 })),
    ...kept
      .map(({ kind, table }): Left => ({ kind, name: table, rows: count.get(table) ?? 0 }))
      .filter(({ rows: n }) => n > 0),
    ...filesOf(definition).map(({ set, name }): Left => ({ kind: 'file', name: `${set}/${name}`, rows: 0 })),
  ];
}
