import { domainWizard } from '@posthorn/admin/contract';
import { forms } from '@posthorn/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReseller, type Bench, bench, lookup, populate, refusal } from '../admin/fixture.js';
import { requestOf } from '../forms/demo.js';
import { type Reader, type Site, startSite } from './site.js';
import { mood, onward } from './wizard-demo.js';

const PATH = '/admin/domains/new/';
let b: Bench;
let site: Site;
let admin: Reader;

beforeAll(async () => {
  b = await bench({ with: [onward] });
  await populate(b);
  await addReseller(b);
  site = await startSite(b.host);
  admin = await site.as('admin');
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await b.host[Symbol.asyncDispose]();
});
beforeEach(() => {
  mood.fails = false;
});

const general = (name: string, type = 'domain') => ({
  'general.name': name,
  'general.type': type,
  'general.enabled': 'true',
  'general.quota': '0',
  'general.default_mailbox_quota': '0',
});
const options = {
  'options.create_dom_admin': 'true',
  'options.dom_admin_username': 'boss',
  'options.password': 'Grenoble-Isere-38',
  'options.with_mailbox': 'true',
  'options.create_aliases': 'true',
};
const account = (username: string) => b.mailboxes.show(b.system, username);
const missing = async (name: string) =>
  expect(await refusal(b.domains.show(b.system, name))).toBe('E_ADMIN_DOMAIN_NOT_FOUND');

describe('a new domain', () => {
  it('gets an administrator with a mailbox and the usual alias', async () => {
    const made = await admin.post(PATH, { ...general('one.test'), ...options });
    expect([made.status, made.to]).toEqual([303, '/admin/domains/one.test/']);
    expect(await account('boss@one.test')).toMatchObject({
      role: 'DomainAdmins',
      domains: ['one.test'],
      mailbox: { full_address: 'boss@one.test', use_domain_quota: true },
    });
    expect(await lookup(b, 'postmaster@one.test')).toEqual(['boss@one.test']);
    const { kernel } = b.host;
    expect(await kernel.accounts.verify('boss@one.test', 'Grenoble-Isere-38')).toBeTruthy();
  });

  it('gets no alias where there is no mailbox, where it would be its own, or for a relay domain', async () => {
    const { 'options.with_mailbox': _, ...without } = options;
    await admin.post(PATH, { ...general('two.test'), ...without });
    expect((await account('boss@two.test')).mailbox).toBeNull();
    expect(await lookup(b, 'postmaster@two.test')).toEqual([]);
    await admin.post(PATH, { ...general('three.test'), ...options, 'options.dom_admin_username': 'Postmaster' });
    expect((await account('postmaster@three.test')).domains).toEqual(['three.test']);
    await admin.post(PATH, { ...general('four.test', 'relaydomain'), 'onward.host': 'mx.test', ...options });
    expect((await account('boss@four.test')).mailbox).not.toBeNull();
    expect(await lookup(b, 'postmaster@four.test')).toEqual([]);
  });

  it('gets none where none is asked for, whatever else was typed', async () => {
    const { 'options.create_dom_admin': _, ...rest } = options;
    expect((await admin.post(PATH, { ...general('five.test'), ...rest })).status).toBe(303);
    expect(await refusal(account('boss@five.test'))).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
  });

  it('shows a password that was made up once, and leaves it nowhere', async () => {
    const { 'options.password': _, ...rest } = options;
    const made = await admin.post(PATH, { ...general('six.test'), ...rest, 'options.random_password': 'true' });
    expect(made.status).toBe(200);
    const [, password = ''] = /<code>(\w{16})<\/code>/.exec(made.text) ?? [];
    expect(await b.host.kernel.accounts.verify('boss@six.test', password)).toBeTruthy();
    expect((await admin.get('/admin/domains/six.test/')).text).not.toContain(password);
    expect(JSON.stringify(await b.sql('select notices from core_session'))).not.toContain(password);
  });

  it('test custom default password: what the parameters say counts where nothing was typed', async () => {
    await b.set({ default_password: 'Usual-Grenoble-38' });
    const { status } = await admin.post(PATH, { ...general('usual.test'), ...options, 'options.password': '' });
    expect(status).toBe(303);
    expect(await b.host.kernel.accounts.verify('boss@usual.test', 'Usual-Grenoble-38')).toBeTruthy();
    await b.set({ default_password: 'weak' });
    const weak = await admin.post(PATH, { ...general('weak.test'), ...options, 'options.password': '' });
    expect(weak.status).toBe(422);
    await b.set({ default_password: '' });
    await missing('weak.test');
  });

  it('is not made where its administrator cannot be', async () => {
    for (const [change, said] of [
      [{ 'options.dom_admin_username': 'boss@here' }, 'must not contain @'],
      [{ 'options.dom_admin_username': '' }, 'is required'],
      [{ 'options.password': '' }, 'id="f-options-password-error"'],
      [{ 'options.password': 'short' }, 'id="f-options-password-error"'],
      [{ 'options.dom_admin_username': 'a b' }, 'a b@'],
    ] as const) {
      const { status, text } = await admin.post(PATH, { ...general('seven.test'), ...options, ...change });
      expect([change, status]).toEqual([change, 422]);
      expect(text).toContain(said);
      await missing('seven.test');
    }
  });

  it('asks again for a password that was typed beside a mistake, and says so', async () => {
    const { text } = await admin.post(PATH, {
      ...general('seven.test'),
      ...options,
      'options.dom_admin_username': 'a b',
    });
    expect(text).toContain('What you typed here was not kept: type it again.');
    expect(text).toContain('value="a b"');
    expect(text).not.toContain('Grenoble');
    const { 'options.password': _, ...rest } = options;
    const empty = await admin.post(PATH, { ...general('seven.test'), ...rest, 'options.password': '' });
    expect(empty.text).not.toContain('What you typed here was not kept');
  });

  it('is made by a reseller, with an administrator that is his', async () => {
    const reseller = await site.as('reseller');
    expect((await reseller.get(PATH)).text).toContain('options.create_dom_admin');
    expect((await reseller.post(PATH, { ...general('eight.test'), ...options })).status).toBe(303);
    const actor = await b.actor('reseller');
    expect((await b.mailboxes.show(actor, 'boss@eight.test')).domains).toEqual(['eight.test']);
  });

  it('has no step for an administrator where the reader may not make accounts', async () => {
    const actor = await b.actor('reseller');
    const limited = { ...actor, can: (permission: string) => permission !== 'core.add_user' && actor.can(permission) };
    const steps = async (typed = {}) => {
      const request = requestOf(b.context, limited, typed);
      const asked = { request, subject: undefined, action: PATH, submit: 'Create', cancel: '/' };
      return { form: await b.context.get(forms).showSteps(domainWizard, asked), asked };
    };
    expect((await steps()).form.tabs.map((step) => step.id)).toEqual(['general', 'onward']);
    const { asked } = await steps({ ...general('forged.test'), ...options });
    expect(await b.context.get(forms).saveSteps(domainWizard, asked)).toMatchObject({ isSaved: false, status: 422 });
    await missing('forged.test');
  });
});

describe('a step of another extension', () => {
  it('belongs to the domains that it is for, and to no other', async () => {
    const servers = () => b.sql<{ host: string }>('select host from onward_server order by host');
    await b.sql('delete from onward_server');
    await admin.post(PATH, { ...general('nine.test'), 'onward.host': 'forged.test' });
    expect(await servers()).toEqual([]);
    expect((await admin.post(PATH, { ...general('ten.test', 'relaydomain'), 'onward.host': '' })).status).toBe(422);
    await missing('ten.test');
    await admin.post(PATH, { ...general('ten.test', 'relaydomain'), 'onward.host': 'mx.test' });
    expect(await servers()).toMatchObject([{ host: 'mx.test' }]);
  });

  it('that fails takes domain, administrator and aliases back', async () => {
    mood.fails = true;
    const fields = { ...general('eleven.test', 'relaydomain'), 'onward.host': 'mx.test', ...options };
    const { status, text } = await admin.post(PATH, fields);
    expect(status).toBe(422);
    expect(text).toContain('the extension onward failed here: the wire is cut');
    expect(text).toContain('value="eleven.test"');
    expect(text).not.toContain('Grenoble');
    await missing('eleven.test');
    expect(await refusal(account('boss@eleven.test'))).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
  });
});

describe('asking whether a step is right', () => {
  it('saves nothing', async () => {
    const right = await admin.post(PATH, { ...general('twelve.test'), ...options, _step: 'options' });
    expect([right.status, right.to]).toEqual([200, null]);
    expect(right.text).not.toContain('data-ph-summary');
    await missing('twelve.test');
    const taken = await admin.post(PATH, { ...general('test.com'), _step: 'general' });
    expect(taken.status).toBe(422);
    expect(taken.text).toContain('The domain test.com exists already.');
  });

  it('needs the token and the permission', async () => {
    const cookie = await site.cookie('admin');
    const body = new URLSearchParams({ ...general('thirteen.test'), _step: 'general' });
    const headers = { cookie, origin: site.base };
    expect((await fetch(`${site.base}${PATH}`, { method: 'POST', body, headers })).status).toBe(403);
    const domainAdmin = await site.as('admin@test.com');
    expect((await domainAdmin.post(PATH, { ...general('thirteen.test'), _step: 'general' })).status).toBe(403);
  });
});

describe('without a script', () => {
  it('the steps stand below each other, and a conditional one says when it counts', async () => {
    const { text } = await admin.get(PATH);
    const order = ['Step 1 of 3', 'Step 2 of 3', 'This step counts only where “Type” is: Relay domain.', 'Step 3 of 3'];
    expect(order.map((part) => text.indexOf(part))).toEqual(
      order.map((part) => text.indexOf(part)).toSorted((x, y) => x - y),
    );
    expect(order.every((part) => text.includes(part))).toBe(true);
    expect(text).toContain('name="_sent" value="general onward options"');
  });
});
