/** Wrong servers, patterns and limits by service, page, command, file and API: refused alike, and nothing of it stays. */
import relaydomains from '@posthorn/relaydomains';
import { relayDomains } from '@posthorn/relaydomains/contract';
import transport from '@posthorn/transport';
import { transports } from '@posthorn/transport/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendForm } from '../admin/doors/page-hands.js';
import { byApi, byCommand, byFile, byPage, byService, type Said } from '../admin/doors/said.js';
import { addReseller, all, HASH } from '../admin/fixture.js';
import { type ApiCaller, apiCaller, tokenOf } from '../api/caller.js';
import type { Visitor } from '../kit/src/host/visitor.js';
import { type LimitBench, limitBench, start } from '../limits/fixture.js';

let b: LimitBench;
const page: Record<string, Visitor> = {};
const api: Record<string, ApiCaller> = {};
const pk: Record<string, number> = {};
beforeAll(async () => {
  b = await limitBench({ with: [transport, relaydomains] });
  await start(b, 2);
  const reseller = await addReseller(b);
  await b.domains.create(reseller, { name: 'd.tld' });
  await b.mailboxes.create(reseller, {
    username: 'boss@d.tld',
    role: 'DomainAdmins',
    passwordHash: HASH,
    mailbox: null,
  });
  for (const who of ['admin', 'reseller']) {
    page[who] = await b.host.as(who);
    api[who] = apiCaller(await b.host.url(), await tokenOf(b.host, who));
  }
  for (const who of ['reseller', 'boss@d.tld']) pk[who] = (await b.mailboxes.show(b.system, who)).pk;
});
afterAll(() => b?.host[Symbol.asyncDispose]());

type Door = 'service' | 'page' | 'command' | 'file' | 'api';
interface Field {
  readonly values: readonly string[];
  readonly doors: Partial<Record<Door, (value: string) => Promise<Said>>> & {
    service(value: string): Promise<Said>;
  };
}

/** As programs send it: a number where the text is one. */
const asNumber = (value: string): number => (value.trim() === '' ? value : Number(value)) as number;
const HOSTS = [
  '',
  ' ',
  '[::1]:25',
  '[192.0.2.1]',
  'mx.example.org:25',
  'mx example.org',
  'mx.example.org\nx',
  'mx\u202e.example.org',
  'mx%s.example.org',
  '%d',
  'fe80::1%eth0',
  '1.2.3.256',
  '25',
  '-mx.example.org',
  'mx_1.example.org',
  'a'.repeat(300),
];
const PORTS = ['0', '-1', '65536', '1.5', '1e99', 'NaN', 'many'];
const COUNTS = ['-2', '1.5', '1e99', 'NaN', 'many', '2147483648'];

const ofRelay = (give: (value: string) => { readonly target_host: string; readonly target_port: string }) => ({
  service: async (value: string) => {
    const { target_host, target_port } = give(value);
    const input = { name: 'new.com', target_host, target_port: asNumber(target_port) };
    return byService(b.context.get(relayDomains).create(b.system, input));
  },
  page: async (value: string) => {
    const { target_host, target_port } = give(value);
    return sendForm(page['admin'] as Visitor, '/admin/domains/new/', {
      'general.name': 'new.com',
      'general.type': 'relaydomain',
      'relay.target_host': target_host,
      'relay.target_port': target_port,
    });
  },
  command: async (value: string) => {
    const { target_host, target_port } = give(value);
    const target = [`--target-host=${target_host}`, `--target-port=${target_port}`];
    return byCommand(b.host, ['relaydomain', 'create', 'new.com', ...target]);
  },
  file: async (value: string) => {
    const { target_host, target_port } = give(value);
    return byFile(b.host, [['relaydomain', 'new.com', target_host, target_port, 'relay', 'True', 'True']]);
  },
  api: async (value: string) => {
    const { target_host: relay_target_host, target_port } = give(value);
    const _settings = JSON.stringify({ relay_target_host, relay_target_port: asNumber(target_port) });
    const body = { name: 'new.com', transport: { service: 'relay', _settings } };
    return byApi(api['admin'] as ApiCaller, 'POST', 'relaydomains/', body);
  },
});

const ofTransport = (
  give: (value: string) => { readonly pattern: string; readonly target_host: string; readonly target_port: string },
) => ({
  service: async (value: string) => {
    const { pattern, target_host, target_port } = give(value);
    const settings = { target_host, target_port: asNumber(target_port) };
    return byService(b.context.get(transports).create(b.system, { pattern, service: 'smtp', settings }));
  },
  page: async (value: string) => sendForm(page['admin'] as Visitor, '/transport/new/smtp/', give(value)),
  command: async (value: string) => {
    const { pattern, ...target } = give(value);
    const set = Object.entries(target).map(([name, text]) => `--setting=${name}=${text}`);
    return byCommand(b.host, ['transport', 'create', '--service=smtp', ...set, '--', pattern]);
  },
  api: async (value: string) => {
    const { pattern, target_host, target_port } = give(value);
    const settings = { target_host, target_port: asNumber(target_port) };
    return byApi(api['admin'] as ApiCaller, 'POST', 'transports/', { pattern, service: 'smtp', settings });
  },
});

const ofLimit = (who: string, username: string) => ({
  service: async (value: string) =>
    byService(b.limits.setOfAccount(await b.actor(who), username, { mailboxes: asNumber(value) })),
  page: async (value: string) => {
    const form = await (page[who] as Visitor).get(`/admin/accounts/${pk[username]}/edit/`);
    const tab = username === 'reseller' ? 'resources' : 'resources-inside';
    return byPage(await form.tab(tab).submit({ mailboxes: value }));
  },
  command: (value: string) => byCommand(b.host, ['limits', 'set', username, `--mailboxes=${value}`, '--as', who]),
  api: (value: string) =>
    byApi(api[who] as ApiCaller, 'PUT', `resources/${pk[username]}/`, { mailboxes: asNumber(value) }),
});

const SERVER = 'mx.example.org';
const fields: Readonly<Record<string, Field>> = {
  'server of a relay domain': {
    values: HOSTS,
    doors: ofRelay((target_host) => ({ target_host, target_port: '25' })),
  },
  'port of a relay domain': {
    values: PORTS,
    doors: ofRelay((target_port) => ({ target_host: SERVER, target_port })),
  },
  'pattern of a transport': {
    values: ['', '*', 'a b', 'a@b@c d', 'x\n.org', 'ex%ample.org', '@', '.', 'a..b', '.@x.org', 'a'.repeat(300)],
    doors: ofTransport((pattern) => ({ pattern, target_host: SERVER, target_port: '25' })),
  },
  'server of a transport': {
    values: HOSTS,
    doors: ofTransport((target_host) => ({ pattern: 'x.test', target_host, target_port: '25' })),
  },
  'port of a transport': {
    values: PORTS,
    doors: ofTransport((target_port) => ({ pattern: 'x.test', target_host: SERVER, target_port })),
  },
  'limit of an account': { values: COUNTS, doors: ofLimit('admin', 'reseller') },
  // More than there is, and no limit out of one.
  'limit out of a pool': { values: [...COUNTS, '3', '-1'], doors: ofLimit('reseller', 'boss@d.tld') },
  'limit of a domain': {
    values: COUNTS,
    doors: {
      service: (value) => byService(b.limits.setOfDomain(b.system, 'd.tld', { mailboxes: asNumber(value) })),
      command: (value) => byCommand(b.host, ['limits', 'set', 'd.tld', `--mailboxes=${value}`]),
    },
  },
  'limit of a plan': {
    values: COUNTS,
    doors: {
      service: (value) =>
        byService(b.plans.create(b.system, { name: 'Basic', limits: { mailboxes: asNumber(value) } })),
      page: (value) => sendForm(page['admin'] as Visitor, '/limits/plans/new/', { name: 'Basic', mailboxes: value }),
      command: (value) => byCommand(b.host, ['limits', 'plan', 'create', 'Basic', `--mailboxes=${value}`]),
    },
  },
};

const state = async () => ({
  domains: (await all(b.domains.list(b.system))).map(({ name }) => name),
  transports: (await all(b.context.get(transports).list(b.system))).map(({ pattern }) => pattern),
  plans: await b.plans.list(b.system),
  limits: [await b.has('reseller', 'mailboxes'), await b.has('boss@d.tld', 'mailboxes')],
  ofDomains: await b.sql('select name from limits_domainobjectlimit'),
});

/** What a door may say by itself before it asks the service: its own words for what no field takes. */
const OWN =
  /(?:^|: )(?:is required|must be a whole number|must be -?\d+ or (?:more|less)|must not contain control or invisible characters)/;

describe.each(Object.entries(fields))('%s', (_name, { values, doors }) => {
  it('is refused by every door for the same reason, and nothing of it stays', async () => {
    const before = await state();
    const wrong: unknown[] = [];
    for (const value of values) {
      const said = await doors.service(value);
      if (said.code === 'accepted') wrong.push({ value, said });
      for (const [door, attempt] of Object.entries(doors)) {
        if (door === 'service') continue;
        const other = await attempt(value);
        const isSame = (other.code ?? said.code) === said.code && other.reason.includes(said.reason);
        const isOwn = (other.code ?? 'E_INVALID') === 'E_INVALID' && OWN.test(other.reason);
        if (!isSame && !isOwn) wrong.push({ value: value.slice(0, 20), door, said, other });
      }
    }
    expect(wrong).toEqual([]);
    expect(await state()).toEqual(before);
  });
});
