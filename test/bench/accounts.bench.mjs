/**
 * A thousand accounts with mailboxes, hashes given, through the service that every door uses; against the same rows
 * written by plain multi-row inserts.
 */
import { domains, mailboxes } from '@posthorn/admin/contract';
import { testHost } from '@posthorn/testkit';
import { onDatabase } from './lib/databases.mjs';
import { notRun, row } from './lib/rows.mjs';
import { statementCount } from './lib/statements.mjs';

const COUNT = 1_000;
/** Accounts per sample. */
const STEP = 100;
const HASH = `{SHA512-CRYPT}$6$rounds=70000$${'a'.repeat(16)}$${'b'.repeat(86)}`;
const TABLES = ['core_user', 'core_access', 'admin_mailbox', 'admin_alias', 'admin_aliasrecipient', 'admin_quota'];

/** The same, one step recorded and one not, in turn: a busy moment meets both. */
async function ratesWithAndWithout(data, create) {
  const recorded = [];
  const unrecorded = [];
  const step = async (from, samples, run) => {
    const begun = performance.now();
    for (let n = from; n < from + STEP; n += 1) await run(n);
    samples.push((STEP * 1_000) / (performance.now() - begun));
  };
  for (let at = 0; at < COUNT; at += STEP) {
    await step(40_000 + at, recorded, create);
    await step(50_000 + at, unrecorded, (n) => data.derived(() => create(n)));
  }
  return { recorded, unrecorded };
}

/** Accounts per second, one sample for each step. */
async function rates(from, work) {
  const samples = [];
  for (let at = 0; at < COUNT; at += STEP) {
    const begun = performance.now();
    await work(from + at, STEP);
    samples.push((STEP * 1_000) / (performance.now() - begun));
  }
  return samples;
}

const name = (n) => `user${String(n).padStart(6, '0')}@d${n % 10}.test`;

async function measure({ dialect, server }) {
  const { default: admin } = await import('@posthorn/admin');
  const database = server === undefined ? undefined : (await server.createDatabase()).url;
  const seen = statementCount();
  await using host = await testHost({
    with: [admin],
    onStatement: seen.hear,
    ...(database === undefined ? {} : { database }),
  });
  const { database: data } = host.kernel;
  const context = host.context('admin');
  for (let i = 0; i < 10; i += 1) await context.get(domains).create(host.system, { name: `d${i}.test`, quota: 0 });
  const service = context.get(mailboxes);
  const create = (n) =>
    service.create(host.system, { username: name(n), passwordHash: HASH, first_name: 'A', last_name: 'B' });
  for (let n = 0; n < 50; n += 1) await create(900_000 + n);

  seen.count = 0;
  seen.texts.clear();
  const singly = await rates(0, async (from, count) => {
    for (let n = from; n < from + count; n += 1) await create(n);
  });
  const statements = seen.count / COUNT;
  const texts = [...seen.texts]
    .sort((a, b) => b[1] - a[1])
    .map(([text, count]) => ({ text, perAccount: count / COUNT }));
  seen.count = 0;
  const together = await rates(10_000, (from, count) =>
    data.write(async () => {
      for (let n = from; n < from + count; n += 1) await create(n);
    }),
  );
  const statementsTogether = seen.count / COUNT;

  const audit = await ratesWithAndWithout(data, create);

  // What one account is in rows, found rather than assumed.
  const rowsOf = async (table) => Number((await data.execute(`select count(*) as n from ${table}`))[0].n);
  const before = Object.fromEntries(await Promise.all(TABLES.map(async (table) => [table, await rowsOf(table)])));
  await create(800_000);
  const made = [];
  for (const table of TABLES) {
    const added = (await rowsOf(table)) - before[table];
    if (added === 0) continue;
    const [key, which] =
      table === 'admin_quota' ? ['username', 'where username = ?'] : ['id', `order by id desc limit ${added}`];
    made.push({
      table,
      key,
      rows: await data.execute(`select * from ${table} ${which}`, key === 'id' ? [] : [name(800_000)]),
    });
  }
  const raw = await rawInserts(data, made);
  return {
    dialect,
    singly,
    together,
    raw,
    audit,
    statements,
    statementsTogether,
    texts,
    tables: made.map((one) => `${one.rows.length} in ${one.table}`),
  };
}

/** The rows of one account again and again, under other names and ids, a hundred accounts to a statement and table. */
async function rawInserts(data, made) {
  const top = {};
  for (const { table, key } of made) {
    if (key === 'id') top[table] = Number((await data.execute(`select max(id) as n from ${table}`))[0].n);
  }
  const parents = { user_id: 'core_user', r_mailbox_id: 'admin_mailbox', alias_id: 'admin_alias' };
  return rates(20_000, (from, count) =>
    data.write(async () => {
      for (const { table, rows } of made) {
        const columns = Object.keys(rows[0]);
        const values = [];
        for (let n = from; n < from + count; n += 1) {
          const offset = n - 20_000 + 1;
          for (const one of rows) {
            for (const column of columns) {
              const value = one[column];
              if (column === 'id') values.push(top[table] + offset);
              else if (column in parents && value !== null) values.push(top[parents[column]] + offset);
              else
                values.push(
                  typeof value === 'string'
                    ? value.replace(name(800_000), name(n)).replace('user800000', `user${String(n).padStart(6, '0')}`)
                    : value,
                );
            }
          }
        }
        const tuple = `(${columns.map(() => '?').join(', ')})`;
        await data.execute(
          `insert into ${table} (${columns.join(', ')}) values ${Array(count * rows.length)
            .fill(tuple)
            .join(', ')}`,
          values,
        );
      }
    }),
  );
}

export default {
  async run() {
    const rows = [];
    const notes = [];
    const details = [];
    for (const dialect of ['sqlite', 'postgresql']) {
      const outcome = await onDatabase(dialect, measure);
      if ('reason' in outcome) {
        rows.push(notRun(`accounts on ${dialect}`, outcome.reason));
        continue;
      }
      const { singly, together, raw, audit, statements, statementsTogether, texts, tables } = outcome.value;
      const baseline = { name: 'raw inserts, 100 at once', samples: raw };
      rows.push(
        row({ name: `accounts one by one, ${dialect}`, unit: '1/s', samples: singly, baseline }),
        row({
          name: `accounts, 100 to a write, ${dialect}`,
          unit: '1/s',
          samples: together,
          baseline: { name: 'one by one', samples: singly },
          aim: { of: 'ratio', above: 1 },
        }),
        row({
          name: `accounts with their audit, ${dialect}`,
          unit: '1/s',
          samples: audit.recorded,
          baseline: { name: 'without', samples: audit.unrecorded },
          paired: true,
          aim: { of: 'ratio', above: 0.6 },
        }),
        row({
          name: `statements per account, ${dialect}`,
          unit: '',
          samples: [statements],
          baseline: { name: 'tables written', samples: [tables.length] },
        }),
      );
      notes.push(
        `${dialect}: an account is ${tables.join(', ')}; ${statements} statements alone, ${statementsTogether} within a larger write:\n${texts
          .map(({ text, perAccount }) => `  ${perAccount.toFixed(2)}  ${text}`)
          .join('\n')}`,
      );
      details.push(outcome.value);
    }
    return { rows, notes, details };
  },
};
