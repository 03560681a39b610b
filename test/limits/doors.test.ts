/** The same limits at every door: pages, imports, commands; and what is shown of them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HASH } from '../admin/fixture.js';
import type { Visitor } from '../kit/src/host/visitor.js';
import { type LimitBench, limitBench, mailbox, startReseller } from './fixture.js';
import { expectLateRow } from './late-row.js';
import { referenceScenarios } from './reference-scenarios.js';

let b: LimitBench;
let directory: string;
let super_: Visitor;
let reseller: Visitor;
beforeAll(async () => {
  b = await limitBench();
  await b.sql("insert into core_grant (role, permission, extension) values ('Resellers', 'core.import', 'core')");
  directory = await mkdtemp(join(tmpdir(), 'posthorn-limits-'));
});
afterAll(async () => {
  await b?.host[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(async () => {
  const actor = await startReseller(b);
  await b.domains.create(actor, { name: 'd.tld', quota: 100, default_mailbox_quota: 10 });
  const boss = { username: 'boss@d.tld', role: 'DomainAdmins', passwordHash: HASH, mailbox: null, domains: ['d.tld'] };
  await b.mailboxes.create(actor, boss);
  super_ = await b.host.as('admin');
  reseller = await b.host.as('reseller');
});
const pk = async (username: string) => (await b.mailboxes.show(b.system, username)).pk;
const account = async (username: string) => `/admin/accounts/${await pk(username)}/`;

describe.each(['page', 'command'] as const)('as in the reference, at the door %s', (door) =>
  referenceScenarios(() => b, door));

describe('pages', () => {
  it('set the limits of an account in a tab of its form, and name what is wrong', async () => {
    const form = async (who: Visitor) => (await who.get(`${await account('boss@d.tld')}edit/`)).tab('resources-inside');
    const saved = await (await form(reseller)).submit({ mailboxes: '1', mailbox_aliases: '2' });
    expect(saved.issues).toEqual([]);
    expect(await b.has('boss@d.tld', 'mailboxes', 'mailbox_aliases')).toBe('0/1 0/2');
    expect(await b.has('reseller', 'mailboxes', 'mailbox_aliases')).toBe('0/1 0/0');
    for (const wrong of ['3', '-1', '-2', '1e99', 'NaN', '', 'many', '1.5']) {
      const refused = await (await form(reseller)).submit({ mailboxes: wrong });
      expect(refused.status, wrong).toBe(422);
      expect(refused.tab('resources-inside').field('mailboxes').error, wrong).not.toBe('');
    }
    expect(await b.has('reseller', 'mailboxes', 'mailbox_aliases')).toBe('0/1 0/0');
    const whole = (await super_.get(`${await account('reseller')}edit/`)).tab('resources');
    expect(whole.field('quota').value).toBe('1000M');
    expect((await whole.submit({ domains: '7', quota: '2G' })).issues).toEqual([]);
    expect(await b.has('reseller', 'domains', 'quota')).toBe('1/7 100/2048');
  });

  it('save nothing over what was given on meanwhile', async () => {
    const form = await super_.get(`${await account('reseller')}edit/`);
    await b.limits.setOfAccount(b.system, 'boss@d.tld', { mailboxes: 1 });
    const late = await form.tab('general').submit({ first_name: 'Rita' });
    expect(late.status).toBe(409);
    expect(await b.has('reseller', 'mailboxes')).toBe('0/1');
  });

  it('show the tab to those who may give, for those who have limits', async () => {
    const tabs = async (who: Visitor, username: string) =>
      (await who.get(`${await account(username)}edit/`)).html.includes('resources');
    await mailbox(b, b.system, 'user@d.tld');
    expect(await tabs(super_, 'reseller')).toBe(true);
    expect(await tabs(super_, 'user@d.tld')).toBe(false);
    expect(await tabs(super_, 'admin')).toBe(false);
    expect(await tabs(reseller, 'boss@d.tld')).toBe(true);
    expect(await tabs(reseller, 'reseller')).toBe(false);
    expect(await tabs(await b.host.as('boss@d.tld'), 'user@d.tld')).toBe(false);
    await b.limit({ enable_admin_limits: false });
    expect(await tabs(super_, 'reseller')).toBe(false);
  });

  it('set the limits of a domain, while domains have limits', async () => {
    const edit = () => super_.get('/admin/domains/d.tld/edit/');
    expect((await edit()).html).not.toContain('resources');
    await b.limit({ enable_domain_limits: true });
    expect((await (await edit()).tab('resources').submit({ mailboxes: '3', domain_admins: '-1' })).issues).toEqual([]);
    expect(await b.domainHas('d.tld', 'mailboxes', 'domain_admins')).toBe('0/3 2/-1');
    const refused = await (await edit()).tab('resources').submit({ mailboxes: '-2' });
    expect(refused.tab('resources').field('mailboxes').error).not.toBe('');
  });

  it('refuse in the form what is too much', async () => {
    for (const n of [1, 2]) await mailbox(b, await b.actor('reseller'), `m${n}@d.tld`);
    const wizard = await reseller.get('/admin/accounts/new/');
    const refused = await wizard.form('/admin/accounts/new/').submit({
      'general.username': 'm3@d.tld',
      'general.password': 'Wind-in-42-Weiden',
      'mail.full_address': 'm3@d.tld',
    });
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('Mailboxes: limit reached');
    const domain = await reseller.get('/admin/domains/d.tld/edit/');
    const unlimited = await domain.tab('general').submit({ quota: '0', default_mailbox_quota: '0' });
    expect(unlimited.tab('general').field('quota').error).toContain('not allowed to define unlimited values');
  });

  it('test_aliases_limit_through_account_form', async () => {
    const made = async (username: string, aliases: string) =>
      (await reseller.get('/admin/accounts/new/')).form('/admin/accounts/new/').submit({
        'general.username': username,
        'general.random_password': 'true',
        'mail.aliases': aliases,
      });
    expect((await made('m1@d.tld', 'a1@d.tld\na2@d.tld')).status).toBe(200);
    expect((await made('m2@d.tld', 'a3@d.tld')).text).toContain('Mailbox aliases: limit reached');
    expect(await b.has('reseller', 'mailboxes', 'mailbox_aliases')).toBe('1/2 2/2');
  });

  it('test_sadmin_removes_ownership', async () => {
    expect(await b.has('reseller', 'domains', 'quota')).toBe('1/2 100/1000');
    await super_.post('/admin/domains/d.tld/admins/remove/', { account: 'reseller' });
    expect(await b.has('reseller', 'domains', 'quota')).toBe('0/2 0/1000');
  });

  it('make a domain without an administrator where there may be no more', async () => {
    await b.limits.setOfAccount(b.system, 'reseller', { domain_admins: 1 });
    const send = async (create_dom_admin: string | undefined) =>
      (await reseller.get('/admin/domains/new/')).form('/admin/domains/new/').submit({
        'general.name': 'third.tld',
        'general.quota': '10',
        'general.default_mailbox_quota': '1',
        'options.create_dom_admin': create_dom_admin,
        'options.dom_admin_username': 'admin',
        'options.random_password': 'true',
      });
    const refused = await send('true');
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('Domain admins: limit reached');
    await send(undefined);
    expect((await b.domains.show(b.system, 'third.tld')).name).toBe('third.tld');
  });

  it('tell whoever is new, and who can help, that there are no resources', async () => {
    const boss = await b.host.as('boss@d.tld');
    expect((await boss.get('/dashboard/')).text).toContain('You have no resources yet: reseller can give you some.');
    const page = await reseller.get(await account('boss@d.tld'));
    expect(page.text).toContain('boss@d.tld can make nothing yet');
    expect(page.html).toContain(`href="/limits/accounts/${await pk('boss@d.tld')}/"`);
    expect(page.text).toContain('Give resources');
    await b.limits.setOfAccount(b.system, 'boss@d.tld', { mailboxes: 1 });
    expect((await reseller.get(await account('boss@d.tld'))).text).not.toContain('can make nothing yet');
  });

  it('show what is used, where it is used, and warn before it is all', async () => {
    const dashboard = async () => (await reseller.get('/dashboard/')).text;
    expect(await dashboard()).toContain('Resources usage');
    expect(await dashboard()).toMatch(/Domains\s*50%\s*1 of 2/);
    expect(await dashboard()).toMatch(/100 MB of 1,000 MB/);
    expect((await reseller.get('/admin/identities/')).text).toMatch(/Mailboxes\s*0%\s*0 of 2/);
    expect((await super_.get('/dashboard/')).text).not.toContain('Resources usage');
    expect(await dashboard()).not.toContain('% of the limit are used');
    await b.limit({ warning_threshold: 50 });
    expect(await dashboard()).toContain('Domains: 50 % of the limit are used.');
    await b.limits.setOfAccount(b.system, 'reseller', { domains: 1 });
    expect(await dashboard()).toContain('Domains: the limit is reached.');
    await b.limit({ warning_threshold: 0 });
    expect(await dashboard()).not.toContain('the limit is reached');
  });

  it('count on the pages that show it, and elsewhere at most once a minute', async () => {
    const counts = async (path: string) =>
      (await b.count(() => reseller.get(path))).filter((sql) => sql.includes('recursive kinds')).length;
    for (const path of ['/dashboard/', '/admin/domains/', '/admin/identities/']) expect(await counts(path)).toBe(1);
    await b.limits.setOfAccount(b.system, 'reseller', { domains: -1 });
    for (const n of [1, 2, 3]) {
      const actor = await b.actor('reseller');
      await b.domains.create(actor, { name: `d${n}.tld`, quota: 1, default_mailbox_quota: 1 });
    }
    expect(await counts('/admin/domains/')).toBe(1);
    expect(await counts('/user/')).toBe(0);
    await b.host.clock.advance('61s');
    expect(await counts('/user/')).toBe(1);
    expect(await counts(await account('boss@d.tld'))).toBe(1);
  });

  it('give plans, and make them', async () => {
    await (await super_.get('/limits/plans/new/')).form().submit({ name: 'Basic', mailboxes: '1' });
    const list = await super_.get('/limits/plans/');
    expect(list.text).toContain('Basic');
    expect((await reseller.get('/limits/plans/')).status).toBe(403);
    const page = `/limits/accounts/${await pk('boss@d.tld')}/`;
    await reseller.post(page, { plan: 'Basic' });
    expect(await b.has('boss@d.tld', 'mailboxes')).toBe('0/1');
    const { pk: plan } = await b.plans.show(b.system, 'Basic');
    const refused = await (await super_.get(`/limits/plans/${plan}/edit/`)).form().submit({ mailboxes: '5' });
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('Not enough resources');
    await (await super_.get(`/limits/plans/${plan}/edit/`)).form().submit({ mailboxes: '2' });
    expect(await b.has('boss@d.tld', 'mailboxes')).toBe('0/2');
    await b.plans.create(b.system, { name: 'Huge', limits: { mailboxes: 100 } });
    expect((await reseller.post(page, { plan: 'Huge' })).text).toContain('Not enough resources');
    await super_.post(`/limits/plans/${plan}/delete/`);
    expect((await b.plans.list(b.system)).map(({ name }) => name)).toEqual(['Huge']);
  });

  it('draw how use has grown', async () => {
    const page = `/limits/accounts/${await pk('reseller')}/`;
    expect((await reseller.get(page)).text).toContain('No history yet');
    for (const day of ['2026-01-01', '2026-01-02']) {
      await b.sql('insert into limits_sample (day, user_id, name, used, max_value) values (?, ?, ?, 1, 2)', [
        day,
        await pk('reseller'),
        'domains',
      ]);
    }
    expect((await reseller.get(page)).html).toContain('<svg');
    await b.limit({ enable_domain_limits: true, deflt_domain_mailboxes_limit: 5, history_days: 30 });
    await b.host.jobs.run('limits.sample-use');
    await b.host.jobs.run('limits.sample-use');
    const day = b.context.now().toISOString().slice(0, 10);
    const noted = await b.limits.historyOfAccount(b.system, 'reseller');
    // What is older than the history goes; the same day counts once.
    expect(noted.filter(({ name }) => name === 'domains')).toEqual([{ day, name: 'domains', used: 1, max: 2 }]);
    expect(noted).toContainEqual({ day, name: 'quota', used: 100, max: 1000 });
    expect(await b.limits.historyOfDomain(b.system, 'd.tld')).toContainEqual({
      day,
      name: 'mailboxes',
      used: 0,
      max: 5,
    });
  });
});

describe('imports', () => {
  const imported = async (rows: readonly string[], ...options: readonly string[]) => {
    const file = join(directory, 'rows.csv');
    await writeFile(file, `${rows.join('\n')}\n`);
    return b.host.command(['import', file, '--as', 'reseller', '--json', ...options]);
  };
  const users = (from: number, to: number) =>
    Array.from(
      { length: to - from + 1 },
      (_, n) => `account;u${from + n}@d.tld;${HASH};;;true;SimpleUsers;u${from + n}@d.tld;1`,
    );
  const said = async (row: string) => {
    const { stdout, stderr } = await imported([row]);
    return `${stdout}${stderr}`;
  };

  describe('LimitImportTestCase', () => {
    it('test_domains_limit', async () => {
      await b.limits.setOfAccount(b.system, 'reseller', { domains: 1 });
      expect(await said('domain;e.tld;10M;1;True')).toContain('Domains: limit reached');
    });

    it('test_domain_aliases_limit', async () => {
      for (const n of [1, 2]) expect(await said(`domainalias;e${n}.tld;d.tld;True`)).not.toContain('limit');
      expect(await said('domainalias;e.tld;d.tld;True')).toContain('Domain aliases: limit reached');
    });

    it('test_domain_admins_limit', async () => {
      await b.limits.setOfAccount(b.system, 'reseller', { domain_admins: 1 });
      expect(await said(`account;c@d.tld;${HASH};;;true;DomainAdmins;`)).toContain('Domain admins: limit reached');
    });

    it('test_mailboxes_limit', async () => {
      expect((await imported(users(1, 2))).code).toBe(0);
      expect(await said(users(3, 3)[0] ?? '')).toContain('Mailboxes: limit reached');
    });

    it('test_mailbox_aliases_limit', async () => {
      for (const n of [1, 2]) expect(await said(`alias;a${n}@d.tld;True;x@y.org`)).not.toContain('limit');
      expect(await said('alias;a3@d.tld;True;x@y.org')).toContain('Mailbox aliases: limit reached');
      expect(await b.has('reseller', 'mailbox_aliases')).toBe('2/2');
    });

    it('test_domains_import_with_quota: none without limit, none beyond the pool', async () => {
      expect(await said('domain;e.tld;0;0;True')).toContain('not allowed to define unlimited values');
      expect(await said('domain;e.tld;901;1;True')).toContain('Quota: limit reached');
      expect(await said('domain;e.tld;900;1;True')).not.toContain('limit');
      expect(await b.has('reseller', 'quota')).toBe('1000/1000');
    });
  });

  it('import nothing where a late row is too much', () => expectLateRow(b, { rows: 100, late: 90 }));
});

describe('commands', () => {
  const run = async (...argv: readonly string[]) => {
    const { code, stdout, stderr } = await b.host.command(argv);
    const lines = stdout.trim() === '' || !argv.includes('--json') ? [] : stdout.trim().split('\n');
    return { code, stderr, rows: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
  };

  it('show and set limits of accounts and domains', async () => {
    const shown = await run('limits', 'show', 'reseller', '--json');
    expect(shown.rows[0]).toEqual({
      name: 'domains',
      max: 2,
      used: 1,
      effective: 2,
      source: null,
      effective_used: 1,
      percent: 50,
    });
    expect((await run('limits', 'set', 'reseller', '--domains', '5', '--quota', '2G', '--json')).rows).toContainEqual(
      expect.objectContaining({ name: 'quota', max: 2048 }),
    );
    expect((await run('limits', 'set', 'd.tld', '--mailboxes', '-1')).code).toBe(0);
    expect(await b.domainHas('d.tld', 'mailboxes')).toBe('0/-1');
    expect((await run('limits', 'set', 'reseller', '--mailboxes', '-2')).code).toBe(6);
    expect((await run('limits', 'set', 'reseller', '--mailboxes', '1e99')).code).toBe(6);
    const short = await run('limits', 'set', 'boss@d.tld', '--mailboxes', '9', '--as', 'reseller');
    expect(short.code).toBe(5);
    expect(short.stderr).toContain('Not enough resources');
    expect((await run('limits', 'show', 'nobody')).code).toBe(3);
    for (const n of [1, 2]) await mailbox(b, await b.actor('reseller'), `m${n}@d.tld`);
    expect((await run('account', 'create', 'm3@d.tld', '--as', 'reseller')).stderr).toContain(
      'Mailboxes: limit reached',
    );
  });

  it('make, change, give and delete plans', async () => {
    expect((await run('limits', 'plan', 'create', 'Basic', '--mailboxes', '1', '--json')).rows).toEqual([
      {
        plan: 'Basic',
        domains: null,
        domain_aliases: null,
        mailboxes: 1,
        mailbox_aliases: null,
        domain_admins: null,
        quota: null,
        given_to_accounts: 0,
        given_to_domains: 0,
      },
    ]);
    expect((await run('limits', 'plan', 'apply', 'Basic', 'boss@d.tld', '--as', 'reseller')).code).toBe(0);
    expect((await run('limits', 'plan', 'apply', 'Basic', 'd.tld')).code).toBe(0);
    expect((await run('limits', 'plan', 'update', 'Basic', '--mailboxes', '2', '--rename', 'Small')).code).toBe(0);
    expect(await b.has('boss@d.tld', 'mailboxes')).toBe('0/2');
    expect((await run('limits', 'plan', 'list', '--json')).rows).toMatchObject([
      { plan: 'Small', mailboxes: 2, given_to_accounts: 1, given_to_domains: 1 },
    ]);
    expect((await run('limits', 'plan', 'delete', 'Small')).code).toBe(2);
    expect((await run('limits', 'plan', 'delete', 'Small', '--yes')).code).toBe(0);
    expect((await run('limits', 'plan', 'create', 'x', '--as', 'reseller')).code).toBe(5);
  });
});

it('disabling lifts the limits, and enabling brings them back as they were', async () => {
  await b.limits.setOfAccount(b.system, 'reseller', { domains: 1 });
  const create = async (name: string) =>
    b.host.command(['domain', 'create', name, '--quota', '10', '--default-mailbox-quota', '1', '--as', 'reseller']);
  expect((await create('e.tld')).code).toBe(5);
  await b.host.disable('limits');
  expect((await create('e.tld')).code).toBe(0);
  expect((await (await b.host.as('admin')).get(`${await account('reseller')}edit/`)).html).not.toContain(
    'tab-resources',
  );
  await b.host.enable('limits');
  expect((await create('f.tld')).code).toBe(5);
  expect((await b.host.command(['limits', 'show', 'reseller', '--json'])).stdout.split('\n')[0]).toContain(
    '"name":"domains","max":1,"used":2',
  );
});
