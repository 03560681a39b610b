/**
 * A file of accounts with given hashes, imported as `posthorn import` does it: checked, made, recorded, told. Against the
 * same accounts through the service, a hundred to a transaction.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mailboxes } from '@posthorn/admin/contract';
import { testHost } from '@posthorn/testkit';
import { onDatabase } from './lib/databases.mjs';
import { coreModule } from './lib/internals.mjs';
import { notRun, row } from './lib/rows.mjs';

const COUNT = Number(process.env['IMPORT_ROWS'] ?? 20_000);
/** Rows of one sample. */
const STEP = 1_000;
const HASH = `{SHA512-CRYPT}$6$rounds=70000$${'a'.repeat(16)}$${'b'.repeat(86)}`;

const name = (n) => `user${String(n).padStart(6, '0')}@d${n % 10}.test`;

async function measure({ dialect, server }) {
  const { default: admin } = await import('@posthorn/admin');
  const database = server === undefined ? undefined : (await server.createDatabase()).url;
  await using host = await testHost({ with: [admin], ...(database === undefined ? {} : { database }) });
  const { ImportFiles } = await coreModule('import-export/import-files');
  const { ImportRows } = await coreModule('import-export/import-rows');
  const path = join(host.config.directory, 'accounts.csv');
  const domains = Array.from({ length: 10 }, (_, i) => `domain;d${i}.test;0;0;True`);
  const accounts = Array.from(
    { length: COUNT },
    (_, n) => `account;${name(n)};${HASH};A;B;True;SimpleUsers;${name(n)};0`,
  );
  await writeFile(path, `${[...domains, ...accounts].join('\n')}\n`);

  const samples = [];
  let most = 0;
  let last = 0;
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const { count, refused } = await new ImportFiles(host.kernel, new ImportRows(host.kernel), {
    files: [{ path, name: 'accounts.csv' }],
    separator: ';',
    request: {
      actor: { ...host.system, door: 'import' },
      areClearPasswords: false,
      signal: new AbortController().signal,
    },
    continueIfExists: false,
    isPerRow: false,
    isDryRun: false,
    onStage: () => {
      last = performance.now();
    },
    onRow: (stage, done) => {
      if (stage !== 'make' || done % STEP !== 0) return;
      const now = performance.now();
      samples.push((STEP * 1_000) / (now - last));
      last = now;
      most = Math.max(most, process.memoryUsage().rss / 1_048_576);
    },
  }).run();
  const seconds = (performance.now() - begun) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  await rm(path);
  if (refused > 0 || count !== COUNT + domains.length) throw new Error(`${refused} rows were refused`);

  const service = host.context('admin').get(mailboxes);
  const together = [];
  for (let at = 0; at < STEP * 2; at += 100) {
    const from = performance.now();
    await host.kernel.database.write(async () => {
      for (let n = at; n < at + 100; n += 1)
        await service.create(host.system, {
          username: name(900_000 + n),
          passwordHash: HASH,
          first_name: 'A',
          last_name: 'B',
        });
    });
    together.push(100_000 / (performance.now() - from));
  }
  return { dialect, samples, together, most, seconds, cpuMs: (user + system) / 1_000 / COUNT };
}

export default {
  async run() {
    const rows = [];
    const notes = [];
    const details = [];
    for (const dialect of ['sqlite', 'postgresql', 'mariadb']) {
      const outcome = await onDatabase(dialect, measure);
      if ('reason' in outcome) {
        rows.push(notRun(`import on ${dialect}`, outcome.reason));
        continue;
      }
      const { samples, together, most, seconds, cpuMs } = outcome.value;
      rows.push(
        row({
          name: `accounts imported, ${dialect}`,
          unit: '1/s',
          samples,
          baseline: { name: 'by the service, 100 to a write', samples: together },
        }),
      );
      notes.push(
        `${dialect}: ${COUNT} accounts in ${seconds.toFixed(1)} s, all told; ${cpuMs.toFixed(2)} ms of our processor each; ${most.toFixed(0)} MB at most.`,
      );
      details.push(outcome.value);
    }
    return { rows, notes, details };
  },
};
