/**
 * Each lookup table of Postfix, asked by Postfix's own program: 5,000 random keys through one process, at ten thousand
 * and at a hundred thousand mailboxes, or as many as MAPS_SIZES says (`1000,1000000`). A lookup should not notice how
 * many there are.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { available, missingFor, programPath } from '@posthorn/testkit/servers';
import { onDatabase } from './lib/databases.mjs';
import { environment, freshInstance } from './lib/instance.mjs';
import { NotRun, notRun, row } from './lib/rows.mjs';
import { runOnce } from './lib/run-once.mjs';
import { median } from './lib/statistics.mjs';
import { figure, table } from './lib/table.mjs';

const SIZES = (process.env['MAPS_SIZES'] ?? '10000,100000').split(',').map(Number);
const [SMALL, LARGE] = SIZES.map((size) => size.toLocaleString('en'));
const PER_DOMAIN = 100;
const KEYS = 5_000;
/** Keys of one sample, so that the two sizes take turns often. */
const CHUNK = 1_000;
const PASSES = 2;
/** Written beside ours, for comparison. */
const PRIMARY = 'primary-key.cf';
const TYPE = { sqlite: 'sqlite', postgresql: 'pgsql', mariadb: 'mysql' };

/** Set-based: 1 to n as a table, and truth, in each dialect. */
const words = {
  sqlite: {
    numbers: (n) => `(with recursive c(n) as (select 1 union all select n + 1 from c where n < ${n}) select n from c)`,
    yes: '1',
    no: '0',
    text: (sql) => `cast(${sql} as text)`,
  },
  postgresql: {
    numbers: (n) => `(select generate_series(1, ${n}) as n)`,
    yes: 'true',
    no: 'false',
    text: (sql) => `cast(${sql} as text)`,
  },
  mariadb: {
    numbers: (n) => `(select seq as n from seq_1_to_${n})`,
    yes: '1',
    no: '0',
    text: (sql) => `cast(${sql} as char)`,
  },
};

/**
 * As the services write them: every mailbox with its account, its own alias and its quota; every tenth domain
 * has another name. A relay domain for ten mailboxes; every other of them is verified, and has a mailbox here.
 */
function statements(dialect, count) {
  const { numbers, yes, no, text } = words[dialect];
  const many = numbers(count);
  const domains = numbers(count / PER_DOMAIN);
  const domain = dialect === 'mariadb' ? `(n - 1) div ${PER_DOMAIN} + 1` : `(n - 1) / ${PER_DOMAIN} + 1`;
  const user = `'u' || ${text('n')}`;
  const address = `${user} || '@d' || ${text(domain)} || '.test'`;
  const head = dialect === 'mariadb' ? ["set session sql_mode = concat(@@sql_mode, ',PIPES_AS_CONCAT')"] : [];
  const tail = {
    sqlite: ['analyze'],
    mariadb: [
      'analyze table core_user, admin_domain, admin_domainalias, admin_mailbox, admin_alias, admin_aliasrecipient, admin_senderaddress, admin_mailboxoperation, transport_transport, relaydomains_recipientaccess',
    ],
    postgresql: [
      ...['core_user', 'admin_domain', 'admin_domainalias', 'admin_mailbox', 'admin_alias', 'admin_aliasrecipient'].map(
        (name) => `select setval(pg_get_serial_sequence('${name}', 'id'), (select max(id) from ${name}))`,
      ),
      'analyze',
    ],
  }[dialect];
  const base = 10; // The administrator keeps his id.
  const mailAlias = count + 1;
  const relays = numbers(count / 10);
  const relay = count / PER_DOMAIN;
  const host = `'r' || ${text('n')} || '.test'`;
  return [
    ...head,
    `insert into core_user (id, username, email, password, role, is_active) select n + ${base}, ${address}, ${address}, '{SHA512-CRYPT}$6$x', 'SimpleUsers', ${yes} from ${many} as t`,
    `insert into admin_domain (id, name, type, enabled) select n, 'd' || ${text('n')} || '.test', 'domain', ${yes} from ${domains} as t`,
    `insert into admin_domainalias (id, name, target_id, enabled) select n, 'a' || ${text('n')} || '.test', n, ${yes} from ${domains} as t where n % 10 = 0`,
    `insert into admin_mailbox (id, address, quota, use_domain_quota, domain_id, user_id) select n, ${user}, 0, ${yes}, ${domain}, n + ${base} from ${many} as t`,
    `insert into admin_alias (id, address, domain_id, enabled, internal) select n, ${address}, ${domain}, ${yes}, ${yes} from ${many} as t`,
    `insert into admin_aliasrecipient (id, address, alias_id, r_mailbox_id) select n, ${address}, n, n from ${many} as t`,
    // The catch-all of a domain's other name.
    `insert into admin_alias (id, address, domain_id, enabled, internal) select ${mailAlias} + n, '@a' || ${text('n')} || '.test', null, ${yes}, ${yes} from ${domains} as t where n % 10 = 0`,
    `insert into admin_aliasrecipient (id, address, alias_id, r_mailbox_id) select ${mailAlias} + n, '@d' || ${text('n')} || '.test', ${mailAlias} + n, null from ${domains} as t where n % 10 = 0`,
    // Every twentieth mailbox has a forward beside it, and may send as somebody else.
    `insert into admin_alias (id, address, domain_id, enabled, internal) select ${2 * count} + n, 'info' || ${text('n')} || '@d' || ${text(domain)} || '.test', ${domain}, ${yes}, ${no} from ${many} as t where n % 20 = 0`,
    `insert into admin_aliasrecipient (id, address, alias_id, r_mailbox_id) select ${2 * count} + n, ${address}, ${2 * count} + n, n from ${many} as t where n % 20 = 0`,
    `insert into admin_senderaddress (address, mailbox_id) select 'as' || ${text('n')} || '@elsewhere.test', n from ${many} as t where n % 20 = 0`,
    `insert into admin_quota (username, bytes, messages) select ${address}, n, 1 from ${many} as t`,
    `insert into admin_mailboxoperation (mailbox_id, type, argument) select n, 'rename', 'x' from ${many} as t where n % 1000 = 0`,
    `insert into admin_domain (id, name, type, enabled) select ${relay} + n, ${host}, 'relaydomain', ${yes} from ${relays} as t`,
    `insert into transport_transport (id, pattern, service, next_hop, domain_id) select n, ${host}, 'relay', '[mx' || ${text('n')} || '.test]:25', ${relay} + n from ${relays} as t`,
    `insert into transport_transport (id, pattern, service, next_hop, domain_id) select ${count} + n, '@' || ${host}, 'smarthost', '[smtp.test]:587', ${relay} + n from ${relays} as t`,
    `insert into relaydomains_recipientaccess (pattern, action, transport_id) select ${host}, 'reject_unverified_recipient', n from ${relays} as t where n % 2 = 0`,
    `insert into core_user (id, username, email, password, role, is_active) select ${count + base} + n, 'here@' || ${host}, 'here@' || ${host}, '{SHA512-CRYPT}$6$x', 'SimpleUsers', ${yes} from ${relays} as t where n % 2 = 0`,
    `insert into admin_mailbox (id, address, quota, use_domain_quota, domain_id, user_id) select ${count} + n, 'here', 0, ${yes}, ${relay} + n, ${count + base} + n from ${relays} as t where n % 2 = 0`,
    ...tail,
  ];
}

function random(seed) {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** The same keys every time; four of five are there, as far as the map holds anything for them. */
function keysFor(map, count) {
  const pick = random(7);
  const domains = count / PER_DOMAIN;
  const address = () => {
    const n = 1 + pick(count);
    return `u${n}@d${Math.floor((n - 1) / PER_DOMAIN) + 1}.test`;
  };
  const known = {
    'sql-domains.cf': () => `d${1 + pick(domains)}.test`,
    'sql-domain-aliases.cf': () => `a${10 * (1 + pick(domains / 10))}.test`,
    'sql-maintain.cf': address,
    'sql-aliases.cf': address,
    'sql-transport.cf': () => `r${1 + pick(count / 10)}.test`,
    'sql-sender-transport.cf': () => `@r${1 + pick(count / 10)}.test`,
    'sql-relaydomains.cf': () => `r${1 + pick(count / 10)}.test`,
    'sql-spliteddomains-transport.cf': () => `here@r${2 * (1 + pick(count / 20))}.test`,
    'sql-relay-recipient-verification.cf': () => `x@r${2 * (1 + pick(count / 20))}.test`,
    'sql-relay-recipient-acceptance.cf': () => `x@r${1 + 2 * pick(count / 20)}.test`,
    'sql-sender-login-map.cf': () => (pick(10) === 0 ? `as${20 * (1 + pick(count / 20))}@elsewhere.test` : address()),
    [PRIMARY]: () => String(11 + pick(count)),
  }[map];
  if (known === undefined) return undefined; // Another extension's table.
  const miss =
    {
      'sql-domains.cf': () => `x${pick(1e6)}.test`,
      'sql-domain-aliases.cf': () => `x${pick(1e6)}.test`,
      [PRIMARY]: () => String(10_000_000 + pick(1e6)),
    }[map] ?? (() => `nobody${pick(1e6)}@d${1 + pick(domains)}.test`);
  return Array.from({ length: KEYS }, () => (pick(5) === 0 ? miss() : known()));
}

/** What stands in a generated file before its query: how to reach the database. */
const primaryKeyMap = (text) =>
  text.replace(/^query *=.*(?:\n[ \t].*)*/m, "query = SELECT username FROM core_user WHERE id='%s'");

/** An instance with that many mailboxes and its maps, ready to be asked. */
async function prepare({ dialect, server }, count) {
  const database = server === undefined ? undefined : await server.createDatabase();
  const instance = await freshInstance(database === undefined ? {} : { database: database.url });
  const all = statements(dialect, count);
  if (database === undefined) {
    const db = new DatabaseSync(instance.sqliteFile);
    db.exec(`begin; ${all.slice(0, -1).join('; ')}; commit; ${all.at(-1)}; pragma wal_checkpoint(truncate)`);
    db.close();
  } else {
    // A session of its own for each, since the program that sends them is given a minute; the first is the session's.
    const head = dialect === 'mariadb' ? all.slice(0, 1) : [];
    for (const one of all.slice(head.length)) {
      await server.sql(database.name, [...head, one].map((sql) => `${sql};\n`).join(''));
    }
  }

  const folder = join(instance.directory, 'maps');
  const config = join(instance.directory, 'postfix');
  await mkdir(config);
  await writeFile(join(config, 'main.cf'), 'compatibility_level = 3.6\n');
  await instance.must(['maps', 'write', folder]);
  const text = await readFile(join(folder, 'sql-domains.cf'), 'utf8');
  await writeFile(join(folder, PRIMARY), primaryKeyMap(text));
  const files = (await readdir(folder)).filter((file) => file.endsWith('.cf') && keysFor(file, count) !== undefined);

  const ask = async (file, keys) => {
    const { stdout, stderr, ms } = await runOnce(
      programPath('postmap'),
      ['-c', config, '-q', '-', `${TYPE[dialect]}:${join(folder, file)}`],
      { env: environment, input: keys.map((key) => `${key}\n`).join('') },
    );
    if (stderr !== '') throw new Error(`postmap ${file}: ${stderr.slice(0, 500)}`);
    return { hits: stdout.split('\n').length - 1, ms };
  };
  return {
    files: files.sort(),
    async lookUp(file, round) {
      const from = (round * CHUNK) % KEYS;
      const keys = keysFor(file, count).slice(from, from + CHUNK);
      const alone = await ask(file, keys.slice(0, 1));
      const { hits, ms } = await ask(file, keys);
      // Otherwise something else was measured than a lookup that finds what it should.
      if (file !== 'sql-maintain.cf' && Math.abs(hits / CHUNK - 0.8) > 0.08)
        throw new Error(`${file} on ${dialect}: ${hits} of ${CHUNK} keys were found`);
      return { hits, ms, alone: alone.ms };
    },
    remove: () => instance.remove(),
  };
}

/**
 * Microseconds per lookup. Starting the program and connecting is no part of it; that is taken from the quickest time
 * with one key, since a single one may have met a busy moment.
 */
function perLookup(samples) {
  const start = Math.min(...samples.map((one) => one.alone));
  return samples.map((one) => ((one.ms - start) * 1_000) / (CHUNK - 1));
}

async function measure(o) {
  const sizes = [];
  try {
    for (const count of SIZES) sizes.push(await prepare(o, count));
    const results = new Map(sizes[0].files.map((file) => [file, sizes.map(() => [])]));
    const rounds = (PASSES * KEYS) / CHUNK;
    // The last chunk once more, before anything counts: it fills the caches.
    for (let round = -1; round < rounds; round += 1) {
      for (const [file, samples] of results) {
        for (const [i, one] of sizes.entries()) {
          const sample = await one.lookUp(file, round + rounds);
          if (round >= 0) samples[i].push(sample);
        }
      }
    }
    return results;
  } finally {
    for (const one of sizes) await one.remove();
  }
}

export default {
  async run() {
    if (!available('mail'))
      throw new NotRun(`${missingFor('mail').join(', ') || 'root rights'} missing (test/setup installs it)`);
    const rows = [];
    const lines = [];
    const details = [];
    for (const dialect of ['sqlite', 'postgresql', 'mariadb']) {
      const outcome = await onDatabase(dialect, measure);
      if ('reason' in outcome) {
        rows.push(notRun(`maps on ${dialect}`, outcome.reason));
        continue;
      }
      const primary = median(perLookup(outcome.value.get(PRIMARY)[1]));
      for (const [file, samples] of outcome.value) {
        const [small, large] = samples.map(perLookup);
        const hits = samples[1].reduce((sum, one) => sum + one.hits, 0);
        const isOurs = file !== PRIMARY;
        rows.push(
          row({
            name: `${isOurs ? file : 'select by primary key'}, ${dialect}`,
            unit: 'µs',
            samples: large,
            baseline: { name: `at ${SMALL} mailboxes`, samples: small },
            paired: true,
            ...(isOurs ? { aim: { of: 'ratio', below: 1.5 } } : {}),
          }),
        );
        const [before, after] = [median(small), median(large)];
        lines.push([
          dialect,
          file,
          figure(before),
          figure(after),
          `${figure(after / primary)}×`,
          `${((100 * hits) / (PASSES * KEYS)).toFixed(0)} %`,
        ]);
        details.push({ dialect, file, small, large, hits });
      }
    }
    return {
      rows,
      notes: [
        `µs per lookup, and how that compares with a select by primary key through the same program:\n${table(
          ['database', 'map', `${SMALL}>`, `${LARGE}>`, 'to primary key>', 'hits>'],
          lines,
        )}`,
      ],
      details,
    };
  },
};
