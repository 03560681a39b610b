import { resolutions, trash } from '@posthorn/admin/contract';
import relaydomains from '@posthorn/relaydomains';
import { type RelayDomains, relayDomains } from '@posthorn/relaydomains/contract';
import { type Actor, type ExtensionDefinition, isProblem, plainText } from '@posthorn/sdk';
import transport from '@posthorn/transport';
import { type Routes, routes, type Transports, transports } from '@posthorn/transport/contract';
import { beforeEach, describe, expect, it } from 'vitest';
import { addReseller, all, type Bench, bench, empty, HASH, populate, refusal } from '../admin/fixture.js';
import { backendsOfOthers } from './other-backend.js';
import { referenceScenarios } from './reference-scenarios.js';

export const relayBench = (
  o: { readonly database?: string; readonly with?: readonly ExtensionDefinition[] } = {},
): Promise<Bench> => bench({ ...o, with: [transport, relaydomains, backendsOfOthers, ...(o.with ?? [])] });

/** What the services promise about transports and relay domains, on whatever database the bench has. */
export function scenarios(given: () => Bench): void {
  let b: Bench;
  let relay: RelayDomains;
  let ways: Transports;
  let of: Routes;
  let system: Actor;
  beforeEach(async () => {
    b = given();
    await b.sql('delete from transport_transport');
    await empty(b);
    await populate(b);
    ({ system } = b);
    relay = b.context.get(relayDomains);
    ways = b.context.get(transports);
    of = b.context.get(routes);
  });

  const make = (name = 'relay.com', more: object = {}) =>
    relay.create(system, { name, target_host: 'mx.elsewhere.org', ...more });
  const accesses = async () =>
    (await b.sql('select pattern, action from relaydomains_recipientaccess order by pattern')).map((row) => ({
      ...row,
    }));
  const patterns = async () => (await all(ways.list(system))).map(({ pattern, next_hop }) => `${pattern} ${next_hop}`);
  const linked = async (name: string) => {
    const [row] = await b.sql('select transport_id from admin_domain where name = ?', [name]);
    return row?.['transport_id'] === null ? null : Number(row?.['transport_id']);
  };

  describe('as in the reference', () => referenceScenarios(given, 'service'));

  describe('relay domains', () => {
    it('one is stored as in the reference, with its other names', async () => {
      const made = await make('Relay.com', { verify_recipients: true, aliases: ['relay.org'] });
      expect(made).toEqual({
        pk: made.pk,
        transport_pk: (await ways.show(system, 'relay.com')).pk,
        name: 'relay.com',
        enabled: true,
        target_host: 'mx.elsewhere.org',
        target_port: 25,
        verify_recipients: true,
        service: 'relay',
        next_hop: '[mx.elsewhere.org]:25',
        mailbox_count: 0,
        domainalias_count: 1,
        enable_dkim: false,
        dkim_key_selector: 'modoboa',
        dkim_public_key: '',
      });
      expect(await relay.show(system, 'RELAY.com')).toEqual(made);
      const [row] = await b.sql('select pattern, service, next_hop, _settings as s from transport_transport');
      expect(row).toMatchObject({ pattern: 'relay.com', service: 'relay', next_hop: '[mx.elsewhere.org]:25' });
      expect(typeof row?.['s'] === 'string' ? JSON.parse(row['s']) : row?.['s']).toEqual({
        relay_target_host: 'mx.elsewhere.org',
        relay_target_port: 25,
        relay_verify_recipients: true,
      });
      expect(await linked('relay.com')).toBe((await ways.show(system, 'relay.com')).pk);
      expect(await accesses()).toEqual([{ pattern: 'relay.com', action: 'reject_unverified_recipient' }]);
    });

    it('one that was a domain meanwhile has no target until it is given one', async () => {
      await make('relay.com', { verify_recipients: true });
      await b.domains.update(system, 'relay.com', { type: 'domain' });
      expect([await patterns(), await accesses(), await linked('relay.com')]).toEqual([[], [], null]);
      expect(await refusal(relay.show(system, 'relay.com'))).toBe('E_RELAYDOMAINS_NOT_FOUND');
      const back = await b.domains.update(system, 'relay.com', { type: 'relaydomain' });
      expect(await relay.show(system, back.pk)).toMatchObject({ target_host: null, next_hop: null });
      await relay.setTarget(system, back.pk, { target_host: '192.0.2.7' });
      expect(await patterns()).toEqual(['relay.com [192.0.2.7]:25']);
    });

    it('a rename and a change of type at once leave nothing behind', async () => {
      await make('relay.com', { verify_recipients: true });
      await b.domains.update(system, 'relay.com', { type: 'domain', name: 'own.com' });
      expect([await patterns(), await accesses()]).toEqual([[], []]);
    });

    it('every transport of it goes with it', async () => {
      await make('relay.com', { verify_recipients: true });
      await ways.create(system, { pattern: 'x@relay.com', service: 'smtp', settings: { target_host: 'mx.x.org' } });
      await relay.remove(system, 'relay.com');
      expect([await patterns(), await accesses()]).toEqual([[], []]);
      expect(await refusal(b.domains.show(system, 'relay.com'))).toBe('E_ADMIN_DOMAIN_NOT_FOUND');
    });

    it('a deleted relay domain comes back as it was, with everything that routes its mail', async () => {
      const made = await make('relay.com', { verify_recipients: true });
      const before = [await patterns(), await accesses(), await linked('relay.com')];
      await b.domains.remove(system, 'relay.com');
      const bin = b.context.get(trash);
      const [entry] = await all(bin.list(system));
      expect(await bin.restore(system, entry?.pk ?? 0)).toMatchObject({ left_out: 0 });
      expect([await patterns(), await accesses(), await linked('relay.com')]).toEqual(before);
      expect(await relay.show(system, 'relay.com')).toEqual(made);
    });

    it('aliases lead on to the next server, or to the mailbox here', async () => {
      await make();
      await b.mailboxes.create(system, { username: 'local@relay.com', passwordHash: HASH });
      const create = (address: string, recipients: readonly string[]) =>
        b.aliases.create(system, { address, recipients });
      expect((await create('alias@relay.com', ['recipient@relay.com'])).recipients).toEqual(['recipient@relay.com']);
      expect((await create('alias2@relay.com', ['local@relay.com'])).recipients).toEqual(['local@relay.com']);
      const going = async (address: string) => {
        const { outcome, steps } = await b.context.get(resolutions).resolve(system, address);
        return [
          outcome,
          ...steps.map(({ kind, address: at, text }) => `${kind} ${at} ${text === null ? '' : plainText(text)}`),
        ];
      };
      const onward = 'handed on to [mx.elsewhere.org]:25 by the service relay';
      expect(await going('alias@relay.com')).toEqual([
        'delivered',
        'alias alias@relay.com ',
        `elsewhere recipient@relay.com ${onward}`,
      ]);
      expect((await going('alias2@relay.com')).at(-1)).toBe('elsewhere local@relay.com delivered to the mailbox here');
      expect((await going('local+tag@relay.com')).at(-1)).toMatch(/delivered to the mailbox here$/);
      await relay.update(system, 'relay.com', { enabled: false });
      expect((await going('x@relay.com'))[0]).toBe('refused');
    });

    it('a reseller reaches his own, and no others', async () => {
      const reseller = await addReseller(b);
      const his = await relay.create(reseller, { name: 'his.com', target_host: 'mx.his.org' });
      await make('theirs.com');
      expect((await all(relay.list(reseller))).map(({ name }) => name)).toEqual(['his.com']);
      await relay.update(reseller, his.pk, { target_host: '2001:db8::1', target_port: 26 });
      expect(await patterns()).toContain('his.com [2001:db8::1]:26');
      expect(await refusal(relay.update(reseller, 'theirs.com', { target_port: 26 }))).toBe('E_ADMIN_DOMAIN_NOT_FOUND');
      expect(await refusal(relay.setTarget(reseller, 'theirs.com', { target_host: 'x' }))).toBe(
        'E_ADMIN_DOMAIN_NOT_FOUND',
      );
      expect(await refusal(relay.remove(reseller, 'theirs.com'))).toBe('E_ADMIN_DOMAIN_NOT_FOUND');
      expect(await refusal((async () => all(ways.list(reseller)))())).toBe('E_TRANSPORT_FORBIDDEN');
      await relay.remove(reseller, 'his.com');
      expect(await patterns()).toEqual(['theirs.com [mx.elsewhere.org]:25']);
    });

    it('a domain administrator sees his relay domain and changes nothing of it', async () => {
      await make();
      const person = { username: 'lead', role: 'DomainAdmins', passwordHash: HASH, domains: ['relay.com'] };
      await b.mailboxes.create(system, person);
      const lead = await b.actor('lead');
      expect((await relay.show(lead, 'relay.com')).next_hop).toBe('[mx.elsewhere.org]:25');
      for (const work of [
        () => relay.update(lead, 'relay.com', { target_port: 26 }),
        () => relay.setTarget(lead, 'relay.com', { target_host: 'x' }),
        () => relay.remove(lead, 'relay.com'),
        () => relay.create(lead, { name: 'new.com', target_host: 'x' }),
      ]) {
        expect(await refusal((async () => work())())).toBe('E_RELAYDOMAINS_FORBIDDEN');
      }
    });

    it('whoever may not make relay domains makes none through the service of domains either', async () => {
      const reseller = await addReseller(b);
      const poor: Actor = { ...reseller, can: (p) => !p.startsWith('relaydomains.') && reseller.can(p) };
      expect(await refusal(b.domains.create(poor, { name: 'sly.com', type: 'relaydomain' }))).toMatch(/^E_REFUSED/);
      await b.domains.create(poor, { name: 'plain.com' });
      expect(await refusal(b.domains.update(poor, 'plain.com', { type: 'relaydomain' }))).toMatch(/^E_REFUSED/);
      expect((await b.domains.show(system, 'plain.com')).type).toBe('domain');
    });
  });

  describe('access', () => {
    /** `+` it was done, and taken back; `3` forbidden, `4` not found, `2` the fault of a field. */
    const outcome = async (work: () => Promise<unknown>): Promise<string> => {
      const undo = new Error('undo');
      try {
        await b.context.data.write(async () => {
          await work();
          throw undo;
        });
      } catch (error) {
        if (error === undo) return '+';
        if (!isProblem(error)) throw error;
        return { refused: '3', 'not-found': '4', invalid: '2' }[error.kind as string] ?? error.code;
      }
      return '';
    };

    it('is what each role has: of all, of its own, of others', async () => {
      const person = { passwordHash: HASH };
      const reseller = await addReseller(b);
      await relay.create(reseller, { name: 'own.com', target_host: 'mx.own.org' });
      await make('other.com');
      const lead = { ...person, username: 'lead', role: 'DomainAdmins', domains: ['own.com'] };
      await b.mailboxes.create(system, lead);
      const target = { target_host: 'mx.new.org' };
      const smtp = { service: 'smtp', settings: target };
      const calls: Readonly<Record<string, (actor: Actor, name: string) => Promise<unknown>>> = {
        list: (actor) => all(relay.list(actor)),
        show: (actor, name) => relay.show(actor, name),
        create: (actor) => relay.create(actor, { name: 'new.com', ...target }),
        update: (actor, name) => relay.update(actor, name, { target_port: 26 }),
        setTarget: (actor, name) => relay.setTarget(actor, name, target),
        remove: (actor, name) => relay.remove(actor, name),
        'transports.list': (actor) => all(ways.list(actor)),
        'transports.show': (actor, name) => ways.show(actor, name),
        'transports.create': (actor, name) => ways.create(actor, { pattern: `x@${name}`, ...smtp }),
        'transports.update': (actor, name) => ways.update(actor, name, { settings: { target_port: 26 } }),
        'transports.remove': (actor, name) => ways.remove(actor, name),
      };
      const guest: Actor = { id: 0, username: '', role: '', isSuperuser: false, door: 'page', can: () => false };
      const granted: Actor = { ...reseller, can: () => true };
      const actors = [
        await b.actor('admin'),
        reseller,
        granted,
        await b.actor('lead'),
        await b.actor('user@test.com'),
        guest,
      ];
      const table: Record<string, string> = {};
      for (const [name, call] of Object.entries(calls)) {
        const cells = [];
        for (const actor of actors) {
          const both = [];
          for (const domain of ['own.com', 'other.com']) both.push(await outcome(async () => call(actor, domain)));
          cells.push(both.join(''));
        }
        table[name] = cells.join(' ');
      }
      // Super administrator, reseller, a reseller who was given every permission, domain administrator, user, guest.
      expect(table).toEqual({
        list: '++ ++ ++ ++ 33 33',
        show: '++ +4 +4 +4 33 33',
        create: '++ ++ ++ 33 33 33',
        update: '++ +4 +4 33 33 33',
        setTarget: '++ +4 +4 33 33 33',
        remove: '++ +4 +4 33 33 33',
        'transports.list': '++ 33 ++ 33 33 33',
        'transports.show': '++ 33 +4 33 33 33',
        'transports.create': '++ 33 +2 33 33 33',
        'transports.update': '++ 33 +4 33 33 33',
        'transports.remove': '++ 33 +4 33 33 33',
      });
    });
  });

  describe('targets', () => {
    const target = (target_host: string, more: object = {}) => refusal(make('relay.com', { target_host, ...more }));

    it.each([
      ['mx.example.org', '[mx.example.org]:25'],
      ['MX.Example.ORG.', '[mx.example.org]:25'],
      ['münchen.example', '[xn--mnchen-3ya.example]:25'],
      ['192.0.2.1', '[192.0.2.1]:25'],
      ['2001:DB8::1', '[2001:db8::1]:25'],
      ['relay1', '[relay1]:25'],
    ])('%s is handed on as %s', async (host, hop) => {
      expect((await make('relay.com', { target_host: host })).next_hop).toBe(hop);
    });

    it.each([
      '',
      ' ',
      '[192.0.2.1]',
      '[::1]:25',
      'mx.example.org:25',
      'mx example.org',
      'mx.example.org\n',
      'mx\u202e.example.org',
      'mx%s.example.org',
      '%d',
      'fe80::1%eth0',
      '1.2.3.256',
      '25',
      '-mx.example.org',
      'mx..example.org',
      'mx_1.example.org',
      'mx.example.org/25',
      `${'a'.repeat(60)}.${'b'.repeat(60)}.org`,
      'a'.repeat(300),
    ])('%j is no host, and nothing is made', async (host) => {
      const said = await target(host);
      expect(said).toMatch(/^E_(?:TRANSPORT_HOST|RELAYDOMAINS_TARGET|INVALID) target_host$/);
      expect(await refusal(b.domains.show(system, 'relay.com'))).toBe('E_ADMIN_DOMAIN_NOT_FOUND');
      expect(await patterns()).toEqual([]);
    });

    it.each([0, 65_536, -1, 1.5, Number.NaN, '25'])('%s is no port, and nothing is made', async (port) => {
      expect(await target('mx.example.org', { target_port: port })).toBe('E_INVALID target_port');
      expect(await patterns()).toEqual([]);
    });

    it('a mistake in a change leaves the domain as it was', async () => {
      await make();
      const change = { name: 'other.com', enabled: false, target_port: 0 };
      expect(await refusal(relay.update(system, 'relay.com', change))).toBe('E_INVALID target_port');
      expect(await relay.show(system, 'relay.com')).toMatchObject({ enabled: true, target_port: 25 });
    });

    it('one that is this machine is known', async () => {
      for (const host of ['localhost', '127.0.0.1', '127.3.2.1', '::1', b.host.config.hostname]) {
        expect([host, of.leadsBack(host, 25), of.leadsBack(host, 2525)]).toEqual([host, true, false]);
      }
      expect(of.leadsBack('mx.elsewhere.org', 25)).toBe(false);
    });
  });

  describe('transports', () => {
    const smtp = { service: 'smtp', settings: { target_host: 'mx.x.org' } };

    it.each([
      ['Example.ORG', 'example.org'],
      ['.example.org', '.example.org'],
      ['User+Tag@Example.org', 'user+tag@example.org'],
      ['@example.org', '@example.org'],
      ["o'brien@example.org", "o'brien@example.org"],
      ['почта.test', 'почта.test'],
    ])('a pattern %s is %s', async (typed, stored) => {
      expect((await ways.create(system, { pattern: typed, ...smtp })).pattern).toBe(stored);
      expect(await refusal(ways.create(system, { pattern: typed, ...smtp }))).toBe('E_TRANSPORT_TAKEN pattern');
    });

    it.each([
      '',
      '*',
      'a b',
      'a@b@c d',
      'x\n.org',
      'ex%ample.org',
      '@',
      '.',
      'a..b',
      '.@x.org',
      `${'a'.repeat(300)}`,
    ])('%j is no pattern', async (pattern) => {
      expect(await refusal(ways.create(system, { pattern, ...smtp }))).toMatch(
        /^E_TRANSPORT_(?:PATTERN|EVERYTHING) pattern$/,
      );
    });

    it('a service that nobody knows takes a next hop, and nothing else', async () => {
      const made = await ways.create(system, { pattern: 'auto.test', service: 'autoreply', next_hop: '' });
      expect(made).toMatchObject({ service: 'autoreply', next_hop: '', settings: {} });
      const said = await ways.create(system, { pattern: 'no.test', service: 'error', next_hop: '5.1.1 nobody here' });
      expect(said.next_hop).toBe('5.1.1 nobody here');
      const refused = (o: object) => refusal(ways.create(system, { pattern: 'x.test', service: 'pipe', ...o }));
      expect(await refused({})).toBe('E_TRANSPORT_NEXT_HOP next_hop');
      expect(await refused({ next_hop: 'a\nb' })).toBe('E_TRANSPORT_NEXT_HOP next_hop');
      expect(await refused({ next_hop: ' a' })).toBe('E_TRANSPORT_NEXT_HOP next_hop');
      expect(await refused({ next_hop: 'a'.repeat(101) })).toBe('E_TRANSPORT_NEXT_HOP next_hop');
      expect(await refused({ next_hop: '', settings: { x: 1 } })).toBe('E_INVALID x');
      expect(await refused({ next_hop: '', service: 'Sm tp' })).toBe('E_TRANSPORT_SERVICE service');
    });

    it('settings are those of the service, and errors name them', async () => {
      const refused = (settings: object, more: object = {}) =>
        refusal(ways.create(system, { pattern: 'x.test', service: 'lmtp', settings: { ...settings }, ...more }));
      expect(await refused({})).toMatch(/ target_host$/);
      expect(await refused({ socket: 'a b' })).toBe('E_TRANSPORT_NEXT_HOP socket');
      expect(await refused({ sockett: 'a' })).toBe('E_INVALID sockett');
      expect(await refused({ socket: 'private/x' }, { next_hop: 'unix:y' })).toBe(
        'E_TRANSPORT_NEXT_HOP_SETTINGS next_hop',
      );
      expect(await refused({ socket: 'private/x' }, { pattern: '@x.test' })).toBe('E_TRANSPORT_KIND pattern');
      const made = await ways.create(system, {
        pattern: 'x.test',
        service: 'lmtp',
        settings: { socket: 'private/dovecot-lmtp' },
      });
      expect(made.next_hop).toBe('unix:private/dovecot-lmtp');
      const inet = await ways.update(system, made.pk, { settings: { socket: '', target_host: '::1' } });
      expect(inet.next_hop).toBe('inet:[::1]:24');
    });

    it('a changed service forgets the settings of the other', async () => {
      const { pk } = await ways.create(system, { pattern: 'x.test', ...smtp });
      expect(await refusal(ways.update(system, pk, { service: 'relay' }))).toMatch(/ target_host$/);
      const relayed = await ways.update(system, pk, { service: 'relay', settings: { target_host: 'mx.y.org' } });
      expect(relayed).toMatchObject({ service: 'relay', next_hop: '[mx.y.org]:25' });
      expect(await ways.update(system, pk, { settings: { target_port: 26 } })).toMatchObject({
        next_hop: '[mx.y.org]:26',
      });
      const raw = await ways.update(system, pk, { service: 'custom-pipe', next_hop: 'x', settings: {} });
      expect(raw).toMatchObject({ next_hop: 'x', settings: {} });
      expect(await ways.update(system, pk, { pattern: 'y.test' })).toMatchObject({ pattern: 'y.test', next_hop: 'x' });
    });

    it('a password is stored sealed, never shown, and stays until another is given', async () => {
      const settings = { target_host: 'smtp.x.org', username: 'anna', password: 'Birne und "Käse"' };
      const made = await ways.create(system, { pattern: '@test.com', service: 'smarthost', settings });
      expect(made).toMatchObject({ next_hop: '[smtp.x.org]:587', settings: { username: 'anna' } });
      expect(JSON.stringify([made, await ways.show(system, made.pk)])).not.toContain('Birne');
      const stored = async () => JSON.stringify(await b.sql('select _settings from transport_transport'));
      const before = await stored();
      expect(before).not.toContain('Birne');
      const file = async () => {
        const { smarthostPasswords } = await import('../../extensions/transport/maps/smarthost-passwords.js');
        return smarthostPasswords({ context: b.host.context('transport') } as never);
      };
      expect(await file()).toBe('@test.com anna:Birne und "Käse"\n');
      await ways.update(system, made.pk, { settings: { username: 'bert' } });
      expect(await file()).toBe('@test.com bert:Birne und "Käse"\n');
      await ways.update(system, made.pk, { settings: { password: 'neu' } });
      expect(await file()).toBe('@test.com bert:neu\n');
      const wrong = (password: string) => refusal(ways.update(system, made.pk, { settings: { password } }));
      for (const one of ['', ' x', 'a\nb @evil.org c:d'])
        expect(await wrong(one)).toBe('E_TRANSPORT_PASSWORD password');
      expect(await refusal(ways.create(system, { pattern: 'test.com', service: 'smarthost', settings }))).toBe(
        'E_TRANSPORT_KIND pattern',
      );
    });

    it('those of a domain follow its name, and those that were there before belong to it', async () => {
      await ways.create(system, { pattern: '@later.com', ...smtp });
      await ways.create(system, { pattern: 'later.com', ...smtp });
      await b.domains.create(system, { name: 'later.com' });
      await ways.create(system, { pattern: 'a@later.com', ...smtp });
      await ways.create(system, { pattern: '.later.com', ...smtp });
      await b.domains.update(system, 'later.com', { name: 'now.com' });
      const names = async () => (await all(ways.list(system))).map(({ pattern }) => pattern);
      expect(await names()).toEqual(['.now.com', '@now.com', 'a@now.com', 'now.com']);
      await b.domains.remove(system, 'now.com');
      expect(await names()).toEqual([]);
    });

    it('other extensions add services with settings of their own', async () => {
      const settings = { queue: 'fast' };
      const made = await ways.create(system, { pattern: 'x.test', service: 'acme-queue', settings });
      expect(made).toMatchObject({ next_hop: 'queue=fast', settings });
      expect(await refusal(ways.update(system, made.pk, { settings: { queue: 'slow' } }))).toBe('E_INVALID queue');
    });

    it('lists and finds in a fixed number of statements', async () => {
      for (let i = 0; i < 8; i += 1) await make(`r${i}.com`);
      // Events of what was made are put away meanwhile.
      const selects = async (work: () => Promise<unknown>) =>
        (await b.count(work)).filter((sql) => sql.startsWith('select')).length;
      expect(await selects(() => all(relay.list(system)))).toBe(2);
      expect(await selects(() => all(ways.list(system, { search: 'r1' })))).toBe(1);
    });
  });
}
