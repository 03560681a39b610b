/** Relay domains and their other names count against limits, by the service and in the wizard. */
import relaydomains from '@posthorn/relaydomains';
import { relayDomains } from '@posthorn/relaydomains/contract';
import type { Actor } from '@posthorn/sdk';
import transport from '@posthorn/transport';
import { transports } from '@posthorn/transport/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReseller, all, refusal } from '../admin/fixture.js';
import { type LimitBench, limitBench, start } from '../limits/fixture.js';
import { type Site, startSite } from '../pages/site.js';

let b: LimitBench;
let site: Site;
let reseller: Actor;
beforeAll(async () => {
  b = await limitBench({ with: [transport, relaydomains] });
  site = await startSite(b.host);
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await b?.host[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await b.sql('delete from transport_transport');
  await start(b, 2);
  reseller = await addReseller(b);
});

const relay = () => b.context.get(relayDomains);
const make = (name: string, more: object = {}) =>
  relay().create(reseller, { name, target_host: 'mx.elsewhere.org', ...more });

describe('limits of relay domains', () => {
  it('test_relaydomains_limit: as many as domains, and nothing is left of one too many', async () => {
    await make('r1.com');
    await make('r2.com');
    expect(await b.has('reseller', 'domains')).toBe('2/2');
    expect(await refusal(make('r3.com'))).toMatch(/^E_LIMITS_/);
    expect((await all(b.context.get(transports).list(b.system))).map(({ pattern }) => pattern)).toEqual([
      'r1.com',
      'r2.com',
    ]);
    await relay().remove(reseller, 'r1.com');
    expect(await refusal(make('r3.com'))).toBe('accepted');
  });

  it('test_relaydomains_limit: their other names count as domain aliases', async () => {
    await make('r1.com', { aliases: ['a1.com', 'a2.com'] });
    expect(await b.has('reseller', 'domains', 'domain_aliases')).toBe('1/2 2/2');
    expect(await refusal(b.domainAliases.create(reseller, { name: 'a3.com', target: 'r1.com' }))).toMatch(/^E_LIMITS_/);
    expect(await refusal(make('r2.com', { aliases: ['a3.com'] }))).toMatch(/^E_LIMITS_/);
    expect(await b.has('reseller', 'domains', 'domain_aliases')).toBe('1/2 2/2');
  });

  it('the wizard is refused as well', async () => {
    await make('r1.com');
    await make('r2.com');
    const page = await site.as('reseller');
    const answer = await page.post('/admin/domains/new/', {
      'general.name': 'r3.com',
      'general.type': 'relaydomain',
      'general.enabled': 'true',
      'general.quota': '0',
      'general.default_mailbox_quota': '0',
      'relay.target_host': 'mx.elsewhere.org',
      'relay.target_port': '25',
    });
    expect(answer.status).toBe(422);
    expect(await b.has('reseller', 'domains')).toBe('2/2');
  });
});
