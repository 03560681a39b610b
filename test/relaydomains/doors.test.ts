/** Transports and relay domains through every door: pages, commands, files. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { domainEditor } from '@posthorn/admin/contract';
import { relayDomains } from '@posthorn/relaydomains/contract';
import { defineExtension, field, formTab, importers } from '@posthorn/sdk';
import { transports } from '@posthorn/transport/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReseller, all, type Bench, empty, populate, refusal } from '../admin/fixture.js';
import { type Reader, type Site, startSite } from '../pages/site.js';
import { referenceScenarios } from './reference-scenarios.js';
import { relayBench } from './scenarios.js';

const tab = { fails: false };
/** A tab of somebody else that is saved after ours. */
const neighbour = defineExtension({
  id: 'acme-moods',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Moods',
  requires: { admin: '^0.1.0' },
  contributes: [
    formTab(
      domainEditor,
      {
        id: 'mood',
        title: 'Mood',
        shape: { mood: field.string({ label: 'Mood' }).default('') },
        load: async () => ({}),
        async save() {
          if (tab.fails) throw new Error('a bad day');
          return undefined;
        },
      },
      { order: 900 },
    ),
  ],
});

let b: Bench;
let site: Site;
let admin: Reader;
beforeAll(async () => {
  b = await relayBench({ with: [neighbour] });
  site = await startSite(b.host);
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await b?.host[Symbol.asyncDispose]();
});
beforeEach(async () => {
  tab.fails = false;
  await b.sql('delete from transport_transport');
  await empty(b);
  await populate(b);
  await addReseller(b);
  admin = await site.as('admin');
});

const relay = () => b.context.get(relayDomains);
const make = (name = 'relay.com', more: object = {}) =>
  relay().create(b.system, { name, target_host: 'mx.elsewhere.org', ...more });
const hop = async (name: string) => (await relay().show(b.system, name)).next_hop;
const general = (name: string, type = 'relaydomain') => ({
  'general.name': name,
  'general.type': type,
  'general.enabled': 'true',
  'general.quota': '0',
  'general.default_mailbox_quota': '0',
});
const target = (host: string, port = '25', verify?: 'true') => ({
  'relay.target_host': host,
  'relay.target_port': port,
  ...(verify === undefined ? {} : { 'relay.verify_recipients': verify }),
});
const edit = (name: string) => `/admin/domains/${name}/edit/`;

describe.each(['page', 'command'] as const)('as in the reference, at the door %s', (door) =>
  referenceScenarios(() => b, door));

describe('pages', () => {
  it('the wizard makes a relay domain with its target', async () => {
    const shown = await admin.get('/admin/domains/new/');
    expect(shown.text).toContain('name="relay.target_host"');
    const made = await admin.post('/admin/domains/new/', {
      ...general('new.com'),
      ...target('mx.new.org', '2525', 'true'),
    });
    expect([made.status, made.to]).toEqual([303, '/admin/domains/new.com/']);
    expect(await relay().show(b.system, 'new.com')).toMatchObject({
      next_hop: '[mx.new.org]:2525',
      verify_recipients: true,
    });
  });

  it('the wizard makes nothing of a target that is none, and says where it is wrong', async () => {
    for (const [host, port, field] of [
      ['[::1]:25', '25', 'target_host'],
      ['', '25', 'target_host'],
      ['mx.new.org', '65536', 'target_port'],
      ['mx.new.org', '0', 'target_port'],
      ['mx.new.org', 'x', 'target_port'],
      ['a b', '25', 'target_host'],
    ] as const) {
      const answer = await admin.post('/admin/domains/new/', { ...general('new.com'), ...target(host, port) });
      expect([host, port, answer.status]).toEqual([host, port, 422]);
      expect(answer.text).toContain(`href="#f-relay-${field}"`);
      expect(await refusal(b.domains.show(b.system, 'new.com'))).toBe('E_ADMIN_DOMAIN_NOT_FOUND');
    }
  });

  it('the wizard passes the step over for an ordinary domain, whatever was sent for it', async () => {
    const made = await admin.post('/admin/domains/new/', { ...general('own.com', 'domain'), ...target('[::1]:25') });
    expect(made.status).toBe(303);
    expect(await all(b.context.get(transports).list(b.system))).toEqual([]);
  });

  it('one save changes the domain and its target, and a type there and back', async () => {
    await make();
    const { text } = await admin.get(edit('relay.com'));
    expect(text).toContain('data-ph-if="general.type"');
    const version = () => /name="_version" value="([^"]*)"/;
    const send = async (name: string, fields: Readonly<Record<string, string>>) => {
      const page = await admin.get(edit(name));
      return admin.post(edit(name), { _version: version().exec(page.text)?.[1] ?? '', ...fields });
    };
    const both = { ...general('relay2.com'), ...target('192.0.2.1', '26') };
    expect((await send('relay.com', both)).to).toBe('/admin/domains/relay2.com/');
    expect(await hop('relay2.com')).toBe('[192.0.2.1]:26');
    expect((await send('relay2.com', { ...general('relay2.com', 'domain'), ...target('192.0.2.1') })).status).toBe(303);
    expect(await all(b.context.get(transports).list(b.system))).toEqual([]);
    expect((await send('relay2.com', { ...general('relay2.com'), ...target('::1', '2626') })).status).toBe(303);
    expect(await hop('relay2.com')).toBe('[::1]:2626');
  });

  it('a tab that fails takes everything back, and is named', async () => {
    await make();
    tab.fails = true;
    const page = await admin.get(edit('relay.com'));
    const version = /name="_version" value="([^"]*)"/.exec(page.text)?.[1] ?? '';
    const fields = { ...general('other.com'), ...target('192.0.2.1'), 'mood.mood': 'x', _version: version };
    const answer = await admin.post(edit('relay.com'), fields);
    expect(answer.status).toBe(422);
    expect(answer.text).toMatch(/Mood: .*(?:saved|acme-moods)/);
    expect(await hop('relay.com')).toBe('[mx.elsewhere.org]:25');
    expect(await refusal(b.domains.show(b.system, 'other.com'))).toBe('E_ADMIN_DOMAIN_NOT_FOUND');
  });

  it('the list shows the type and the target, the page of a domain where its mail goes and what is wrong', async () => {
    await make();
    await make('loop.com', { target_host: '127.0.0.1' });
    await b.domains.create(b.system, { name: 'lost.com', type: 'relaydomain' });
    const list = (await admin.get('/admin/domains/')).text;
    expect(list).toContain('[mx.elsewhere.org]:25');
    expect(list).toContain('Relay domain');
    expect((await admin.get('/admin/domains/relay.com/')).text).toContain('mx.elsewhere.org');
    expect((await admin.get('/admin/domains/loop.com/')).text).toContain('127.0.0.1 is this machine');
    expect((await admin.get('/admin/domains/lost.com/')).text).toContain('Nobody said yet');
    expect((await admin.get('/admin/domains/test.com/')).text).not.toContain('Relaying');
  });

  it('a reseller makes and changes his own, and sees no transports', async () => {
    const reseller = await site.as('reseller');
    const made = await reseller.post('/admin/domains/new/', { ...general('his.com'), ...target('mx.his.org') });
    expect(made.status).toBe(303);
    expect(await hop('his.com')).toBe('[mx.his.org]:25');
    await make('theirs.com');
    expect((await reseller.get(edit('theirs.com'))).status).toBe(404);
    for (const path of ['/transport/', '/transport/new/', '/transport/new/smtp/', '/transport/1/edit/']) {
      expect([path, (await reseller.get(path)).status]).toEqual([path, 403]);
    }
  });

  it('transports are made, changed and deleted', async () => {
    const created = await admin.post('/transport/new/smtp/', {
      pattern: 'x.test',
      target_host: 'mx.x.org',
      target_port: '25',
    });
    expect([created.status, created.to]).toEqual([303, '/transport/']);
    const [made] = await all(b.context.get(transports).list(b.system));
    expect((await admin.get('/transport/')).text).toContain('[mx.x.org]:25');
    const path = `/transport/${made?.pk}/edit/`;
    expect((await admin.get(path)).text).toContain('value="mx.x.org"');
    const changed = { pattern: 'y.test', target_host: 'mx.y.org', target_port: '26' };
    expect((await admin.post(path, changed)).status).toBe(303);
    const [now] = await all(b.context.get(transports).list(b.system));
    expect(now).toMatchObject({ pattern: 'y.test', next_hop: '[mx.y.org]:26' });
    expect((await admin.get(`/transport/${made?.pk}/delete/`)).text).toContain('y.test');
    expect((await admin.post(`/transport/${made?.pk}/delete/`, {})).status).toBe(303);
    expect((await admin.get(path)).status).toBe(404);
  });

  it('a form of a transport says what is wrong with which field', async () => {
    const wrong = async (service: string, fields: Readonly<Record<string, string>>, id: string) => {
      const answer = await admin.post(`/transport/new/${service}/`, fields);
      expect([service, answer.status]).toEqual([service, 422]);
      expect(answer.text).toContain(`href="#f-${id}"`);
    };
    await wrong('smtp', { pattern: '*', target_host: 'mx.x.org', target_port: '25' }, 'pattern');
    await wrong('smtp', { pattern: 'x.test', target_host: '[x]', target_port: '25' }, 'target_host');
    await wrong('smtp', { pattern: 'x.test', target_host: 'x', target_port: '70000' }, 'target_port');
    await wrong('smarthost', { pattern: '@x.test', target_host: 'x', target_port: '25', username: 'a' }, 'password');
    await wrong('-', { pattern: 'x.test', service: 'No Name', next_hop: 'x' }, 'service');
    expect((await admin.get('/transport/new/nothing/')).status).toBe(404);
    const other = await admin.post('/transport/new/-/', { pattern: 'x.test', service: 'autoreply', next_hop: '' });
    expect(other.status).toBe(303);
  });

  it('a password is not in the form, and stays where it is left empty', async () => {
    const fields = { pattern: '@x.test', target_host: 'smtp.x.org', target_port: '587', username: 'anna' };
    await admin.post('/transport/new/smarthost/', { ...fields, password: 'Kiesel-und-73' });
    const [made] = await all(b.context.get(transports).list(b.system));
    const stored = async () => JSON.stringify(await b.sql('select _settings from transport_transport'));
    const sealed = /smarthost_password[^,}]*/.exec(await stored())?.[0].length;
    const page = await admin.get(`/transport/${made?.pk}/edit/`);
    expect(page.text).not.toContain('Kiesel');
    expect((await admin.post(`/transport/${made?.pk}/edit/`, { ...fields, password: '' })).status).toBe(303);
    expect(/smarthost_password[^,}]*/.exec(await stored())?.[0].length).toBe(sealed);
  });

  it('the list of domains costs the same statements with many relay domains', async () => {
    await make();
    const count = async () =>
      (await b.count(() => admin.get('/admin/domains/'))).filter((sql) => /admin_|transport_/.test(sql)).length;
    const few = await count();
    expect(few).toBe(3);
    for (let i = 0; i < 10; i += 1) await make(`r${i}.com`);
    expect(await count()).toBe(few);
  });
});

describe('commands', () => {
  const run = async (...argv: readonly string[]) => b.host.command(argv);
  const json = async (...argv: readonly string[]) => JSON.parse((await run(...argv, '--json')).stdout) as object;

  it('make, show, change, list and delete a relay domain', async () => {
    const made = await json('relaydomain', 'create', 'cli.com', '--target-host', '2001:db8::25', '--verify-recipients');
    expect(made).toMatchObject({ name: 'cli.com', next_hop: '[2001:db8::25]:25', verify_recipients: true });
    const changed = ['relaydomain', 'update', 'cli.com', '--target-port', '26', '--no-verify-recipients'];
    expect(await json(...changed)).toMatchObject({ target_port: 26, verify_recipients: false });
    expect(await json('relaydomain', 'list')).toMatchObject({ name: 'cli.com', target_port: 26 });
    expect(await json('relaydomain', 'show', 'CLI.com')).toMatchObject({ target_host: '2001:db8::25' });
    expect((await run('relaydomain', 'delete', 'cli.com')).code).toBe(2);
    expect((await run('relaydomain', 'delete', 'cli.com', '--yes')).code).toBe(0);
    expect((await run('relaydomain', 'show', 'cli.com')).code).toBe(3);
  });

  it('say by their exit codes what is wrong, and warn of what comes back', async () => {
    const create = (...more: readonly string[]) => run('relaydomain', 'create', ...more);
    expect((await create('cli.com', '--target-host', '[::1]:25')).code).toBe(6);
    expect((await create('cli.com', '--target-host', 'x', '--target-port', '0')).code).toBe(6);
    expect((await create('test.com', '--target-host', 'x')).code).toBe(4);
    expect((await create('cli.com')).code).toBe(2);
    const { code, stderr } = await create('cli.com', '--target-host', '127.0.0.1');
    expect([code, stderr]).toEqual([0, expect.stringContaining('127.0.0.1 is this machine')]);
    expect((await run('check')).stdout).toContain('127.0.0.1 is this machine');
    expect((await run('relaydomain', 'create', 'x.com', '--target-host', 'x', '--as', 'user@test.com')).code).toBe(5);
  });

  it('warn of a transport that leads back here, as its page and the check do', async () => {
    const settings = ['--service', 'smtp', '--setting', 'target_host=127.0.0.1'];
    const made = await run('transport', 'create', 'x.test', ...settings);
    const warning = '127.0.0.1 is this machine: mail for x.test would come back here';
    expect([made.code, made.stderr]).toEqual([0, expect.stringContaining(warning)]);
    expect((await run('transport', 'show', 'x.test')).stderr).toContain(warning);
    expect((await run('check')).stdout).toContain(warning);
    const elsewhere = await run('transport', 'update', 'x.test', '--setting', 'target_port=2525');
    expect([elsewhere.code, elsewhere.stderr]).toEqual([0, '']);
    expect((await run('check')).stdout).toContain('No transport leads back to this machine.');
    const fields = { pattern: 'x.test', target_host: '127.0.0.1', target_port: '25' };
    const visitor = await b.host.as('admin');
    const { pk } = await b.context.get(transports).show(b.system, 'x.test');
    expect((await visitor.post(`/transport/${pk}/edit/`, fields)).text).toContain(warning);
  });

  it('make, change, list and delete transports', async () => {
    const made = ['transport', 'create', 'x.test', '--service', 'smtp', '--setting', 'target-host=mx.x.org'];
    expect(await json(...made)).toMatchObject({ pattern: 'x.test', next_hop: '[mx.x.org]:25', target_port: 25 });
    const changed = ['transport', 'update', 'x.test', '--rename', 'y.test', '--setting', 'target_port=26'];
    expect(await json(...changed)).toMatchObject({ pattern: 'y.test', next_hop: '[mx.x.org]:26' });
    expect(await json('transport', 'list', '--search', 'Y.te')).toMatchObject({ pattern: 'y.test' });
    expect((await run('transport', 'update', 'y.test', '--setting', 'nonsense')).code).toBe(2);
    expect((await run('transport', 'update', 'y.test', '--setting', 'nonsense=1')).code).toBe(6);
    expect((await run(...made.toSpliced(2, 1, '*'))).code).toBe(6);
    expect((await run('transport', 'delete', 'y.test', '--yes')).code).toBe(0);
    expect((await run('transport', 'show', 'y.test')).code).toBe(3);
    const auto = ['transport', 'create', 'auto.test', '--service', 'autoreply', '--next-hop', ''];
    expect(await json(...auto)).toMatchObject({ service: 'autoreply', next_hop: '' });
  });

  it('read a password from a file, and print it nowhere', async () => {
    const file = join(b.host.config.directory, 'secret');
    await writeFile(file, 'Kiesel-und-73\n');
    const made = await run(
      ...['transport', 'create', '@x.test', '--service', 'smarthost', '--setting', 'target_host=smtp.x.org'],
      ...['--setting', 'username=anna', '--secret-file', `password=${file}`],
    );
    expect([made.code, made.stdout]).toEqual([0, expect.stringContaining('[smtp.x.org]:587')]);
    expect(made.stdout + (await run('transport', 'show', '@x.test', '--json')).stdout).not.toContain('Kiesel');
  });

  it('resolve follows relay domains', async () => {
    await make();
    const { code, stdout } = await run('resolve', 'x@relay.com');
    expect([code, stdout]).toEqual([0, expect.stringContaining('handed on to [mx.elsewhere.org]:25')]);
  });
});

describe('files', () => {
  const file = async (text: string) => {
    const path = join(b.host.config.directory, 'rows.csv');
    await writeFile(path, text);
    return path;
  };
  const row = 'relaydomain;csv.com;mx.csv.org;2525;relay;True;True';

  it('test_import_relaydomains: seven columns, the service is passed over', async () => {
    const path = await file(`${row}\nrelaydomain;csv2.com;192.0.2.1;25;smtp;False;no\n`);
    expect((await b.host.command(['import', path])).code).toBe(0);
    expect(await relay().show(b.system, 'csv.com')).toMatchObject({
      enabled: true,
      next_hop: '[mx.csv.org]:2525',
      service: 'relay',
      verify_recipients: true,
    });
    expect(await relay().show(b.system, 'csv2.com')).toMatchObject({ enabled: false, verify_recipients: false });
  });

  it.each([
    'relaydomain;csv.com;mx.csv.org;2525;relay;True',
    `${row};more`,
    'relaydomain;csv.com;[::1]:25;25;relay;True;True',
    'relaydomain;csv.com;mx.csv.org;x;relay;True;True',
    'relaydomain;csv.com;mx.csv.org;65536;relay;True;True',
    'relaydomain;test.com;mx.csv.org;25;relay;True;True',
    `${row}\n${row}`,
  ])('%s imports nothing', async (rows) => {
    const path = await file(`relaydomain;first.com;mx.csv.org;25;relay;True;True\n${rows}\n`);
    expect((await b.host.command(['import', path])).code).not.toBe(0);
    expect((await all(relay().list(b.system))).map(({ name }) => name)).toEqual([]);
    expect(await all(b.context.get(transports).list(b.system))).toEqual([]);
  });

  it('an import of relay domains needs the right to make them, whatever file they stand in', async () => {
    const asked = b.context.items(importers).find(({ item }) => item.kind === 'relaydomain')?.item.permission ?? '';
    const may = async (username: string) => (await b.actor(username)).can(asked);
    expect([await may('admin'), await may('reseller'), await may('admin@test.com')]).toEqual([true, true, false]);
  });

  it('an export keeps the type, and an import makes the same again', async () => {
    await make('relay.com', { target_port: 2525, verify_recipients: true, aliases: ['relay.org'] });
    await make('off.com', { enabled: false });
    await b.domains.create(b.system, { name: 'lost.com', type: 'relaydomain' });
    const { stdout } = await b.host.command(['export', 'domains']);
    expect(stdout.split('\r\n').filter((line) => line !== '')).toEqual([
      'relaydomain;off.com;mx.elsewhere.org;25;relay;False;False',
      'relaydomain;relay.com;mx.elsewhere.org;2525;relay;True;True',
      'domainalias;relay.org;relay.com;True',
      'domain;test.com;50;10;True',
      'domain;test2.com;0;0;True',
    ]);
    const before = await all(relay().list(b.system));
    for (const name of ['relay.com', 'off.com', 'lost.com']) await b.domains.remove(b.system, name);
    const path = await file(stdout.split('\r\n').slice(0, 3).join('\r\n'));
    expect((await b.host.command(['import', path])).code).toBe(0);
    const unnumbered = (rows: readonly object[]) => rows.map((one) => ({ ...one, pk: 0, transport_pk: 0 }));
    expect(unnumbered(await all(relay().list(b.system)))).toEqual(
      unnumbered(before.filter(({ name }) => name !== 'lost.com')),
    );
  });
});
