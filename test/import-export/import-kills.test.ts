/** Imports whose process is killed, and two at once: all rows or none, on each database. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDatabaseUrl } from '@posthorn/core';
import { describe, expect, it } from 'vitest';
import { Database } from '../../core/src/data/database.js';
import { instance, run } from '../host/instance.js';
import { environment, program } from '../host/serving.js';
import { requireSuite, startMariadb, startPostgres, until } from '../kit/src/servers/index.js';

const ROWS = 1_500;
const HASH = '{PLAIN}Toto1234';
const accountRow = (i: number): string => `account;u${i}@kill.test;${HASH};A;B;True;SimpleUsers;u${i}@kill.test;0`;

for (const dialect of ['sqlite', 'postgresql', 'mariadb'] as const) {
  describe.skipIf(dialect !== 'sqlite' && !requireSuite(dialect))(`an import on ${dialect}`, () => {
    it('that is killed half way leaves nothing, and the next one finds room', async () => {
      await using stack = new AsyncDisposableStack();
      const server =
        dialect === 'sqlite' ? undefined : await (dialect === 'postgresql' ? startPostgres() : startMariadb());
      if (server !== undefined) stack.defer(() => server.stop());
      const url = server === undefined ? undefined : (await server.createDatabase()).url;
      const made = stack.use(await instance(url === undefined ? {} : { database: url }));
      const { directory } = made;
      const database = await Database.create({
        target: parseDatabaseUrl(url ?? 'sqlite:data/db/posthorn.db', directory),
        entities: [],
        additions: [],
      });
      stack.defer(() => database.close());
      const count = async (table: string, where = '1 = 1'): Promise<number> =>
        Number((await database.execute(`select count(*) as n from ${table} where ${where}`))[0]?.n);
      const file = join(directory, 'rows.csv');
      const rows = Array.from({ length: ROWS }, (_, i) => accountRow(i));
      await writeFile(file, `domain;kill.test;0;0;True\n${rows.join('\n')}\n`);
      const records = await count('core_audit');

      // Hashes take long enough to be met at work.
      const child = spawn(process.execPath, [program, 'import', file, '--crypt-password', '--instance', directory], {
        cwd: '/',
        env: environment(),
        stdio: 'ignore',
      });
      const ended = once(child, 'exit');
      // The right to import is taken just before the first row is made.
      await until('the import to be under way', 60, async () =>
        dialect === 'sqlite'
          ? (await count('core_user', "username like 'u%@kill.test'")) > 0
          : (await count('core_lock', "name = 'core.import' and owner <> ''")) > 0,
      );
      const other = await run(['import', file, '--instance', directory]);
      expect([other.code, other.stderr]).toEqual([75, expect.stringContaining('Another import runs just now')]);
      child.kill('SIGKILL');
      expect((await ended)[1]).toBe('SIGKILL');
      const held = await count('core_audit', 'held is not null');
      if (dialect === 'sqlite') {
        expect(await count('core_user', "username like 'u%@kill.test'")).toBeGreaterThan(0);
        expect(held).toBeGreaterThan(0);
      }

      // The job that looks after imports, once the dead process has lost its right.
      await until('what is left to be taken back', 60, async () => {
        if ((await count('core_lock', "name = 'core.import' and owner <> ''")) > 0) {
          await database.execute("update core_lock set held_until = 0 where name = 'core.import'");
        }
        await database.execute("update core_job set run_at = 0 where name = 'settle-imports'");
        await run(['jobs', 'run', '--instance', directory]);
        return (await count('core_import')) === 0;
      });
      expect(await count('core_user', "username like 'u%@kill.test'")).toBe(0);
      expect(await count('admin_domain')).toBe(0);
      expect([await count('core_import_batch'), await count('core_audit')]).toEqual([0, records]);
      expect(await count('core_outbox')).toBe(0);

      const again = await run(['import', file, '--instance', directory]);
      expect([again.code, again.stderr]).toEqual([0, `${(ROWS + 1).toLocaleString('en')} rows were imported.\n`]);
      expect(await count('core_user', "username like 'u%@kill.test'")).toBe(ROWS);
      expect(await count('admin_alias')).toBe(ROWS);
      expect([await count('core_import'), await count('core_audit', 'held is not null')]).toEqual([0, 0]);
      expect(await count('core_audit')).toBeGreaterThan(records + ROWS);
      const verified = await run(['audit', 'verify', '--instance', directory]);
      expect(verified.code).toBe(0);
    }, 240_000);
  });
}
