/**
 * On SQLite and PostgreSQL: the list pages at ten thousand and at a hundred thousand mailboxes, as a signed-in administrator gets them: time,
 * statements, bytes, requests per second beside a bare Koa page of the same size, and what sixteen people who sign in at
 * once do to everybody else.
 */
import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { bootKernel, createApp, createLog } from '@posthorn/core';
import pg from 'pg';
import { onDatabase } from './lib/databases.mjs';
import { freshInstance, serve, serveBareKoa } from './lib/instance.mjs';
import { mailData, PER_DOMAIN } from './lib/mail-data.mjs';
import { reader } from './lib/reader.mjs';
import { notRun, row } from './lib/rows.mjs';
import { median, p95, quantile } from './lib/statistics.mjs';
import { figure, table } from './lib/table.mjs';

const SIZES = [10_000, 100_000];
/** Rows of a page. */
const PAGE = 25;
/** Requests per page. */
const TIMES = 40;
const STATEMENTS_MOST = 6;
/** Pages that lie deep in the large list and not in the small one: the list is counted for them. */
const FAR_PAGES = 1;
const FIRST_VISIT_MOST_KB = 200;
const CONNECTIONS = 8;
const LOAD_MS = 1_500;
const LOAD_ROUNDS = 3;
const SIGN_INS = 16;
const SIGN_IN_ROUNDS = 4;
const ALONE_MS = 1_500;
/** Far below what a server can do, so that what is measured is not its queue. */
const PAGES_PER_SECOND = 40;

const url = (path, search) => `${path}?${new URLSearchParams(search)}`;

/** The addresses that are measured. */
function pagesAt(count) {
  const domains = count / PER_DOMAIN;
  const identities = count + count / 10 + SIGN_INS + 1;
  const last = (all) => String(Math.ceil(all / PAGE));
  const all = '/admin/identities/';
  return [
    ['domains', 'first page', '/admin/domains/'],
    ['domains', 'last page', url('/admin/domains/', { page: last(domains) })],
    ['domains', 'search', url('/admin/domains/', { q: `${domains - 1}.te` })],
    ['domains', 'by accounts', url('/admin/domains/', { sort: '-accounts' })],
    ['identities', 'first page', all],
    ['identities', 'page in the middle', url(all, { page: last(identities / 2) })],
    ['identities', 'last page', url(all, { page: last(identities) })],
    ['identities', 'search, one hit', url(all, { q: `${count - 1}@` })],
    ['identities', 'search, all hit', url(all, { q: '.test' })],
    ['identities', 'search, no hit', url(all, { q: 'nobody@nowhere' })],
    ['identities', 'one domain', url(all, { domain: `d${domains - 1}.test` })],
    ['quotas', 'by name', url('/admin/quotas/', { sort: 'name' })],
    ['quotas', 'by use', '/admin/quotas/'],
  ].map(([list, what, path]) => ({ list, what, path }));
}

/** Writes the rows, a table at a time. */
async function fill(instance, database, count) {
  const statements = mailData(count, SIGN_INS);
  if (database === undefined) {
    const db = new DatabaseSync(instance.sqliteFile);
    db.exec(`begin; ${statements.join('; ')}; commit; pragma wal_checkpoint(truncate)`);
    db.close();
    return;
  }
  const client = new pg.Client(database);
  await client.connect();
  for (const statement of statements) await client.query(statement);
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

/** Statements of each page, counted in a process of our own on the same database. */
async function countStatements(instance, database, pages) {
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
    return counts;
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
  const statements = await countStatements(instance, database, pages);
  const server = await serve(instance.directory);
  const visitor = reader(server.port);
  try {
    await visitor.signIn(instance.admin, await visitor.signInToken());
    const times = await time(visitor, pages);
    const outcome = { count, pages: pages.map((page, i) => ({ ...page, ms: times[i], statements: statements[i] })) };
    if (count !== SIZES[0]) return outcome;
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

/** Both sizes in one database. */
async function measureBoth({ server }) {
  const outcomes = [];
  for (const count of SIZES) outcomes.push(await measure(count, (await server?.createDatabase())?.url));
  return outcomes;
}

function rowsOf(dialect, [small, large]) {
  const { load, crowd: busy } = small;
  const all = [small, large].flatMap(({ pages }) => pages);
  const different = large.pages.filter((page, i) => page.statements.length !== small.pages[i]?.statements.length);
  const first = large.pages.find(({ list, what }) => list === 'identities' && what === 'first page');
  const last = large.pages.find(({ list, what }) => list === 'identities' && what === 'last page');
  return [
    ...large.pages.map((page, i) =>
      row({
        name: `${dialect}: ${page.list}, ${page.what}, 100,000`,
        unit: 'ms',
        samples: page.ms,
        baseline: { name: 'at 10,000 mailboxes', samples: small.pages[i]?.ms ?? [] },
        paired: true,
      }),
    ),
    row({
      name: `${dialect}: the last of 100,000 identities`,
      unit: 'ms',
      samples: last?.ms ?? [],
      baseline: { name: 'the first', samples: first?.ms ?? [] },
      paired: true,
      aim: { of: 'ratio', below: 2 },
    }),
    row({
      name: `${dialect}: most statements of a page`,
      unit: '',
      samples: [Math.max(...all.map((page) => page.statements.length))],
      aim: { of: 'median', below: STATEMENTS_MOST },
    }),
    row({
      name: `${dialect}: pages with more at 100,000`,
      unit: '',
      samples: [different.length],
      aim: { of: 'median', below: FAR_PAGES },
    }),
    row({
      name: `${dialect}: identities, ${CONNECTIONS} connections`,
      unit: '1/s',
      samples: load.ours,
      baseline: { name: `bare Koa, ${figure(small.size / 1_000)} kB`, samples: load.theirs },
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

function notesOf(dialect, [small, large]) {
  const { crowd: busy } = small;
  const lines = [small, large].flatMap(({ count, pages }) =>
    pages.map(({ list, what, ms, statements }) => [
      count.toLocaleString('en-US'),
      list,
      what,
      figure(median(ms)),
      figure(p95(ms)),
      String(statements.length),
    ]),
  );
  const spread = (rounds) => {
    const ms = rounds.flat();
    return `p50 ${figure(median(ms))}, p95 ${figure(p95(ms))}, longest ${figure(quantile(ms, 1))} ms of ${ms.length}`;
  };
  return [
    `ms per page on ${dialect}, and its statements:\n${table(
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
      const outcome = await onDatabase(dialect, measureBoth);
      if ('reason' in outcome) {
        rows.push(notRun(`pages on ${dialect}`, outcome.reason));
        continue;
      }
      rows.push(...rowsOf(dialect, outcome.value));
      notes.push(...notesOf(dialect, outcome.value));
      details[dialect] = outcome.value;
      const { bytes } = outcome.value[0];
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
