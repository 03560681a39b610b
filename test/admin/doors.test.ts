/** Every method of the services has the doors that it should have: a page, a command, an endpoint, and rows of a file. */
import { readFileSync } from 'node:fs';
import { commands, endpoints, importers, pages } from '@posthorn/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Bench, bench } from './fixture.js';

/** A form that does it, `noun verb` at the command line, a call; kinds of rows stand behind. `-` is none, on purpose. */
const DOORS: Readonly<Record<string, readonly [page: string, command: string, endpoint: string, ...kinds: string[]]>> =
  {
    'domains.list': ['GET /admin/domains/', 'domain list', 'GET /domains/'],
    'domains.show': ['GET /admin/domains/:name/', 'domain show', 'GET /domains/:pk/'],
    'domains.create': ['POST /admin/domains/new/', 'domain create', 'POST /domains/', 'domain'],
    'domains.update': ['POST /admin/domains/:name/edit/', 'domain update', 'PUT /domains/:pk/'],
    'domains.remove': ['POST /admin/domains/:name/delete/', 'domain delete', 'DELETE /domains/:pk/'],
    'domains.addAdmin': ['POST /admin/domains/:name/admins/add/', 'account update', 'PUT /accounts/:pk/', 'account'],
    'domains.removeAdmin': ['POST /admin/domains/:name/admins/remove/', 'account update', 'PUT /accounts/:pk/'],
    'domain-aliases.list': ['GET /admin/domainaliases/', 'domainalias list', 'GET /domainaliases/'],
    'domain-aliases.show': ['GET /admin/domains/:name/edit/', 'domainalias show', 'GET /domainaliases/:pk/'],
    'domain-aliases.create': [
      'POST /admin/domainaliases/new/',
      'domainalias create',
      'POST /domainaliases/',
      'domainalias',
    ],
    // The page of the domain takes a name away and makes another.
    'domain-aliases.update': ['POST /admin/domains/:name/edit/', 'domainalias update', 'PUT /domainaliases/:pk/'],
    'domain-aliases.remove': [
      'POST /admin/domainaliases/:id/delete/',
      'domainalias delete',
      'DELETE /domainaliases/:pk/',
    ],
    'mailboxes.list': ['GET /admin/identities/', 'account list', 'GET /accounts/'],
    'mailboxes.show': ['GET /admin/accounts/:id/', 'account show', 'GET /accounts/:pk/'],
    'mailboxes.create': ['POST /admin/accounts/new/', 'account create', 'POST /accounts/', 'account'],
    'mailboxes.createMany': ['-', '-', '-', 'account'],
    'mailboxes.update': ['POST /admin/accounts/:id/edit/', 'account update', 'PUT /accounts/:pk/'],
    'mailboxes.changePassword': ['POST /user/password/', 'account update', 'PUT /accounts/:pk/password/'],
    'mailboxes.remove': ['POST /admin/accounts/:id/delete/', 'account delete', 'DELETE /accounts/:pk/'],
    'mailboxes.updateMany': ['POST /admin/identities/', '-', 'POST /accounts/bulk/'],
    'mailboxes.removeMany': ['POST /admin/identities/', '-', 'POST /accounts/bulk/'],
    'aliases.list': ['GET /admin/identities/', 'alias list', 'GET /aliases/'],
    'aliases.show': ['GET /admin/aliases/:id/edit/', 'alias show', 'GET /aliases/:pk/'],
    'aliases.create': ['POST /admin/aliases/new/', 'alias create', 'POST /aliases/', 'alias', 'forward', 'dlist'],
    'aliases.update': ['POST /admin/aliases/:id/edit/', 'alias update', 'PUT /aliases/:pk/'],
    'aliases.remove': ['POST /admin/aliases/:id/delete/', 'alias delete', 'DELETE /aliases/:pk/'],
    'aliases.updateMany': ['POST /admin/identities/', '-', 'POST /aliases/bulk/'],
    'aliases.removeMany': ['POST /admin/identities/', '-', 'POST /aliases/bulk/'],
    // On pages, sender addresses are fields of their account.
    'sender-addresses.list': ['GET /admin/accounts/:id/', 'senderaddress list', 'GET /senderaddresses/'],
    'sender-addresses.show': ['GET /admin/accounts/:id/edit/', 'senderaddress list', 'GET /senderaddresses/:pk/'],
    'sender-addresses.create': ['POST /admin/accounts/:id/edit/', 'senderaddress create', 'POST /senderaddresses/'],
    'sender-addresses.update': ['POST /admin/accounts/:id/edit/', 'senderaddress create', 'PUT /senderaddresses/:pk/'],
    'sender-addresses.remove': [
      'POST /admin/accounts/:id/edit/',
      'senderaddress delete',
      'DELETE /senderaddresses/:pk/',
    ],
    // One's own forward is an alias at one's own address.
    'forwards.show': ['GET /user/forward/', 'alias show', 'GET /aliases/:pk/'],
    'forwards.set': ['POST /user/forward/', 'alias update', 'PUT /aliases/:pk/'],
    'resolutions.resolve': ['GET /admin/resolve/', 'resolve run', '-'],
    'explanations.actions': ['GET /admin/accounts/:id/access/', 'access explain', '-'],
    'explanations.explain': ['GET /admin/accounts/:id/access/', 'access explain', '-'],
    'explanations.overview': ['GET /admin/accounts/:id/access/', 'access explain', '-'],
    'explanations.tokens': ['GET /admin/accounts/:id/access/', 'access explain', '-'],
  };

let b: Bench;
beforeAll(async () => {
  b = await bench();
});
afterAll(() => b?.host[Symbol.asyncDispose]());

it('are there, and a new method says which it has', () => {
  const { generation } = b.host.kernel;
  const itemsOf = <Item>(slot: { readonly id: string }): readonly Item[] =>
    generation.slots.items(slot.id).map(({ item }) => item as Item);
  const routesOf = (slot: { readonly id: string }): readonly string[] =>
    itemsOf<{ readonly method?: string; readonly path: string }>(slot).map(
      ({ method = 'GET', path }) => `${method} ${path}`,
    );
  const there = {
    page: new Set(routesOf(pages)),
    command: new Set(
      itemsOf<{ readonly noun: string; readonly verb: string }>(commands).map(({ noun, verb }) => `${noun} ${verb}`),
    ),
    endpoint: new Set(routesOf(endpoints)),
    kind: new Set(itemsOf<{ readonly kind: string }>(importers).map(({ kind }) => kind)),
  };
  const missing: string[] = [];
  for (const [method, [page, command, endpoint, ...kinds]] of Object.entries(DOORS)) {
    for (const [door, name] of [
      ['page', page],
      ['command', command],
      ['endpoint', endpoint],
      ...kinds.map((kind) => ['kind', kind] as const),
    ] as const) {
      if (name !== '-' && !there[door].has(name)) missing.push(`${method}: ${door} ${name}`);
    }
  }
  expect(missing).toEqual([]);
  const [services = ''] = readFileSync(new URL('access-matrix.txt', import.meta.url), 'utf8')
    .split('\n# Services\n')[1]
    ?.split('\n# ') ?? [''];
  const ours = services
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => Object.keys(DOORS).some((one) => one.split('.')[0] === name.split('.')[0]));
  expect([...new Set(ours)].sort()).toEqual(Object.keys(DOORS).sort());
});
