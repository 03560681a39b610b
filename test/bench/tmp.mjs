import { testHost } from '@posthorn/testkit';
import { coreModule } from './lib/internals.mjs';

const { default: admin } = await import('@posthorn/admin');
await using host = await testHost({ with: [admin] });
const { connectionOf } = await coreModule('data/orm');
const { ImportFiles } = await coreModule('import-export/import-files');
const { ImportRows } = await coreModule('import-export/import-rows');
const seen = new Map();
for (const c of new Set([connectionOf(host.kernel.database.orm), connectionOf(host.kernel.database.orm, 'read')])) {
  const plain = c.executeQuery.bind(c);
  c.executeQuery = async (sql, ...r) => {
    const t = performance.now();
    const k = sql.replace(/\s+/g, ' ').slice(0, 110);
    try {
      return await plain(sql, ...r);
    } finally {
      const s = seen.get(k) ?? [0, 0];
      s[0]++;
      s[1] += performance.now() - t;
      seen.set(k, s);
    }
  };
}
const run = async (f) => {
  const t = performance.now();
  const r = await new ImportFiles(host.kernel, new ImportRows(host.kernel), {
    files: [f],
    separator: ';',
    request: {
      actor: { ...host.system, door: 'import' },
      areClearPasswords: false,
      signal: new AbortController().signal,
    },
    continueIfExists: false,
    isPerRow: false,
    isDryRun: false,
  }).run();
  return [r.count, performance.now() - t, r.verdicts[0]?.problem];
};
console.log(await run('/tmp/yy/a.csv'), process.memoryUsage().rss / 1e6);
seen.clear();
console.log(await run('/tmp/yy/b.csv'), process.memoryUsage().rss / 1e6);
for (const [k, [n, ms]] of [...seen].sort((a, b) => b[1][1] - a[1][1]).slice(0, 30)) console.log(n, ms.toFixed(0), k);
