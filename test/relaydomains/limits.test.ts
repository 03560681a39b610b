/** Relay domains and their other names count against limits, at each door. */
import relaydomains from '@posthorn/relaydomains';
import { relayDomains } from '@posthorn/relaydomains/contract';
import transport from '@posthorn/transport';
import { transports } from '@posthorn/transport/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DOORS } from '../admin/doors/hands.js';
import { byFile, expectDone as done, expectRefused as refuse, type Said } from '../admin/doors/said.js';
import { addReseller, all, refusal } from '../admin/fixture.js';
import { type LimitBench, limitBench, start } from '../limits/fixture.js';
import { relayHandsAt } from './hands.js';

let b: LimitBench;
beforeAll(async () => {
  b = await limitBench({ with: [transport, relaydomains] });
  await b.sql("insert into core_grant (role, permission, extension) values ('Resellers', 'core.import', 'core')");
});
afterAll(() => b?.host[Symbol.asyncDispose]());
beforeEach(async () => {
  await b.sql('delete from transport_transport');
  await start(b, 2);
  await addReseller(b);
});

const patterns = async () => (await all(b.context.get(transports).list(b.system))).map(({ pattern }) => pattern);
const full = (work: Promise<Said>, label: string) => refuse(work, 'E_LIMITS_REACHED', `${label}: limit reached`);

describe.each(DOORS)('test_relaydomains_limit, at the door %s', (door) => {
  it('as many as domains, and as many other names as domain aliases; nothing is left of one too many', async () => {
    const hands = relayHandsAt(door)(b, 'reseller');
    const make = (name: string) => hands.relayDomain(name, { target_host: 'mx.elsewhere.org' });
    await done(make('r1.com'));
    await done(make('r2.com'));
    expect(await b.has('reseller', 'domains')).toBe('2/2');
    await full(make('r3.com'), 'Domains');
    expect(await patterns()).toEqual(['r1.com', 'r2.com']);
    await done(hands.removeDomain('r2.com'));
    await done(make('r3.com'));
    await done(hands.domainAlias('a1.com', 'r1.com'));
    await done(hands.domainAlias('a2.com', 'r1.com'));
    await full(hands.domainAlias('a3.com', 'r1.com'), 'Domain aliases');
    expect(await b.has('reseller', 'domains', 'domain_aliases')).toBe('2/2 2/2');
  });
});

it('other names that come with a relay domain count', async () => {
  const reseller = await b.actor('reseller');
  const make = (name: string, ...aliases: readonly string[]) =>
    b.context.get(relayDomains).create(reseller, { name, target_host: 'mx.elsewhere.org', aliases });
  await make('r1.com', 'a1.com', 'a2.com');
  expect(await refusal(make('r2.com', 'a3.com'))).toBe('E_LIMITS_REACHED');
  expect(await b.has('reseller', 'domains', 'domain_aliases')).toBe('1/2 2/2');
});

it('a file brings no more than any other door, and nothing of one that has too many', async () => {
  const rows = [1, 2, 3].map((n) => ['relaydomain', `r${n}.com`, 'mx.elsewhere.org', '25', 'relay', 'True', 'False']);
  await full(byFile(b.host, rows, ['--as', 'reseller']), 'Domains');
  expect(await patterns()).toEqual([]);
  await done(byFile(b.host, rows.slice(0, 2), ['--as', 'reseller']));
  expect(await b.has('reseller', 'domains')).toBe('2/2');
});
