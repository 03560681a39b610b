/** What Posthorn says about where an address leads is what Postfix does with our tables. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Resolution, resolutions } from '@posthorn/admin/contract';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, bench } from '../admin/fixture.js';
import {
  type MailEngine,
  type Mailstack,
  requireSuite,
  sendMail,
  startMailstack,
  startMariadb,
  startPostgres,
  until,
} from '../kit/src/servers/index.js';
import { makeTempDir, removeTempDir } from '../kit/src/servers/temp-dir.js';
import { outside } from './mail-system.js';
import { insert, named, questions, type Routes, routes } from './random-routes.js';

const RUNS = Number(process.env['POSTHORN_RESOLUTION_RUNS'] ?? 12);
const seed = Number(process.env['POSTHORN_RESOLUTION_SEED'] ?? Date.now() % 1_000_000);

const TURN = 8;

/** Every last address, as Postfix hands it on; nothing where it takes no mail or gives up. */
type Fate = readonly string[] | 'refused' | 'put off';

const OFF: readonly string[] = ['domain-unknown', 'domain-disabled', 'domain-alias-disabled'];

function saidBy({ outcome, isTemporary, steps }: Resolution): Fate {
  // Here Postfix does not ask whether the mailbox takes mail: what is said of a refusal by that is where it would go.
  const isClosed = steps.some(({ marks }) => marks.includes('mail-refused'));
  if (outcome === 'refused' && !(isClosed && steps.every(({ marks }) => !marks.some((one) => OFF.includes(one)))))
    return 'refused';
  if (outcome === 'deferred' && !isTemporary) return 'put off';
  const isPassed = new Set(steps.map(({ from }) => from));
  const last = steps.filter(({ id, marks }) => !isPassed.has(id) && !marks.includes('repeated'));
  return [...new Set(last.map(({ address, delivery }) => delivery ?? address))].sort();
}

/** An empty database: a file that Postfix can reach, or a server whose sessions are not in UTC. */
async function databaseFor(
  engine: MailEngine,
  parts: AsyncDisposableStack,
): Promise<{ readonly url: string; readonly file?: string }> {
  if (engine !== 'sqlite') {
    const server = parts.use(engine === 'postgresql' ? await startPostgres() : await startMariadb());
    const { name, url } = await server.createDatabase();
    const zone =
      engine === 'postgresql'
        ? `ALTER DATABASE ${name} SET timezone TO 'Asia/Tokyo'`
        : "SET GLOBAL time_zone = '+09:00'";
    await server.sql(name, zone);
    return { url };
  }
  const directory = await makeTempDir('resolution');
  parts.defer(() => removeTempDir(directory));
  await mkdir(join(directory, 'db'));
  const file = join(directory, 'db', 'posthorn.db');
  return { url: `sqlite://${file}`, file };
}

/** A few at the same time, as a server that is not alone on its machine can bear. */
async function inTurns<T>(count: number, work: (at: number) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  for (let at = 0; at < count; at += TURN) {
    done.push(...(await Promise.all(Array.from({ length: Math.min(TURN, count - at) }, (_, one) => work(at + one)))));
  }
  return done;
}

const suites: readonly (readonly [MailEngine, boolean])[] = [
  ['sqlite', requireSuite('mail')],
  ['postgresql', requireSuite('mail') && requireSuite('postgresql')],
];

for (const [engine, isThere] of suites) {
  describe.skipIf(!isThere)(`where addresses lead, on ${engine}`, () => {
    let b: Bench;
    let stack: Mailstack;
    let parts: AsyncDisposableStack;
    let count = 0;

    beforeAll(async () => {
      parts = new AsyncDisposableStack();
      const database = await databaseFor(engine, parts);
      b = await bench({ database: database.url });
      parts.use(b.host);
      const write = async (...args: string[]): Promise<void> => {
        expect(await b.host.command(args)).toMatchObject({ code: 0 });
      };
      stack = await startMailstack({
        engine,
        ...(database.file === undefined ? {} : { sqliteFile: database.file }),
        maps: (dir) => write('maps', 'write', dir),
        dovecot: (dir, { vmailRoot, uid, gid, postfixSpool }) =>
          write(
            ...['dovecot', 'write', dir, '--mail-home', vmailRoot],
            ...['--uid', String(uid), '--gid', String(gid), '--postfix-spool', postfixSpool],
          ),
        // Everything that would be delivered is handed to the sink, which takes it as it comes.
        mainCf: {
          virtual_transport: '$default_transport',
          smtpd_relay_restrictions: 'reject_unauth_destination',
          smtpd_recipient_restrictions: 'reject_unauth_destination',
          smtpd_sender_restrictions: '',
          // Nothing here is as long unless it goes in circles, and a thousand questions to a server take their time.
          virtual_alias_recursion_limit: '100',
        },
      });
      parts.use(stack);
    }, 120_000);
    afterAll(() => parts?.disposeAsync(), 60_000);

    /** Mail to each address, and who got it in the end. */
    async function sentTo(addresses: readonly string[]): Promise<readonly Fate[]> {
      stack.clearSink();
      const subjects = addresses.map((_address, at) => `mail ${count}-${at}`);
      const results = await inTurns(addresses.length, (at) =>
        sendMail({
          port: stack.ports.smtp,
          from: outside,
          to: addresses[at] as string,
          subject: subjects[at] as string,
        }),
      );
      await until('the queue to be empty', 60, async () => (await stack.queue()).length === 0, 50);
      return addresses.map((_address, at) => {
        const result = results[at];
        if ((result?.rejected.length ?? 0) > 0) return 'refused';
        if (result?.sent !== true) return 'put off';
        const got = stack.sink().filter(({ subject }) => subject === subjects[at]);
        return [...new Set(got.flatMap(({ to }) => to))].sort();
      });
    }

    async function compare(r: Routes): Promise<void> {
      count += 1;
      const arranged = named(r, `g${count}`);
      await insert(b, arranged);
      const asked = questions(arranged);
      const answers = await Promise.all(asked.map((one) => b.context.get(resolutions).resolve(b.system, one)));
      const sent = await sentTo(asked);
      const context = () => JSON.stringify(arranged);
      expect(Object.fromEntries(asked.map((one, at) => [one, saidBy(answers[at] as Resolution)])), context()).toEqual(
        Object.fromEntries(asked.map((one, at) => [one, sent[at]])),
      );
    }

    it(`is what Postfix does (seed ${seed})`, async () => {
      await fc.assert(fc.asyncProperty(routes, compare), { seed, numRuns: RUNS, interruptAfterTimeLimit: 240_000 });
    }, 300_000);
  });
}
