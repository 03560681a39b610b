// One process of an installation for the tests: raises events in transactions, every third of them rolled back, and
// delivers its own and what dead processes left behind, until it kills itself in the middle of a delivery.
// Arguments: one JSON object { url, directory, log, leaseMs, things, deliveries, isNoted }: dies in so many deliveries' time, with
// or without having noted the last one.
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../../core/dist/data/database.js';
import { parseDatabaseUrl } from '../../core/dist/data/url.js';
import { Outbox } from '../../core/dist/outbox/outbox.js';
import { KeyRing } from '../../core/dist/secrets/key-ring.js';
import { SecretBox } from '../../core/dist/secrets/secret-box.js';

const o = JSON.parse(process.argv[2]);
const database = await Database.create({ target: parseDatabaseUrl(o.url, '/'), entities: [], additions: [] });
const die = () => process.kill(process.pid, 'SIGKILL');
let left = o.deliveries;

/** What an event kills must not look like an event that kills: later attempts are left in peace. */
async function listen({ subject, number, tag }, { attempt }) {
  const isLast = attempt < 4 && --left <= 0;
  if (isLast && !o.isNoted) die();
  // one line, appended at once: no two processes write into each other
  appendFileSync(o.log, `${subject} ${number} ${tag}\n`);
  if (isLast) die();
}

const say = (fields, message) => process.stderr.write(`${message} ${fields.err ?? ''}\n`);
const outbox = new Outbox({
  database,
  listeners: () => listen,
  secrets: new SecretBox(new KeyRing(o.directory)),
  log: { debug() {}, info() {}, warn: say, error: say },
  leaseMs: o.leaseMs,
});
const changed = { id: 'try.changed@1', isSecret: true, subject: ({ subject }) => `try/${subject}` };

/** A transaction that changes a few things and tells so. In the order of their ids, because they are locked. */
async function change(isRolledBack) {
  const subjects = [...Array(o.things).keys()].filter(() => Math.random() < 0.3);
  await database.write(async () => {
    for (const subject of subjects) {
      await database.execute('update try_thing set number = number + 1 where id = ?', [subject]);
      const [row] = await database.execute('select number from try_thing where id = ?', [subject]);
      const event = { subject, number: Number(row.number), tag: randomUUID() };
      await database.execute('insert into try_told (tag, thing, number) values (?, ?, ?)', [
        event.tag,
        event.subject,
        event.number,
      ]);
      await outbox.raise(changed, 'try', event);
    }
    if (isRolledBack) throw new Error('rolled back');
  });
}

setInterval(() => void outbox.sweep(), 100);
// At a pace: on a busy machine more would be raised than is delivered, and nobody would come to his last delivery.
for (let i = 1; ; i += 1) {
  await change(i % 3 === 0).catch(() => {});
  await sleep(10);
}
