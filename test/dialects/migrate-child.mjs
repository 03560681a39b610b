// A process that migrates: brings a table whose making takes a while, in several steps, and prints what it applied.
// Arguments: the database's URL.
import { Migrations } from '../../core/dist/data/migrate.js';
import { parseDatabaseUrl } from '../../core/dist/data/url.js';

const pause = {
  sqlite: 'with recursive c (x) as (select 1 union all select x + 1 from c where x < 12000000) select max(x) from c',
  postgresql: 'select pg_sleep(1.5)',
  mariadb: 'do sleep(1.5)',
};
const slow = {
  name: 'try/0001-slow',
  up: (ddl) => {
    process.send('begun');
    return steps(ddl);
  },
  down: (ddl) => ddl.dropTable('try_slow'),
};
const steps = (ddl) => [
  ...ddl.createTable('try_slow', { columns: { id: { type: 'id' }, name: { type: 'string(20)' } } }),
  "insert into try_slow (name) values ('once')",
  pause[ddl.dialect],
  ...ddl.addColumn('try_slow', 'late', { type: 'integer', default: 1 }),
];
process.send('ready');
process.once('message', async () => {
  const applied = await new Migrations(parseDatabaseUrl(process.argv[2], '/'), [slow]).up();
  process.send(applied, () => process.disconnect());
});
