import type { Migration } from '@posthorn/sdk';
import { dataProblem } from '../problems.js';

const extensionOf = (name: string): string => name.slice(0, name.indexOf('/'));

/**
 * The order in which migrations run: as given, but each after those it names in `after` and after the earlier ones of
 * its own extension. Throws E_MIGRATION_ORDER where a name is unknown or twice there, or where they wait for each other.
 */
export function orderMigrations(list: readonly Migration[]): readonly Migration[] {
  const known = new Map<string, Migration>();
  const needs = new Map<string, readonly string[]>();
  const last = new Map<string, string>();
  for (const migration of list) {
    const { name } = migration;
    if (!/^[a-z0-9-]+\/[a-z0-9-]+$/.test(name) || name.length > 180)
      throw dataProblem('E_MIGRATION_ORDER', { name, reason: 'its name is not extension/nnnn-slug' });
    if (known.has(name)) throw dataProblem('E_MIGRATION_ORDER', { name, reason: 'its name is there twice' });
    known.set(name, migration);
    const before = last.get(extensionOf(name));
    needs.set(name, [...(before === undefined ? [] : [before]), ...(migration.after ?? [])]);
    last.set(extensionOf(name), name);
  }

  const ordered: Migration[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (name: string, from: string): void => {
    const migration = known.get(name);
    if (migration === undefined)
      throw dataProblem('E_MIGRATION_ORDER', { name: from, reason: `it comes after ${name}, which does not exist` });
    if (state.get(name) === 'done') return;
    if (state.get(name) === 'open')
      throw dataProblem('E_MIGRATION_ORDER', { name: from, reason: `it and ${name} wait for each other` });
    state.set(name, 'open');
    for (const need of needs.get(name) ?? []) visit(need, name);
    state.set(name, 'done');
    ordered.push(migration);
  };
  for (const { name } of list) visit(name, name);
  return ordered;
}
