import { resolutions } from '@posthorn/admin/contract';
import { relayDomains } from '@posthorn/relaydomains/contract';
import { transports } from '@posthorn/transport/contract';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Door } from '../admin/doors/hands.js';
import { expectDone as done, expectRefused as refuse } from '../admin/doors/said.js';
import { addReseller, all, type Bench, empty, HASH, populate } from '../admin/fixture.js';
import { relayHandsAt } from './hands.js';

const TARGET = { target_host: 'mx.elsewhere.org' };

/** What the reference promises of relay domains, by the names of its tests, and the same of transports, at one door. */
export function referenceScenarios(given: () => Bench, door: Door): void {
  let b: Bench;
  let hands: ReturnType<ReturnType<typeof relayHandsAt>>;
  beforeEach(async () => {
    b = given();
    await b.sql('delete from transport_transport');
    await empty(b);
    await populate(b);
    hands = relayHandsAt(door)(b, 'admin');
  });
  const make = (name = 'relay.com', more: object = {}) => hands.relayDomain(name, { ...TARGET, ...more });
  const accesses = async () =>
    (await b.sql('select pattern, action from relaydomains_recipientaccess order by pattern')).map(
      ({ pattern, action }) => `${pattern} ${action}`,
    );
  const patterns = async () =>
    (await all(b.context.get(transports).list(b.system))).map(({ pattern, next_hop }) => `${pattern} ${next_hop}`);
  const shown = (name: string) => b.context.get(relayDomains).show(b.system, name);

  describe('RelayDomainsTestCase', () => {
    it('test_create_relaydomain, test_domain_list_view: it has its type, and leads to its server', async () => {
      await done(make('relay.com', { verify_recipients: true }));
      await done(make('other.com', { target_port: 2525 }));
      expect(await shown('relay.com')).toMatchObject({
        enabled: true,
        ...TARGET,
        target_port: 25,
        verify_recipients: true,
        service: 'relay',
      });
      expect((await all(b.domains.list(b.system, { type: 'relaydomain' }))).map(({ name }) => name)).toEqual([
        'other.com',
        'relay.com',
      ]);
      expect(await patterns()).toEqual(['other.com [mx.elsewhere.org]:2525', 'relay.com [mx.elsewhere.org]:25']);
      expect(await accesses()).toEqual(['relay.com reject_unverified_recipient']);
    });

    it('test_create_relaydomain: names conflict with domains and domain aliases, and nothing is left', async () => {
      await b.domainAliases.create(b.system, { name: 'alias.com', target: 'test.com' });
      await refuse(make('test.com'), 'E_ADMIN_DOMAIN_TAKEN', 'test.com', 'name');
      await refuse(make('alias.com'), 'E_ADMIN_DOMAIN_IS_ALIAS', 'alias.com', 'name');
      expect(await patterns()).toEqual([]);
    });

    it('test_create_relaydomainalias: it conflicts with both', async () => {
      await done(make());
      await done(hands.domainAlias('alias.com', 'relay.com'));
      await refuse(hands.domainAlias('relay.com', 'test.com'), 'E_ADMIN_DOMAIN_TAKEN', 'relay.com', 'name');
      await refuse(hands.domainAlias('alias.com', 'test.com'), 'E_ADMIN_DOMAIN_IS_ALIAS', 'alias.com', 'name');
    });

    it('test_edit_relaydomain: port, name and verification at once', async () => {
      await done(make());
      await done(hands.changeRelay('relay.com', { name: 'relay3.com', target_port: 4040, verify_recipients: true }));
      expect(await patterns()).toEqual(['relay3.com [mx.elsewhere.org]:4040']);
      expect(await accesses()).toEqual(['relay3.com reject_unverified_recipient']);
      await done(hands.changeRelay('relay3.com', { verify_recipients: false }));
      expect([await patterns(), await accesses()]).toEqual([['relay3.com [mx.elsewhere.org]:4040'], []]);
    });

    it('test_edit_relaydomainalias, test_delete_relaydomainalias', async () => {
      await done(make());
      await done(hands.domainAlias('alias.com', 'relay.com'));
      await done(hands.renameDomainAlias('alias.com', 'alias2.com'));
      expect((await all(b.domainAliases.list(b.system))).map(({ name, target_name }) => [name, target_name])).toEqual([
        ['alias2.com', 'relay.com'],
      ]);
      await done(hands.removeDomainAlias('alias2.com'));
      expect(await all(b.domainAliases.list(b.system))).toEqual([]);
    });

    it('test_relaydomain_domain_switch: to a domain and back', async () => {
      await done(make('relay.com', { verify_recipients: true }));
      await done(hands.changeDomain('relay.com', { type: 'domain' }));
      expect([await patterns(), await accesses()]).toEqual([[], []]);
      expect((await b.domains.show(b.system, 'relay.com')).type).toBe('domain');
      await done(hands.relayFrom('relay.com', { target_host: '192.0.2.7', verify_recipients: true }));
      expect(await patterns()).toEqual(['relay.com [192.0.2.7]:25']);
      expect(await accesses()).toEqual(['relay.com reject_unverified_recipient']);
    });

    it('test_delete_relaydomain: its transport and its access rule go with it', async () => {
      await done(make('relay.com', { verify_recipients: true }));
      await done(hands.removeDomain('relay.com'));
      expect([await patterns(), await accesses()]).toEqual([[], []]);
    });

    it('test_alias_on_relaydomain: to unknown addresses and to a mailbox here', async () => {
      await done(make());
      await b.mailboxes.create(b.system, { username: 'local@relay.com', passwordHash: HASH });
      await done(hands.alias('alias@relay.com', 'recipient@relay.com'));
      await done(hands.alias('alias2@relay.com', 'local@relay.com'));
      const outcome = async (address: string) =>
        (await b.context.get(resolutions).resolve(b.system, address)).steps.map(({ kind, address: at }) => [kind, at]);
      expect(await outcome('alias@relay.com')).toEqual([
        ['alias', 'alias@relay.com'],
        ['elsewhere', 'recipient@relay.com'],
      ]);
      expect((await outcome('alias2@relay.com')).at(-1)).toEqual(['elsewhere', 'local@relay.com']);
    });

    it('test_relaydomains_reseller: makes, changes and deletes his own, and no others', async () => {
      await addReseller(b);
      await done(make('theirs.com'));
      hands = relayHandsAt(door)(b, 'reseller');
      await done(make('his.com'));
      await done(hands.changeRelay('his.com', { target_host: '2001:db8::1', target_port: 26 }));
      expect(await patterns()).toEqual(['his.com [2001:db8::1]:26', 'theirs.com [mx.elsewhere.org]:25']);
      await refuse(
        hands.changeRelay('theirs.com', { target_port: 26 }),
        'E_ADMIN_DOMAIN_NOT_FOUND',
        'There is no domain theirs.com',
      );
      await refuse(hands.removeDomain('theirs.com'), 'E_ADMIN_DOMAIN_NOT_FOUND', 'There is no domain theirs.com');
      await done(hands.removeDomain('his.com'));
      expect(await patterns()).toEqual(['theirs.com [mx.elsewhere.org]:25']);
    });
  });

  it('transports are made, changed and deleted, by super administrators', async () => {
    const settings = { target_host: 'mx.x.org' };
    await done(hands.transport('x.test', 'smtp', settings));
    await refuse(hands.transport('X.test', 'smtp', settings), 'E_TRANSPORT_TAKEN', 'There is a transport for x.test');
    await done(hands.transport('@x.test', 'smarthost', { ...settings, username: 'anna', password: 'Kiesel-und-73' }));
    await done(hands.changeTransport('x.test', { target_host: '::1', target_port: 2525 }));
    expect(await patterns()).toEqual(['@x.test [mx.x.org]:587', 'x.test [::1]:2525']);
    await done(hands.removeTransport('@x.test'));
    await addReseller(b);
    hands = relayHandsAt(door)(b, 'reseller');
    for (const work of [
      hands.transport('y.test', 'smtp', settings),
      hands.changeTransport('x.test', { target_port: 25 }),
      hands.removeTransport('x.test'),
    ]) {
      expect((await work).reason).toMatch(/needs the permission transport\./);
    }
    expect(await patterns()).toEqual(['x.test [::1]:2525']);
  });
}
