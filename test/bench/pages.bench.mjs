/**
 * The list pages at ten thousand and at a hundred thousand mailboxes, as a signed-in administrator gets them: time,
 * statements, bytes, requests per second beside a bare Koa page of the same size, and what sixteen people who sign in at
 * once do to everybody else.
 */
import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { bootKernel, createApp, createLog } from '@posthorn/core';
import { freshInstance, serve, serveBareKoa } from './lib/instance.mjs';
import { reader } from './lib/reader.mjs';
import { row } from './lib/rows.mjs';
import { median, quantile } from './lib/statistics.mjs';
import { figure, table } from './lib/table.mjs';

const SIZES = [10_000, 100_000];
const PER_DOMAIN = 100;
/** Rows of a page. */
const PAGE = 25;
/** Requests per page. */
const TIMES = 40;
const STATEMENTS_MOST = 6;
const FIRST_VISIT_MOST_KB = 200;
const CONNECTIONS = 8;
const LOAD_MS = 1_500;
const LOAD_ROUNDS = 3;
const SIGN_INS = 16;
const SIGN_IN_ROUNDS = 3;

/**
 * As the services write them: every mailbox with its account, its own alias and its quota; every tenth has a forward.
 * Beside them the people who sign in, with the administrator's password.
 */
function fill(file, count) {
  const numbers = (n) =>
    `(with recursive c(n) as (select 1 union all select n + 1 from c where n < ${n}) select n from c)`;
  const domain = `(n - 1) / ${PER_DOMAIN} + 1`;
  const address = `'u' || n || '@d' || (${domain}) || '.test'`;
  const db = new DatabaseSync(file);
  db.exec(`begin;
    insert into core_user (id, username, email, password, role, is_active, first_name, last_name)
      select n + 10, ${address}, ${address}, '{SHA512-CRYPT}$6$x', 'SimpleUsers', 1, 'First' || n % 97, 'Last' || n % 89
      from ${numbers(count)};
    insert into core_user (username, email, password, role, is_active)
      select 'guest' || n, '', u.password, 'SimpleUsers', 1 from ${numbers(SIGN_INS)}, core_user u where u.id = 1;
    insert into admin_domain (id, name, type, enabled)
      select n, 'd' || n || '.test', 'domain', 1 from ${numbers(count / PER_DOMAIN)};
    insert into admin_mailbox (id, address, quota, use_domain_quota, domain_id, user_id)
      select n, 'u' || n, 0, 1, ${domain}, n + 10 from ${numbers(count)};
    insert into admin_alias (id, address, domain_id, enabled, internal)
      select n, ${address}, ${domain}, 1, 1 from ${numbers(count)};
    insert into admin_aliasrecipient (id, address, alias_id, r_mailbox_id) select n, ${address}, n, n from ${numbers(count)};
    insert into admin_alias (id, address, domain_id, enabled, internal)
      select ${count} + n, 'info' || n || '@d' || (${domain}) || '.test', ${domain}, 1, 0
      from ${numbers(count)} where n % 10 = 0;
    insert into admin_aliasrecipient (id, address, alias_id, r_mailbox_id)
      select ${count} + n, ${address}, ${count} + n, n from ${numbers(count)} where n % 10 = 0;
    insert into admin_quota (username, bytes, messages) select ${address}, n * 1000, 1 from ${numbers(count)};
    commit;
    analyze;
    pragma wal_checkpoint(truncate)`);
  db.close();
}

/** The addresses that are measured. Searches find something, both in the middle of names. */
function pagesAt(count) {
  const domains = count / PER_DOMAIN;
  const identities = count + count / 10 + SIGN_INS + 1;
  const last = (all) => Math.ceil(all / PAGE);
  return [
    ['domains', 'first page', '/admin/domains/'],
    ['domains', 'last page', `/admin/domains/?page=${last(domains)}`],
    ['domains', 'search', `/admin/domains/?q=${domains - 1}.te`],
    ['domains', 'by accounts', '/admin/domains/?sort=-accounts'],
    ['identities', 'first page', '/admin/identities/'],
    ['identities', 'last page', `/admin/identities/?page=${last(identities)}`],
    ['identities', 'search', `/admin/identities/?q=${count - 1}@`],
    ['identities', 'one domain', `/admin/identities/?domain=d${domains - 1}.test`],
  ].map(([list, what, path]) => ({ list, what, path }));
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
async function countStatements(instance, pages) {
  const seen = [];
  const log = createLog({ level: 'silent', name: 'bench', to: 2 });
  const config = {
    directory: instance.directory,
    databaseUrl: 'sqlite:data/db/posthorn.db',
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

/** Another reader's page, alone and while sixteen people sign in. */
async function crowd(server, instance, visitor) {
  const alone = [];
  const meanwhile = [];
  const signIns = [];
  const altogether = [];
  const look = async (into, isOver) => {
    do into.push((await visitor.must('/admin/domains/')).ms);
    while (!isOver());
  };
  for (let round = 0; round < SIGN_IN_ROUNDS; round += 1) {
    const until = performance.now() + 1_000;
    await look(alone, () => performance.now() > until);
    const people = Array.from({ length: SIGN_INS }, () => reader(server.port));
    const tokens = await Promise.all(people.map((one) => one.signInToken()));
    let isOver = false;
    const begun = performance.now();
    const signingIn = Promise.all(
      people.map((one, i) => one.signIn({ ...instance.admin, username: `guest${i + 1}` }, tokens[i] ?? '')),
    ).finally(() => {
      isOver = true;
      altogether.push(performance.now() - begun);
    });
    const [answers] = await Promise.all([signingIn, look(meanwhile, () => isOver)]);
    signIns.push(...answers.map(({ ms }) => ms));
    for (const one of people) one.close();
  }
  return { alone, meanwhile, signIns, altogether };
}

async function measure(count) {
  await using instance = await freshInstance();
  fill(instance.sqliteFile, count);
  const pages = pagesAt(count);
  const statements = await countStatements(instance, pages);
  const server = await serve(instance.directory);
  const visitor = reader(server.port);
  try {
    await visitor.signIn(instance.admin, await visitor.signInToken());
    const times = await time(visitor, pages);
    const outcome = { count, pages: pages.map((page, i) => ({ ...page, ms: times[i], statements: statements[i] })) };
    if (count !== SIZES[0]) return outcome;
    const bytes = await bytesOf(visitor, '/admin/domains/');
    const { body } = await visitor.must('/admin/identities/');
    return {
      ...outcome,
      bytes,
      size: body.length,
      load: await rates(server, instance, body.length),
      crowd: await crowd(server, instance, visitor),
    };
  } finally {
    visitor.close();
    await server.stop();
  }
}

export default {
  async run() {
    const [small, large] = [await measure(SIZES[0]), await measure(SIZES[1])];
    const { bytes, load, crowd: busy } = small;
    const kilobytes = (n) => n / 1_000;
    const most = Math.max(...[small, large].flatMap(({ pages }) => pages.map((page) => page.statements.length)));
    const rows = [
      ...large.pages.map((page, i) =>
        row({
          name: `${page.list}, ${page.what}, 100,000`,
          unit: 'ms',
          samples: page.ms,
          baseline: { name: 'at 10,000 mailboxes', samples: small.pages[i]?.ms ?? [] },
          paired: true,
        }),
      ),
      row({
        name: 'pages: most statements of one',
        unit: '',
        samples: [most],
        aim: { of: 'median', below: STATEMENTS_MOST },
      }),
      row({
        name: 'pages: first visit, compressed',
        unit: 'kB',
        samples: [kilobytes(bytes.first)],
        baseline: { name: 'the next visit', samples: [kilobytes(bytes.next)] },
        aim: { of: 'median', below: FIRST_VISIT_MOST_KB },
      }),
      row({
        name: 'pages: identities, 8 connections',
        unit: '1/s',
        samples: load.ours,
        baseline: { name: `bare Koa, ${figure(kilobytes(small.size))} kB`, samples: load.theirs },
        paired: true,
      }),
      row({
        name: 'pages: p95 while 16 sign in',
        unit: 'ms',
        samples: [quantile(busy.meanwhile, 0.95)],
        baseline: { name: 'p95 before', samples: [quantile(busy.alone, 0.95)] },
        aim: { of: 'ratio', below: 2 },
      }),
      row({ name: 'pages: 16 sign-ins, each', unit: 'ms', samples: busy.signIns }),
    ];
    const lines = [small, large].flatMap(({ count, pages }) =>
      pages.map(({ list, what, ms, statements }) => [
        count.toLocaleString('en-US'),
        list,
        what,
        figure(median(ms)),
        figure(quantile(ms, 0.95)),
        String(statements.length),
      ]),
    );
    return {
      rows,
      notes: [
        `ms per page on SQLite, and its statements:\n${table(
          ['mailboxes>', 'list', 'which', 'p50>', 'p95>', 'statements>'],
          lines,
        )}`,
        `what the first visit of /admin/domains/ is made of, bytes compressed:\n${table(
          ['what', 'bytes>'],
          bytes.parts.map(([name, size]) => [name, size.toLocaleString('en-US')]),
        )}`,
        `16 people signed in within ${busy.altogether.map((ms) => figure(ms)).join(', ')} ms; the page meanwhile: p50 ${figure(median(busy.meanwhile))}, p95 ${figure(quantile(busy.meanwhile, 0.95))}, longest ${figure(quantile(busy.meanwhile, 1))} ms of ${busy.meanwhile.length}; before: p50 ${figure(median(busy.alone))}, p95 ${figure(quantile(busy.alone, 0.95))} ms of ${busy.alone.length}`,
      ],
      details: { small, large },
    };
  },
};
