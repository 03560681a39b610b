import { type Dirent, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Dialect } from '@posthorn/sdk';
import { available } from '../servers/programs.js';
import { type TestHost, testHost } from '../test-host.js';
import type { Check, ConformanceOptions } from './check.js';
import { difference, schemaLines, tablesOf } from './schema.js';
import { hostOf, type Subject } from './subject.js';
import { ownPaths } from './visits.js';

const namesOf = ({ definition }: Subject): readonly string[] => (definition.migrations ?? []).map(({ name }) => name);

function dialectsOf(o: ConformanceOptions): readonly Dialect[] {
  if (o.dialects !== undefined) return o.dialects;
  return ['sqlite', ...(['postgresql', 'mariadb'] as const).filter(available)];
}

export const migrationCheck: Check = {
  id: 'migrations',
  name: 'schema steps can be taken back and made again',
  mend: 'Let `down` undo exactly what `up` did, in reverse order, through the Ddl that it is given.',
  async look(s, o) {
    const names = namesOf(s);
    if (names.length === 0) return { skipped: 'it has no schema steps' };
    const wrong: string[] = [];
    for (const database of dialectsOf(o)) {
      await using host = await hostOf(s, [], { database });
      const { kernel } = host;
      const up = await schemaLines(kernel.database);
      await kernel.migrations().down(names);
      const down = await schemaLines(kernel.database);
      await kernel.migrations().up();
      const again = await schemaLines(kernel.database);
      await kernel.migrations().down(names);
      const downAgain = await schemaLines(kernel.database);
      wrong.push(
        ...[...difference(up, again), ...difference(down, downAgain)].map((line) => `${database}: second time ${line}`),
      );
    }
    return wrong;
  },
};

export const prefixCheck: Check = {
  id: 'prefix',
  name: 'every table, permission, command and id carries its prefix or a claim',
  mend: 'Begin the name with the id of the extension, or list it under `claims` in package.json and in the definition.',
  async look(s) {
    const { definition: d } = s;
    const prefix = `${d.id.replaceAll('-', '_')}_`;
    const wrong: string[] = [];
    const ids = [...(d.services ?? []).map(({ ref }) => ref.id)];
    wrong.push(...ids.filter((id) => !id.startsWith(`${d.id}.`)).map((id) => `service ${id}`));
    wrong.push(
      ...Object.keys(d.permissions ?? {})
        .filter((name) => !name.startsWith(`${d.id}.`))
        .map((name) => `permission ${name}`),
      ...Object.keys(d.claimedPermissions ?? {})
        .filter((name) => !(d.claims?.permissions ?? []).includes(name))
        .map((name) => `permission ${name}`),
      ...namesOf(s)
        .filter((name) => !name.startsWith(`${d.id}/`))
        .map((name) => `schema step ${name}`),
    );
    await using host = await hostOf(s);
    const nouns = new Set(
      host.kernel
        .commands()
        .filter(({ from }) => from === d.id)
        .map(({ item }) => item.noun),
    );
    for (const noun of nouns)
      if (noun !== d.id && !noun.startsWith(`${d.id}-`) && !(d.claims?.commands ?? []).includes(noun))
        wrong.push(`command ${noun}`);
    const all = await tablesOf(host.kernel.database);
    await host.kernel.migrations().down(namesOf(s));
    const others = new Set(await tablesOf(host.kernel.database));
    for (const table of all)
      if (!others.has(table) && !table.startsWith(prefix) && !(d.claims?.tables ?? []).includes(table))
        wrong.push(`table ${table}`);
    return wrong;
  },
};

/**
 * The kernel takes away what it keeps for an extension: grants, parameters, jobs, its place in the lists. What happened
 * stays in the audit.
 */
const KEPT_BY_KERNEL =
  /^core_(audit|audit_head|extension|grant|job|job_report|migration|outbox|parameter|process|revision|session|secret|throttle)$/;

export const uninstallCheck: Check = {
  id: 'uninstall',
  name: 'uninstalled, it leaves no table, row or file',
  mend: 'Undo in `down` all that firstEnable, start and the schema steps make, rows in tables of others included, and keep files nowhere but in the tables.',
  async look(s) {
    const before = await (async () => {
      await using without = await testHost({ with: s.required });
      await without.admin();
      return await trace(without);
    })();
    await using host = await hostOf(s);
    const root = await host.admin();
    await host.kernel.generation.start();
    await host.kernel.generation[Symbol.asyncDispose]();
    for (const path of ownPaths(s, host)) await root.get(path);
    const steps = namesOf(s);
    await host.kernel.migrations().down(steps);
    return difference(before, await trace(host)).map((line) =>
      line.startsWith('+') ? `left: ${line.slice(2)}` : `gone: ${line.slice(2)}`,
    );
  },
};

/** Schema, numbers of rows and files of an installation. */
async function trace({ kernel, config }: TestHost): Promise<readonly string[]> {
  const { database } = kernel;
  const rows: string[] = [];
  for (const table of await tablesOf(database)) {
    if (KEPT_BY_KERNEL.test(table)) continue;
    const [row] = await database.execute<{ n: unknown }>(`select count(*) as n from ${table}`);
    rows.push(`${Number(row?.n)} rows in ${table}`);
  }
  return [...(await schemaLines(database)), ...rows, ...filesIn(config.directory)];
}

const filesIn = (directory: string): readonly string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry: Dirent) => entry.isFile())
    .map((entry) => `file ${relative(directory, join(entry.parentPath, entry.name))}`)
    .filter((line) => !/\.sqlite(-\w+)?$/.test(line));
