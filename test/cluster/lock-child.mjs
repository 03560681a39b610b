// A process that takes a lock and, told so, writes under it. Arguments: the database's URL, the lease in milliseconds.
import { Locks } from '../../core/dist/cluster/locks.js';
import { Database } from '../../core/dist/data/database.js';
import { parseDatabaseUrl } from '../../core/dist/data/url.js';

const [url, leaseMs] = process.argv.slice(2);
const database = await Database.create({ target: parseDatabaseUrl(url, '/'), entities: [], additions: [] });
const silent = () => {};
const locks = new Locks(database, { debug: silent, info: silent, warn: silent, error: silent });
const told = new Promise((resolve) => process.once('message', resolve));
try {
  await locks.hold(
    'try',
    async (lock) => {
      process.send({ fence: lock.fence });
      await told;
      await database.write(async () => {
        await lock.confirm(database);
        await database.execute('insert into try_written (fence) values (?)', [lock.fence]);
      });
    },
    { leaseMs: Number(leaseMs) },
  );
  process.send({ done: true });
} catch (error) {
  process.send({ code: error.code });
}
await database.close();
process.disconnect();
