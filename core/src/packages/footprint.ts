import type { Data, ExtensionDefinition } from '@posthorn/sdk';
import { ddlFor } from '../data/ddl.js';

/** Something in the database that an extension has left there. */
export interface Left {
  readonly kind:
    | 'table'
    | 'view'
    | 'column'
    | 'step'
    | 'parameter'
    | 'grant'
    | 'job'
    | 'event'
    | 'quarantine'
    | 'override'
    | 'wish';
  readonly name: string;
  readonly rows: number;
}

/** The kernel's own tables that keep rows by extension, and what they are called. */
export const KEPT_BY_EXTENSION = [
  { kind: 'parameter', table: 'core_parameter', column: 'extension' },
  { kind: 'grant', table: 'core_grant', column: 'extension' },
  { kind: 'job', table: 'core_job', column: 'extension' },
  { kind: 'event', table: 'core_outbox', column: 'extension' },
  { kind: 'quarantine', table: 'core_quarantine', column: 'extension' },
  { kind: 'override', table: 'core_sdk_override', column: 'extension' },
  { kind: 'wish', table: 'core_extension', column: 'id' },
] as const satisfies readonly { readonly kind: Left['kind']; readonly table: string; readonly column: string }[];

const CREATED = /^\s*create\s+(table|view)\s+(?:if\s+not\s+exists\s+)?["'`]?(\w+)/i;
const ADDED = /^\s*alter\s+table\s+["'`]?(\w+)["'`]?\s+add\s+(?:column\s+)?["'`]?(\w+)/i;

interface Made {
  readonly kind: Left['kind'];
  readonly name: string;
}

/** Tables, views and columns that an extension's schema steps make. */
export function made(definition: ExtensionDefinition): readonly Made[] {
  const statements = (definition.migrations ?? []).flatMap((step) => step.up(ddlFor('sqlite')));
  return statements.flatMap((sql): readonly Made[] => {
    const [, what = '', name = ''] = CREATED.exec(sql) ?? [];
    if (name !== '') return [{ kind: what.toLowerCase() as 'table' | 'view', name }];
    const [, table = '', column = ''] = ADDED.exec(sql) ?? [];
    return column === '' ? [] : [{ kind: 'column' as const, name: `${table}.${column}` }];
  });
}

/** Everything that uninstalling an extension takes away, with the number of rows. Nothing where it was never enabled. */
export async function footprint(data: Data, definition: ExtensionDefinition): Promise<readonly Left[]> {
  const count = async (table: string, where = '', params: readonly unknown[] = []): Promise<number> => {
    const [row] = await data.execute<{ n: number | string }>(`select count(*) as n from ${table}${where}`, params);
    return Number(row?.n ?? 0);
  };
  const steps = await data.execute<{ name: string }>(
    'select name from core_migration where name like ? order by name',
    [`${definition.id}/%`],
  );
  const left: Left[] = [];
  for (const { kind, name } of steps.length === 0 ? [] : made(definition)) {
    left.push({ kind, name, rows: kind === 'table' ? await count(name) : 0 });
  }
  left.push(...steps.map(({ name }): Left => ({ kind: 'step', name, rows: 1 })));
  for (const { kind, table, column } of KEPT_BY_EXTENSION) {
    const rows = await count(table, ` where ${column} = ?`, [definition.id]);
    if (rows > 0) left.push({ kind, name: table, rows });
  }
  return left;
}
