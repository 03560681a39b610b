/**
 * On SQLite and PostgreSQL: the pages of a hundred to a hundred thousand mailboxes, with `POSTHORN_TEST_LONG=1` of a
 * million, as a signed-in administrator gets them, and what is made, renamed and deleted there: time and statements;
 * bytes, requests per second beside a bare Koa page of the same size, and what sixteen people who sign in at once do to
 * everybody else.
 */
import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { domains, mailboxes } from '@posthorn/admin/contract';
import { bootKernel, createApp, createLog, superActor } from '@posthorn/core';
import pg from 'pg';
import { onDatabase } from './lib/databases.mjs';
import { freshInstance, serve, serveBareKoa } from './lib/instance.mjs';
import { HASH, mailData, PER_DOMAIN } from './lib/mail-data.mjs';
import { reader } from './lib/reader.mjs';
import { notRun, row } from './lib/rows.mjs';
import { median, p95, quantile } from './lib/statistics.mjs';
import { figure, table } from './lib/table.mjs';

const SIZES = [100, 10_000, 100_000, ...(process.env.POSTHORN_TEST_LONG === '1' ? [1_000_000] : [])];
/** Where bytes, requests per second and the crowd are measured. */
const CROWD_AT = 10_000;
/** Rows of a page. */
const PAGE = 25;
/** Requests per page, and rounds of what is made, renamed and deleted. */
const TIMES = 40;
const PAGE_P95_MOST_MS = 100;
const CREATE_MOST = 1.5;
/** Of a list; a search asks twice how many there are. */
const STATEMENTS_MOST = 7;
const FIRST_VISIT_MOST_KB = 200;
const CONNECTIONS = 8;
const LOAD_MS = 1_500;
const LOAD_ROUNDS = 3;
const SIGN_INS = 16;
const SIGN_IN_ROUNDS = 4;
const ALONE_MS = 1_500;
/** Far below what a server can do, so that what is measured is not its queue. */
const PAGES_PER_SECOND = 40;

/** As far as pages have numbers. */
const COUNTED = 10_000;

const url = (path, search) => `${path}?${new URLSearchParams(search)}`;

/** The addresses that are measured; names and numbers are those of `mailData`. */
function pagesAt(count) {
  const domains = count / PER_DOMAIN;
  const domain = `d${domains}.test`;
  const last = (rows) => String(Math.ceil(Math.min(rows, COUNTED) / PAGE));
  const [domainList, all, quotas] = ['/admin/domains/', '/admin/identities/', '/admin/quotas/'];
  const deepest = JSON.stringify([`u${count}@${domain}`, 'account', 1]);
  return [
    ['domains', 'first page', domainList],
    ['domains', 'last page', url(domainList, { page: last(domains) })],
    ['domains', 'search', url(domainList, { q: `${domains}.te` })],
    ['domains', 'enabled', url(domainList, { enabled: 'yes' })],
    ['domains', 'by accounts', url(domainList, { sort: '-accounts' })],
    ['domains', 'one', `/admin/domains/${domain}/`],
    ['identities', 'first page', all],
    ['identities', 'last page with a number', url(all, { page: last(count) })],
    ['identities', 'behind a row', url(all, { after: deepest })],
    ['identities', 'downwards', url(all, { sort: '-name' })],
    ['identities', 'search, one hit', url(all, { q: `u${count}@` })],
    ['identities', 'search, some hit', url(all, { q: 'First9' })],
    ['identities', 'search, all hit', url(all, { q: '.test' })],
    ['identities', 'search, no hit', url(all, { q: 'nobody@nowhere' })],
    ['identities', 'one domain', url(all, { domain })],
    ['identities', 'one role', url(all, { role: 'SimpleUsers' })],
    ['identities', 'aliases', url(all, { kind: 'alias' })],
    ['accounts', 'one', `/admin/accounts/${count}/`],
    ['quotas', 'by name', url(quotas, { sort: 'name' })],
    ['quotas', 'by use', quotas],
    ['quotas', 'by use, last page with a number', url(quotas, { page: last(count) })],
    ['quotas', 'search', url(quotas, { q: `u${count}@` })],
  ].map(([list, what, path]) => ({ list, what, path }));
}

/** What is made, renamed and deleted, in this order, each time with names of its own. */
function changesAt(context, actor) {
  const [domain, account] = [context.get(domains), context.get(mailboxes)];
  const at = (name) => ({ name });
  return [
    ['create a domain', (n) => domain.create(actor, { ...at(`new${n}.test`), quota: 0 })],
    ['rename a domain', (n) => domain.update(actor, `new${n}.test`, at(`renamed${n}.test`))],
    ['delete a domain', (n) => domain.remove(actor, `renamed${n}.test`)],
    ['create an account', (n) => account.create(actor, { username: `new${n}@d1.test`, passwordHash: HASH })],
    ['rename an account', (n) => account.update(actor, `new${n}@d1.test`, { username: `renamed${n}@d1.test` })],
    ['delete an account', (n) => account.remove(actor, `renamed${n}@d1.test`)],
  ].map(([what, run]) => ({ what, run }));
}

/** Milliseconds and statements of each change, in turns. */
async function timeChanges(changes, seen) {
  const outcomes = changes.map(({ what }) => ({ what, ms: [], statements: 0 }));
  for (let n = -2; n < TIMES; n += 1) {
    for (const [i, { run }] of changes.entries()) {
      seen.length = 0;
      const begun = performance.now();
      await run(n + 10);
      if (n >= 0) outcomes[i].ms.push(performance.now() - begun);
      outcomes[i].statements = seen.length;
    }
  }
  return outcomes;
}

/**
 * The index of searches is filled at once: row by row it takes a minute for a million. The way it keeps itself is that of
 * the migration. What it then still has to merge, which rows that come by and by leave none of, is merged here: otherwise
 * every sixteenth account that is made pays for it with 200 ms.
 */
const SEARCH_INDEXES = {
  admin_search_user: `insert into admin_search_user (rowid, username, first_name, last_name)
    select id, username, first_name, last_name from core_user where id > 10`,
  admin_search_alias: `insert into admin_search_alias (rowid, address)
    select id, address from admin_alias where internal = 0`,
};

function fillSqlite(file, statements) {
  const db = new DatabaseSync(file);
  const triggers = Object.keys(SEARCH_INDEXES).map((table) => ({
    name: `${table}_made`,
    sql: db.prepare('select sql from sqlite_schema where name = ?').get(`${table}_made`).sql,
  }));
  const all = [
    ...triggers.map(({ name }) => `drop trigger ${name}`),
    ...statements,
    ...Object.values(SEARCH_INDEXES),
    ...Object.keys(SEARCH_INDEXES).map((table) => `insert into ${table} (${table}) values ('optimize')`),
    ...triggers.map(({ sql }) => sql),
  ];
  db.exec(`begin; ${all.join('; ')}; commit; pragma wal_checkpoint(truncate)`);
  db.close();
}

/** Writes the rows, a table at a time. */
async function fill(instance, database, count) {
  const statements = mailData(count, SIGN_INS);
  if (database === undefined) {
    fillSqlite(instance.sqliteFile, statements);
    return;
  }
  const client = new pg.Client(database);
  await client.connect();
  for (const statement of statements) await client.query(statement);
  // What was numbered by hand is behind the next number.
  for (const table of ['core_user', 'admin_domain', 'admin_mailbox', 'admin_alias', 'admin_aliasrecipient']) {
    await client.query(`select setval(pg_get_serial_sequence('${table}', 'id'), (select max(id) from ${table}))`);
  }
  await client.query('vacuum');
  await client.end();
}

/** Milliseconds of each page, taken in turns, so that a busy moment meets all of them. */
async function time(visitor, pages) {
  const samples = pages.map(() => []);
  for (let n = -2; n < TIMES; n += 1) {
    for (const [i, { path }] of pages.entries()) {
      const { ms } = await visitor.must(path);
      if (n >= 0) samples[i].push(ms);
    }
  }
  return samples;
}

/** Statements of each page, and the changes, in a process of our own on the same database. */
async function inProcess(instance, database, pages) {
  const seen = [];
  const log = createLog({ level: 'silent', name: 'bench', to: 2 });
  const config = {
    directory: instance.directory,
    databaseUrl: database ?? 'sqlite:data/db/posthorn.db',
    hostname: 'mx.example.test',
    baseUrl: 'http://127.0.0.1:8000',
    language: 'en',
    timeZone: 'UTC',
    logLevel: 'silent',
    essential: [],
    poolSize: 4,
  };
  const kernel = await bootKernel({ config, role: 'web', log, onStatement: (sql) => seen.push(sql) });
  const server = createServer(
    createApp({
      kernel: () => kernel,
      status: () => ({ waitingFor: undefined, trouble: undefined, notices: [] }),
      draining: () => false,
      log,
      version: '0.0.0',
      trustedProxies: [],
      nextSteps: [],
    }),
  );
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const visitor = reader(server.address().port);
  try {
    await visitor.signIn(instance.admin, await visitor.signInToken());
    const counts = [];
    for (const { path } of pages) {
      // What is read once and kept is no part of a page.
      await visitor.must(path);
      seen.length = 0;
      await visitor.must(path);
      counts.push([...seen]);
    }
    const changes = changesAt(kernel.generation.context('admin'), superActor('system'));
    return { statements: counts, changes: await timeChanges(changes, seen) };
  } finally {
    visitor.close();
    server.closeAllConnections();
    server.close();
    await kernel[Symbol.asyncDispose]();
  }
}

/** A style sheet without the fonts that no character of the page needs: those a browser leaves alone. */
function withoutIdleFonts(css, html) {
  const codes = [...new Set(html)].map((character) => character.codePointAt(0) ?? 0);
  return css.replace(/@font-face\s*\{[^}]*\}/g, (block) => {
    const ranges = [...(/unicode-range:([^;}]+)/.exec(block)?.[1] ?? '').matchAll(/U\+([\dA-F]+)(?:-([\dA-F]+))?/gi)];
    const isIn = (code) =>
      ranges.some(([, from = '', to = from]) => code >= Number.parseInt(from, 16) && code <= Number.parseInt(to, 16));
    return ranges.length === 0 || codes.some(isIn) ? block : '';
  });
}

/** What a browser fetches for a page: what it names, and what those name in turn. */
async function bytesOf(visitor, path) {
  const encodings = 'gzip, deflate, br';
  const size = ({ body }) => body.length;
  const plain = async (address) => (await visitor.must(address, { encodings: 'identity' })).body.toString('utf8');
  const found = new Map();
  const html = await plain(path);
  const visit = async (address) => {
    if (found.has(address)) return;
    found.set(address, size(await visitor.must(address, { encodings })));
    if (!/\.(css|js)$/.test(address)) return;
    const text = await plain(address);
    const names = [
      ...(address.endsWith('.css') ? withoutIdleFonts(text, html).matchAll(/url\(\s*["']?([^"')]+)/g) : []),
      ...(address.endsWith('.js') ? text.matchAll(/\bfrom\s*["'](\.[^"']+)["']|\bimport\s*["'](\.[^"']+)["']/g) : []),
    ].map((match) => match[1] ?? match[2]);
    for (const name of names) {
      const url = new URL(name.split('#')[0], `http://posthorn${address}`);
      if (url.protocol === 'http:' && url.pathname.startsWith('/assets/')) await visit(url.pathname);
    }
  };
  for (const [, address] of html.matchAll(/(?:src|href)="(\/assets\/[^"#]+)/g)) await visit(address);
  const page = size(await visitor.must(path, { encodings }));
  const parts = [['the page itself', page], ...[...found].map(([address, bytes]) => [address, bytes])];
  return { first: parts.reduce((sum, [, bytes]) => sum + bytes, 0), next: page, plain: html.length, parts };
}

/** Requests per second over several connections. */
async function rate(visitor, path) {
  const end = performance.now() + LOAD_MS;
  const begun = performance.now();
  let answered = 0;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (performance.now() < end) {
        await visitor.must(path);
        answered += 1;
      }
    }),
  );
  return (answered * 1_000) / (performance.now() - begun);
}

async function rates(server, instance, bytes) {
  const ours = [];
  const theirs = [];
  const koa = await serveBareKoa(bytes);
  const visitor = reader(server.port, CONNECTIONS);
  const bare = reader(koa.port, CONNECTIONS);
  try {
    await visitor.signIn(instance.admin, await visitor.signInToken());
    await rate(visitor, '/admin/identities/');
    for (let round = 0; round < LOAD_ROUNDS; round += 1) {
      ours.push(await rate(visitor, '/admin/identities/'));
      theirs.push(await rate(bare, '/'));
    }
    return { ours, theirs };
  } finally {
    visitor.close();
    bare.close();
    await koa.stop();
  }
}

/** Somebody who opens a page at a fixed pace, in a process of its own: his times alone and while sixteen people sign in. */
async function crowd(server, instance) {
  const settings = { port: server.port, who: instance.admin, path: '/admin/domains/', perSecond: PAGES_PER_SECOND };
  const child = fork(new URL('./lib/paced.mjs', import.meta.url), [JSON.stringify(settings)]);
  const said = () => new Promise((resolve) => child.once('message', resolve));
  await said();
  const signIns = [];
  const altogether = [];
  for (let round = 0; round < SIGN_IN_ROUNDS; round += 1) {
    child.send({ phase: `alone ${round}` });
    await sleep(ALONE_MS);
    const people = Array.from({ length: SIGN_INS }, () => reader(server.port));
    const tokens = await Promise.all(people.map((one) => one.signInToken()));
    child.send({ phase: `crowd ${round}` });
    const begun = performance.now();
    const answers = await Promise.all(
      people.map((one, i) => one.signIn({ ...instance.admin, username: `guest${i + 1}` }, tokens[i] ?? '')),
    );
    altogether.push(performance.now() - begun);
    signIns.push(...answers.map(({ ms }) => ms));
    for (const one of people) one.close();
  }
  const figures = said();
  child.send({});
  const phases = await figures;
  const rounds = (name) => Array.from({ length: SIGN_IN_ROUNDS }, (_, round) => phases[`${name} ${round}`]);
  return { alone: rounds('alone'), meanwhile: rounds('crowd'), signIns, altogether };
}

/** @param {number} count @param {string | undefined} database the URL of an empty one; SQLite without */
async function measure(count, database) {
  await using instance = await freshInstance(database === undefined ? {} : { database });
  await fill(instance, database, count);
  const pages = pagesAt(count);
  const { statements, changes } = await inProcess(instance, database, pages);
  const server = await serve(instance.directory);
  const visitor = reader(server.port);
  try {
    await visitor.signIn(instance.admin, await visitor.signInToken());
    const times = await time(visitor, pages);
    const outcome = {
      count,
      pages: pages.map((page, i) => ({ ...page, ms: times[i], statements: statements[i] })),
      changes,
    };
    if (count !== CROWD_AT) return outcome;
    const { body } = await visitor.must('/admin/identities/');
    return {
      ...outcome,
      bytes: database === undefined ? await bytesOf(visitor, '/admin/domains/') : undefined,
      size: body.length,
      load: await rates(server, instance, body.length),
      crowd: await crowd(server, instance),
    };
  } finally {
    visitor.close();
    await server.stop();
  }
}

/** Each size in a database of its own. */
async function measureAll({ server }) {
  const outcomes = [];
  for (const count of SIZES) outcomes.push(await measure(count, (await server?.createDatabase())?.url));
  return outcomes;
}

function rowsOf(dialect, outcomes) {
  const [small, large] = [outcomes[0], outcomes.at(-1)];
  const busyOne = outcomes.find(({ count }) => count === CROWD_AT);
  const { load, crowd: busy } = busyOne;
  const size = large.count.toLocaleString('en-US');
  const slowest = large.pages.toSorted((a, b) => p95(b.ms) - p95(a.ms))[0];
  const more = large.pages.filter((page, i) => page.statements.length > (busyOne.pages[i]?.statements.length ?? 0));
  const made = ({ changes }) => changes.find(({ what }) => what === 'create an account')?.ms ?? [];
  return [
    row({
      name: `${dialect}: slowest p95 of a page, ${size} (${slowest.list}, ${slowest.what})`,
      unit: 'ms',
      samples: [p95(slowest.ms)],
      aim: { of: 'median', below: PAGE_P95_MOST_MS },
    }),
    row({
      name: `${dialect}: create an account, ${size}`,
      unit: 'ms',
      samples: made(large),
      baseline: { name: `at ${small.count} mailboxes`, samples: made(small) },
      aim: { of: 'ratio', below: CREATE_MOST },
    }),
    row({
      name: `${dialect}: most statements of a list`,
      unit: '',
      samples: [
        Math.max(
          ...outcomes
            .flatMap(({ pages }) => pages.filter(({ what }) => what !== 'one'))
            .map((page) => page.statements.length),
        ),
      ],
      aim: { of: 'median', below: STATEMENTS_MOST },
    }),
    row({
      name: `${dialect}: pages with more at ${size}`,
      unit: '',
      samples: [more.length],
      aim: { of: 'median', below: 0 },
    }),
    row({
      name: `${dialect}: identities, ${CONNECTIONS} connections`,
      unit: '1/s',
      samples: load.ours,
      baseline: { name: `bare Koa, ${figure(busyOne.size / 1_000)} kB`, samples: load.theirs },
      paired: true,
    }),
    row({
      name: `${dialect}: p95 while ${SIGN_INS} sign in`,
      unit: 'ms',
      samples: busy.meanwhile.map(p95),
      baseline: { name: 'p95 before', samples: busy.alone.map(p95) },
      paired: true,
      aim: { of: 'ratio', below: 2 },
    }),
    row({ name: `${dialect}: ${SIGN_INS} sign-ins, each`, unit: 'ms', samples: busy.signIns }),
  ];
}

function notesOf(dialect, outcomes) {
  const { crowd: busy } = outcomes.find(({ count }) => count === CROWD_AT);
  const lines = outcomes.flatMap(({ count, pages, changes }) => {
    const size = count.toLocaleString('en-US');
    const times = (ms) => [figure(median(ms)), figure(p95(ms))];
    return [
      ...pages.map(({ list, what, ms, statements }) => [size, list, what, ...times(ms), String(statements.length)]),
      ...changes.map(({ what, ms, statements }) => [size, '', what, ...times(ms), String(statements)]),
    ];
  });
  const spread = (rounds) => {
    const ms = rounds.flat();
    return `p50 ${figure(median(ms))}, p95 ${figure(p95(ms))}, longest ${figure(quantile(ms, 1))} ms of ${ms.length}`;
  };
  return [
    `ms per page and per change on ${dialect}, and its statements:\n${table(
      ['mailboxes>', 'list', 'which', 'p50>', 'p95>', 'statements>'],
      lines,
    )}`,
    `${dialect}: ${SIGN_INS} people signed in within ${busy.altogether.map((ms) => figure(ms)).join(', ')} ms; a page at ${PAGES_PER_SECOND} a second meanwhile: ${spread(busy.meanwhile)}; before: ${spread(busy.alone)}`,
  ];
}

export default {
  async run() {
    const rows = [];
    const notes = [];
    const details = {};
    for (const dialect of ['sqlite', 'postgresql']) {
      const outcome = await onDatabase(dialect, measureAll);
      if ('reason' in outcome) {
        rows.push(notRun(`pages on ${dialect}`, outcome.reason));
        continue;
      }
      rows.push(...rowsOf(dialect, outcome.value));
      notes.push(...notesOf(dialect, outcome.value));
      details[dialect] = outcome.value;
      const { bytes } = outcome.value.find(({ count }) => count === CROWD_AT);
      if (bytes === undefined) continue;
      rows.push(
        row({
          name: 'pages: first visit, compressed',
          unit: 'kB',
          samples: [bytes.first / 1_000],
          baseline: { name: 'the next visit', samples: [bytes.next / 1_000] },
          aim: { of: 'median', below: FIRST_VISIT_MOST_KB },
        }),
      );
      notes.push(
        `what the first visit of /admin/domains/ is made of, bytes compressed:\n${table(
          ['what', 'bytes>'],
          bytes.parts.map(([name, size]) => [name, size.toLocaleString('en-US')]),
        )}`,
      );
    }
    return { rows, notes, details };
  },
};
