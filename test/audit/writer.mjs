// One process of an installation for the tests: changes rows in transactions, every third of them rolled back, and seals
// what is recorded while others do the same. Arguments: one JSON object { url, directory, name, count }.
import { Audit } from '../../core/dist/audit/audit.js';
import { kernelAuditTables } from '../../core/dist/audit/kernel-tables.js';
import { Database } from '../../core/dist/data/database.js';
import { parseDatabaseUrl } from '../../core/dist/data/url.js';
import { KeyRing } from '../../core/dist/secrets/key-ring.js';
import { SecretBox } from '../../core/dist/secrets/secret-box.js';

const o = JSON.parse(process.argv[2]);
const say = (fields, message) => process.stderr.write(`${message} ${fields.err ?? ''}\n`);
const items = (id) =>
  kernelAuditTables.filter(({ slot }) => slot.id === id).map(({ item }) => ({ from: 'core', item }));
let database;
const audit = new Audit({
  database: () => database,
  generation: () => ({ slots: { items }, order: [] }),
  secrets: new SecretBox(new KeyRing(o.directory)),
  log: { debug() {}, info() {}, warn: say, error: say },
});
database = await Database.create({
  target: parseDatabaseUrl(o.url, '/'),
  entities: [],
  additions: [],
  recorder: audit.recorder,
});
const grant = (n) =>
  database.execute('insert into core_grant (role, permission, extension) values (?, ?, ?)', [o.name, `${n}`, 'x']);

async function change(i) {
  await database.write(async () => {
    await grant(`${i}.a`);
    await grant(`${i}.b`);
    if (i % 3 === 0) throw new Error('rolled back');
  });
}

// Several at once, and the chain grows meanwhile.
const lanes = Array.from({ length: 4 }, async (_, lane) => {
  for (let i = lane; i < o.count; i += 4) {
    await change(i).catch((error) => {
      if (error.message !== 'rolled back') throw error;
    });
    if (i % 7 === 0) await audit.seal();
  }
});
await Promise.all(lanes);
await audit.close();
await database.close();
