/**
 * Who may do what: every page, action and endpoint over real HTTP, and every method of every service of our
 * extensions, as each role, to objects that stand in each relation to it. `access-matrix.txt` says what must come out.
 */
import { readFileSync } from 'node:fs';
import admin from '@posthorn/admin';
import {
  aliases,
  domainAliases,
  domains,
  explanations,
  mailboxes,
  resolutions,
  senderAddresses,
} from '@posthorn/admin/contract';
import { EndpointRoutes } from '@posthorn/core';
import limitsExtension from '@posthorn/limits';
import { plans } from '@posthorn/limits/contract';
import relaydomains from '@posthorn/relaydomains';
import { type Actor, isProblem, type ServiceRef } from '@posthorn/sdk';
import transport from '@posthorn/transport';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenOf } from '../api/caller.js';
import { type Site, startSite } from '../pages/site.js';
import { allPages, taste } from '../pages/walk.js';
import { type Cast, type Household, makeCast, RELATIONS, ROLES, type RoleName } from './access-cast.js';
import { type Bench, bench } from './fixture.js';
import { serviceCalls, type Tried } from './service-calls.js';

const EXTENSIONS = [admin, limitsExtension, transport, relaydomains];

let b: Bench;
let site: Site;
let cast: Cast;
let calls: Readonly<Record<string, Tried>>;
const actors = new Map<RoleName, Actor>();
const readers = new Map<RoleName, { readonly cookie: string; readonly token: string; readonly apiToken: string }>();

const GUEST: Actor = { id: 0, username: '', role: '', isSuperuser: false, door: 'page', can: () => false };
const signing = (role: RoleName): Exclude<RoleName, 'guest'> | undefined => (role === 'guest' ? undefined : role);

beforeAll(async () => {
  b = await bench({ with: [limitsExtension, transport, relaydomains, taste] });
  // This is about rights: what somebody may make, and how much of it, is not asked here.
  const [form] = limitsExtension.parameters ?? [];
  await b.host.kernel.parameters.write(form as never, { enable_admin_limits: false });
  await b.context.get(plans).create(b.system, { name: 'Basic', limits: { mailboxes: 0 } });
  cast = await makeCast(b);
  calls = serviceCalls(b, cast.people);
  site = await startSite(b.host);
  for (const role of ROLES) {
    const who = signing(role);
    actors.set(role, who === undefined ? GUEST : await b.actor(cast.people[who]));
    if (who !== undefined) readers.set(role, await signedIn(cast.people[who]));
  }
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await b?.host[Symbol.asyncDispose]();
});

async function signedIn(username: string) {
  const cookie = await site.cookie(username);
  const text = await (await fetch(`${site.base}/user/`, { headers: { cookie } })).text();
  const token = /name="_token" value="([^"]+)"/.exec(text)?.[1] ?? '';
  return { cookie, token, apiToken: await tokenOf(b.host, username) };
}

const lines = readFileSync(new URL('./access-matrix.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.trim() !== '' && !line.startsWith('#'));
const cells = (line: string): readonly string[] => line.split('|').map((cell) => cell.trim());
const declared = new Map(lines.map((line) => [cells(line)[0] ?? '', cells(line).slice(1).join(' | ')]));

/** Compares, and names what has no entry, what has one and is not there, and what came out otherwise. */
function compare(found: ReadonlyMap<string, string>, isMine: (name: string) => boolean): void {
  const expected = Object.fromEntries([...declared].filter(([name]) => isMine(name)));
  expect(Object.fromEntries(found)).toEqual(expected);
}

const isRoute = (name: string): boolean => /^[A-Z]+ \//.test(name);

/** Actions that no method of a service stands for; what becomes of each row is the services' affair again. */
const PAGE_OF = {
  'domain.import': 'GET /admin/domains/import/',
  'account.import': 'GET /admin/identities/import/',
};

const explaining = () => b.context.get(explanations);

/** `+` it was done, `3` forbidden, `4` not found, `2` refused as the fault of a field. */
async function outcome(work: () => Promise<unknown>): Promise<string> {
  const undo = new Error('undo');
  try {
    await b.context.data.write(async () => {
      await work();
      throw undo;
    });
  } catch (error) {
    if (error === undo) return '+';
    if (!isProblem(error)) throw error;
    const sign = { refused: '3', 'not-found': '4', invalid: '2' }[error.kind as string];
    if (sign === undefined) throw error;
    return sign;
  }
  return '?';
}

describe('services', () => {
  it('are all in the matrix, and do for each role what it says', async () => {
    const found = new Map<string, string>();
    for (const [name, { call, isAlone }] of Object.entries(calls)) {
      const columns: string[] = [];
      for (const role of ROLES) {
        let column = '';
        for (const relation of isAlone === true ? (['own'] as const) : RELATIONS) {
          const actor = actors.get(role) as Actor;
          column += await outcome(() => call(actor, cast.of(role, relation)));
        }
        columns.push(column);
      }
      found.set(name, columns.join(' | '));
    }
    compare(found, (name) => !isRoute(name));
  });

  it('have no method that nobody calls here', () => {
    const provided = EXTENSIONS.flatMap(({ services = [] }) => services).flatMap(({ ref }) => {
      const service = b.context.get(ref as ServiceRef<object>);
      const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(service)).filter(
        (name) => name !== 'constructor',
      );
      return methods.map((method) => `${ref.id.replace(/^[a-z]+\.|@.*$/g, '')}.${method}`);
    });
    expect(provided.length).toBeGreaterThan(25);
    const called = new Set(Object.keys(calls).map((name) => name.split(' ')[0] ?? ''));
    expect(provided.filter((name) => !called.has(name))).toEqual([]);
    for (const ref of [domains, domainAliases, mailboxes, aliases, senderAddresses, resolutions, explanations]) {
      expect((admin.services ?? []).map((one) => one.ref.id)).toContain(ref.id);
    }
  });

  it('do what an explanation says, and it gives a fact against what they refuse', async () => {
    const wrong: string[] = [];
    const asked = new Set<string>();
    for (const [name, { explained, isAlone }] of Object.entries(calls)) {
      if (explained === undefined) continue;
      const [action, objectOf] = explained;
      asked.add(action);
      const said = (declared.get(name) ?? '').split(' | ');
      for (const [at, role] of ROLES.entries()) {
        const who = signing(role);
        if (who === undefined) continue;
        for (const [index, relation] of (isAlone === true ? (['own'] as const) : RELATIONS).entries()) {
          const object = objectOf?.(cast.of(role, relation));
          const { isAllowed, facts } = await explaining().explain(b.system, {
            account: cast.people[who],
            action,
            ...(object === undefined ? {} : { object: String(object) }),
          });
          if (isAllowed !== (said[at]?.[index] === '+')) wrong.push(`${name} ${role} ${relation}: ${isAllowed}`);
          if (!isAllowed && facts.every(({ holds }) => holds)) wrong.push(`${name} ${role} ${relation}: no fact`);
        }
      }
    }
    for (const [action, route] of Object.entries(PAGE_OF)) {
      asked.add(action);
      const said = (declared.get(route) ?? '').split(' | ');
      for (const [at, role] of ROLES.entries()) {
        const who = signing(role);
        if (who === undefined) continue;
        const { isAllowed } = await explaining().explain(b.system, { account: cast.people[who], action });
        if (isAllowed !== (said[at]?.startsWith('+') === true)) wrong.push(`${action} ${role}: ${isAllowed}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(
      explaining()
        .actions()
        .map(({ name }) => name)
        .filter((name) => !asked.has(name)),
    ).toEqual([]);
  });
});

const WITH_OBJECT: readonly (readonly [start: string, key: (to: Household) => string])[] = [
  ['/admin/domains/:name/', (to) => to.domain],
  ['/admin/accounts/:id/', (to) => String(to.ids.account)],
  ['/limits/accounts/:id/', (to) => String(to.ids.account)],
  ['/limits/domains/:name/', (to) => to.domain],
  ['/admin/aliases/:id/', (to) => String(to.ids.alias)],
  ['/admin/domainaliases/:id/', (to) => String(to.ids.domainalias)],
  ['/api/v1/domains/:pk/', (to) => String(to.ids.domain)],
  ['/api/v1/domainaliases/:pk/', (to) => String(to.ids.domainalias)],
  ['/api/v1/accounts/:pk/', (to) => String(to.ids.account)],
  ['/api/v1/aliases/:pk/', (to) => String(to.ids.alias)],
  ['/api/v1/resources/:pk/', (to) => String(to.ids.administrator)],
  ['/api/v1/relaydomains/:pk/', (to) => String(to.ids.relay)],
  ['/api/v1/senderaddresses/:pk/', (to) => String(to.sender)],
];
/** Objects that are nobody's: they are read, and what changes one gets a name that nothing has. */
const examples = async (): Promise<Readonly<Record<string, string>>> => {
  const [record] = await b.sql<{ id: number }>('select min(id) as id from core_audit');
  const job = await b.host.kernel.jobs.driver.enqueue({
    extension: 'core',
    name: 'purge-jobs',
    queue: 'default',
    payload: '{}',
    priority: 0,
  });
  return {
    '/core/extensions/:id/': 'taste',
    '/core/jobs/:id/': String(job),
    '/transport/new/:service/': 'relay',
    '/core/audit/:id/': String(record?.id),
    '/core/parameters/:extension/': 'admin',
    '/user/preferences/:extension/': 'taste',
  };
};
const isForm = (method: string): boolean => method !== 'GET';

/** Where an empty form would do something. */
const HARMLESS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // Administers nothing and may not.
  'POST /admin/domains/:name/admins/add/': { account: 'user@own.test' },
  'POST /admin/domains/:name/admins/remove/': { account: 'user@own.test' },
  'POST /admin/accounts/:id/sessions/end/': { session: '999999' },
  // No such mailbox: nothing is made.
  'POST /admin/domains/:name/role-addresses/': { recipient: 'nobody@own.test' },
  'POST /core/repair/': { dry_run: 'yes' },
};

/** A call that is let in is tried only: nothing is kept. */
async function call(method: string, path: string, role: RoleName): Promise<string> {
  const token = readers.get(role)?.apiToken;
  const isReading = method === 'GET';
  const answer = await fetch(`${site.base}${path}${isReading ? '' : '?dry_run=true'}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Token ${token}` }),
      ...(isReading ? {} : { 'content-type': 'application/json' }),
    },
    ...(isReading || method === 'DELETE' ? {} : { body: JSON.stringify(path.endsWith('/password/') ? PASSWORDS : {}) }),
  });
  await answer.arrayBuffer();
  const { status } = answer;
  if (status >= 500) throw new Error(`${method} ${path} as ${role}: ${status}`);
  // Who makes something sends nothing here, which is wrong once he is let in.
  if (status === 400 && method !== 'POST') return '2';
  return ({ 401: 'L', 403: '3', 404: '4' } as Readonly<Record<number, string>>)[status] ?? '+';
}
const PASSWORDS = { password: 'Toto1234', new_password: 'Tutu1234' };

async function send(method: string, route: string, path: string, role: RoleName): Promise<string> {
  if (path.startsWith('/api/')) return call(method, path, role);
  const who = signing(role);
  const reader = readers.get(role);
  const headers = {
    accept: 'text/html',
    origin: site.base,
    ...(reader === undefined ? {} : { cookie: reader.cookie }),
  };
  const answer = await fetch(`${site.base}${path}`, {
    method,
    redirect: 'manual',
    headers,
    // Nothing is confirmed and nothing filled in: whoever is let in is told so by the form.
    ...(isForm(method)
      ? { body: new URLSearchParams({ _token: reader?.token ?? '', ...HARMLESS[`${method} ${route}`] }) }
      : {}),
  });
  await answer.arrayBuffer();
  const { status } = answer;
  const isLeaving = isForm(method) && /\/(?:logout|revoke-all)\/$/.test(path);
  if (who !== undefined && isLeaving) readers.set(role, await signedIn(cast.people[who]));
  if (status === 401 || answer.headers.get('location')?.startsWith('/accounts/login/') === true) return 'L';
  if (status === 403) return '3';
  if (status === 404) return '4';
  if (status >= 500) throw new Error(`${method} ${path} as ${role}: ${status}`);
  return '+';
}

describe('routes', () => {
  it('are all in the matrix, and let in each role as it says', async () => {
    const routes = [
      ...allPages(b).map(({ method, path }) => ({ method, path })),
      ...new EndpointRoutes(b.host.kernel.generation).all.map(({ endpoint, path }) => ({
        method: endpoint.method,
        path,
      })),
      { method: 'GET', path: '/api/openapi.json' },
      { method: 'GET', path: '/api/schema-v1/' },
    ];
    const found = new Map<string, string>();
    const known = Object.entries(await examples());
    for (const { method, path } of routes) {
      const example = known.find(
        ([start]) => path.startsWith(start) && (!isForm(method) || /:(?:extension|service)/.test(path)),
      );
      const object = WITH_OBJECT.find(([start]) => path.startsWith(start));
      const columns: string[] = [];
      for (const role of ROLES) {
        let column = '';
        for (const relation of object === undefined ? (['own'] as const) : RELATIONS) {
          const named = object === undefined ? path : path.replace(/:\w+/, object[1](cast.of(role, relation)));
          column += await send(method, path, named.replace(/:\w+/g, example?.[1] ?? '999999'), role);
        }
        columns.push(column);
      }
      found.set(`${method} ${path}`, columns.join(' | '));
    }
    compare(found, isRoute);
  });
});
