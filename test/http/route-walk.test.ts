import { createHash } from 'node:crypto';
import type { Page } from '@posthorn/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, bench } from '../admin/fixture.js';
import { type Site, startSite } from '../pages/site.js';
import { addressOf, allPages, populateAll, taste } from '../pages/walk.js';

/**
 * Every page that anybody contributes, as everybody. The pages come from the slot itself, so a new one is walked from
 * the day it exists.
 */
let b: Bench;
let site: Site;
let walked: readonly Page[];
let examples: Readonly<Record<string, string>>;

const PEOPLE = {
  guest: undefined,
  SimpleUsers: 'user@test.com',
  DomainAdmins: 'admin@test.com',
  Resellers: 'reseller',
  SuperAdmins: 'admin',
} as const;
type Who = keyof typeof PEOPLE;

beforeAll(async () => {
  b = await bench({ with: [taste] });
  examples = await populateAll(b);
  site = await startSite(b.host);
  walked = allPages(b);
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await b.host[Symbol.asyncDispose]();
});

const address = (path: string): string => addressOf(path, examples);

/** Everything that a page which only reads must leave as it is. */
async function state(): Promise<string> {
  const tables = await b.sql<{ name: string }>(
    `select name from sqlite_master where type = 'table' and (name like 'admin!_%' escape '!' or name = 'core_user')
     order by name`,
  );
  expect(tables.length).toBeGreaterThan(8);
  const hash = createHash('sha256');
  for (const { name } of tables) hash.update(JSON.stringify([name, await b.sql(`select * from ${name} order by 1`)]));
  return hash.digest('hex');
}

interface Sent {
  readonly status: number;
  readonly to: string | null;
}

async function send(cookie: string | undefined, method: Page['method'], path: string): Promise<Sent> {
  const answer = await fetch(`${site.base}${path}`, {
    method,
    redirect: 'manual',
    headers: { accept: 'text/html', origin: site.base, ...(cookie === undefined ? {} : { cookie }) },
    ...(method === 'POST' ? { body: new URLSearchParams({ name: 'x' }) } : {}),
  });
  await answer.arrayBuffer();
  return { status: answer.status, to: answer.headers.get('location') };
}

/** What is wrong with an answer to somebody who only looks; undefined where nothing is. */
async function wrongWith(page: Page, who: Who, { status, to }: Sent): Promise<string | undefined> {
  const username = PEOPLE[who];
  const mayEnter =
    page.permission === 'public' ||
    (username !== undefined && (page.permission === 'signed-in' || (await b.actor(username)).can(page.permission)));
  const said = `${who} ${page.method} ${page.path}: ${status} ${to ?? ''}`;
  if (mayEnter)
    return status >= 500 || status === 403 || to?.startsWith('/accounts/login/') === true ? said : undefined;
  if (username === undefined) return status === 303 && to?.startsWith('/accounts/login/') === true ? undefined : said;
  return status === 403 ? undefined : said;
}

describe.each(Object.keys(PEOPLE) as readonly Who[])('every page, as %s', (who) => {
  const cookie = async (): Promise<string | undefined> => {
    const username = PEOPLE[who];
    return username === undefined ? undefined : site.cookie(username);
  };

  it('answers as it declares, twice alike, and reading changes nothing', async () => {
    const mine = await cookie();
    const before = await state();
    const wrong: string[] = [];
    for (const page of walked.filter(({ method }) => method === 'GET')) {
      const path = address(page.path);
      const first = await send(mine, 'GET', path);
      const second = await send(mine, 'GET', path);
      const fault = await wrongWith(page, who, first);
      if (fault !== undefined) wrong.push(fault);
      if (first.status !== second.status) wrong.push(`${page.path}: ${first.status}, then ${second.status}`);
      if ((await state()) !== before) wrong.push(`${page.path} changed something`);
    }
    expect(wrong).toEqual([]);
  });

  it('takes no form without its token', async () => {
    const mine = await cookie();
    const before = await state();
    const wrong: string[] = [];
    for (const page of walked.filter(({ method }) => method === 'POST')) {
      const { status } = await send(mine, 'POST', address(page.path));
      if (status !== 403) wrong.push(`${page.path}: ${status}`);
    }
    expect(wrong).toEqual([]);
    expect(await state()).toBe(before);
  });
});

describe('the walk', () => {
  it('comes to the pages of the kernel and of the extension, and finds what their paths name', async () => {
    const paths = walked.map(({ method, path }) => `${method} ${path}`);
    for (const path of ['GET /accounts/login/', 'POST /accounts/login/', 'GET /dashboard/', 'POST /admin/domains/']) {
      expect(paths).toContain(path);
    }
    const admin = await site.cookie('admin');
    const missing: string[] = [];
    for (const { method, path } of walked) {
      const isKnown = Object.keys(examples).some((start) => path.startsWith(start));
      if (method !== 'GET' || !isKnown) continue;
      const { status } = await send(admin, 'GET', address(path));
      if (status !== 200) missing.push(`${path}: ${status}`);
    }
    expect(missing).toEqual([]);
  });
});
