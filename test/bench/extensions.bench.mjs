/**
 * What many extensions that do nothing cost: the start and a worker's memory with 200 against 6, and the page of domains
 * with 50 more.
 */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { childrenOf, freshInstance, memoryOf, serve } from './lib/instance.mjs';
import { packageFolder } from './lib/internals.mjs';
import { reader } from './lib/reader.mjs';
import { row } from './lib/rows.mjs';
import { p95 } from './lib/statistics.mjs';

const ROUNDS = 4;
const ASKED = 150;

/** Puts extensions beside those there are, and has them wanted from the next start on. */
function addExtensions(instance, count) {
  const manifest = join(instance.directory, 'package.json');
  const { dependencies, ...rest } = JSON.parse(readFileSync(manifest, 'utf8'));
  const db = new DatabaseSync(instance.sqliteFile, { timeout: 5_000 });
  for (let i = 1; i <= count; i += 1) {
    const id = `noop${i}`;
    const folder = join(instance.directory, 'node_modules', `posthorn-${id}`);
    mkdirSync(join(folder, 'node_modules/@posthorn'), { recursive: true });
    symlinkSync(packageFolder('@posthorn/sdk'), join(folder, 'node_modules/@posthorn/sdk'));
    const posthorn = { id, sdk: '^1.0.0', entry: './index.js' };
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name: `posthorn-${id}`, version: '1.0.0', type: 'module', posthorn }),
    );
    writeFileSync(
      join(folder, 'index.js'),
      `import { defineExtension } from '@posthorn/sdk';
       export default defineExtension({ id: '${id}', version: '1.0.0', sdk: '^1.0.0', title: '${id}' });`,
    );
    dependencies[`posthorn-${id}`] = '1.0.0';
    db.prepare(
      `insert into core_extension (id, package, version, desired, first_enabled_at)
       values (?, ?, '1.0.0', 'enabled', current_timestamp)`,
    ).run(id, `posthorn-${id}`);
  }
  db.close();
  writeFileSync(manifest, JSON.stringify({ ...rest, dependencies }));
}

async function startOnce(instance) {
  const server = await serve(instance.directory);
  const [worker] = childrenOf(server.pid);
  const { rss } = memoryOf(worker);
  await server.stop();
  return { ms: server.readyMs, rss };
}

/** A reader who tells how long a page takes. */
async function signedIn(port, admin) {
  const one = reader(port);
  await one.signIn(admin, await one.signInToken());
  return { ms: async (path) => (await one.must(path)).ms, close: () => one.close() };
}

export default {
  async run() {
    const made = [];
    const withExtensions = async (count) => {
      const instance = await freshInstance();
      made.push(instance);
      addExtensions(instance, count);
      return instance;
    };
    try {
      const [none, few, fifty, many] = [
        await withExtensions(0),
        await withExtensions(5),
        await withExtensions(50),
        await withExtensions(199),
      ];
      const starts = { few: [], many: [] };
      for (let n = 0; n < ROUNDS; n += 1) {
        starts.few.push(await startOnce(few));
        starts.many.push(await startOnce(many));
      }
      const servers = [await serve(none.directory), await serve(fifty.directory)];
      const pages = { none: [], fifty: [] };
      try {
        const [plain, full] = [
          await signedIn(servers[0].port, none.admin),
          await signedIn(servers[1].port, fifty.admin),
        ];
        for (let n = 0; n < ASKED; n += 1) {
          pages.none.push(await plain.ms('/admin/domains/'));
          pages.fifty.push(await full.ms('/admin/domains/'));
        }
      } finally {
        await Promise.all(servers.map((server) => server.stop()));
      }
      return {
        rows: [
          row({
            name: 'start with 200 extensions',
            unit: 'ms',
            samples: starts.many.map(({ ms }) => ms),
            baseline: { name: 'with 6', samples: starts.few.map(({ ms }) => ms) },
            paired: true,
          }),
          row({
            name: 'memory of a worker with 200 extensions',
            unit: 'MB',
            samples: starts.many.map(({ rss }) => rss),
            baseline: { name: 'with 6', samples: starts.few.map(({ rss }) => rss) },
            paired: true,
          }),
          row({
            name: 'page of domains, p95, 50 more extensions',
            unit: 'ms',
            samples: [p95(pages.fifty)],
            baseline: { name: 'none more', samples: [p95(pages.none)] },
            aim: { of: 'difference', below: 5 },
          }),
        ],
        details: { starts, pages },
      };
    } finally {
      for (const instance of made) await instance.remove();
    }
  },
};
