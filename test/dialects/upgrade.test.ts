import type { Dialect } from '@posthorn/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instance, run } from '../host/instance.js';
import { packPackage } from '../host/package-sources.js';
import {
  type DatabaseServer,
  makeTempDir,
  removeTempDir,
  requireSuite,
  startMariadb,
  startPostgres,
} from '../kit/src/servers/index.js';

/** A version whose second step makes a table, adds a row and then does `more`. */
const tape = (version: string, more: string) => ({
  ...{ name: 'posthorn-acme-tape', version, block: { id: 'acme-tape' } },
  files: {
    'index.js': `import { command, defineExtension, migration } from '@posthorn/sdk';
const made = (n, more) => migration({
  name: 'acme-tape/000' + n + '-x',
  up: (ddl) => [...ddl.createTable('acme_tape_t' + n, { columns: { id: { type: 'id' }, n: { type: 'integer' } } }),
    'insert into acme_tape_t' + n + ' (n) values (1)', ...more],
  down: (ddl) => ddl.dropTable('acme_tape_t' + n),
});
export default defineExtension({
  id: 'acme-tape', version: '${version}', sdk: '^1.0.0', title: 'Tape',
  migrations: [made(1, [])${version === '1.0.0' ? '' : `, made(2, [${more}])`}],
  contributes: [command({ noun: 'acme-tape', verb: 'show', summary: 's', examples: [], permission: 'public', input: {},
    run: async (_, c) => {
      const [row] = await c.data.execute('select count(*) as n from acme_tape_t1');
      c.out.item({ version: '${version}', rows: Number(row.n) });
    } })],
});`,
  },
});

describe.each<Dialect>([
  'sqlite',
  'postgresql',
  'mariadb',
])('an upgrade whose schema step stops half way, on %s', (dialect) => {
  describe.skipIf(dialect !== 'sqlite' && !requireSuite(dialect))('database', () => {
    let folder = '';
    let server: DatabaseServer | undefined;
    beforeAll(async () => {
      folder = await makeTempDir('upgrade');
      if (dialect === 'postgresql') server = await startPostgres();
      if (dialect === 'mariadb') server = await startMariadb();
    });
    afterAll(async () => {
      await server?.stop();
      await removeTempDir(folder);
    });

    it('leaves the version before as it was, and the next version goes on', async () => {
      const url = (await server?.createDatabase())?.url;
      await using made = await instance(url === undefined ? {} : { database: url });
      const posthorn = (...args: string[]) => run([...args, '--instance', made.directory]);
      const must = async (...args: string[]) => {
        const { code, stdout, stderr } = await posthorn(...args);
        expect(code, stderr).toBe(0);
        return stdout;
      };
      await must('extension', 'add', await packPackage(folder, tape('1.0.0', '')));
      await must('extension', 'enable', 'acme-tape');
      const broken = await packPackage(folder, tape('1.1.0', "'nonsense'"));
      const failed = await posthorn('extension', 'upgrade', 'acme-tape', broken);
      expect(failed.code).toBe(1);
      expect(failed.stderr).toMatch(/everything is as it was before: Migration acme-tape\/0002-x .*nonsense/);
      expect(JSON.parse(await must('acme-tape', 'show', '--json'))).toEqual({ version: '1.0.0', rows: 1 });
      const list = await must('extension', 'list', '--json');
      expect(list).toContain('"version":"1.0.0","state":"enabled","desired":"enabled","reason":""');
      const mended = await packPackage(folder, tape('1.1.1', "'insert into acme_tape_t2 (n) values (2)'"));
      expect(JSON.parse(await must('extension', 'upgrade', 'acme-tape', mended, '--json'))).toMatchObject({
        ...{ from: '1.0.0', version: '1.1.1', steps: 'acme-tape/0002-x' },
      });
      expect(JSON.parse(await must('acme-tape', 'show', '--json'))).toEqual({ version: '1.1.1', rows: 1 });
    });
  });
});
