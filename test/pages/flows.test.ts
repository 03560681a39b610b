import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, bench, populate, refusal } from '../admin/fixture.js';
import { type Reader, type Site, startSite } from './site.js';

let b: Bench;
let site: Site;
let admin: Reader;
let domainAdmin: Reader;

beforeAll(async () => {
  b = await bench();
  await populate(b);
  site = await startSite(b.host);
  admin = await site.as('admin');
  domainAdmin = await site.as('admin@test.com');
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await b.host[Symbol.asyncDispose]();
});

const version = (text: string): string => /name="_version" value="([^"]+)"/.exec(text)?.[1] ?? '';
const domainFields = {
  'general.name': 'new.test',
  'general.type': 'domain',
  'general.enabled': 'true',
  'general.quota': '2G',
  'general.default_mailbox_quota': '100M',
};

describe('a domain', () => {
  it('is made, shown, changed and deleted', async () => {
    const made = await admin.post('/admin/domains/new/', domainFields);
    expect([made.status, made.to]).toEqual([303, '/admin/domains/new.test/']);
    const shown = await admin.get('/admin/domains/new.test/');
    expect(shown.text).toContain('The domain was created.');
    const form = await admin.get('/admin/domains/new.test/edit/');
    const changed = await admin.post('/admin/domains/new.test/edit/', {
      ...domainFields,
      _version: version(form.text),
      'general.quota': '4G',
    });
    expect(changed.status).toBe(303);
    expect((await b.domains.show(b.system, 'new.test')).quota).toBe(4096);

    const stale = await admin.post('/admin/domains/new.test/edit/', { ...domainFields, _version: version(form.text) });
    expect(stale.status).toBe(409);
    expect((await b.domains.show(b.system, 'new.test')).quota).toBe(4096);

    const wrong = await admin.post('/admin/domains/new.test/delete/', { confirmation: 'other.test' });
    expect(wrong.status).toBe(422);
    const gone = await admin.post('/admin/domains/new.test/delete/', { confirmation: 'new.test', keepdir: 'true' });
    expect([gone.status, gone.to]).toEqual([303, '/admin/domains/']);
    expect(await refusal(b.domains.show(b.system, 'new.test'))).toBe('E_ADMIN_DOMAIN_NOT_FOUND');
  });

  it('keeps what was typed where something is wrong', async () => {
    const { status, text } = await admin.post('/admin/domains/new/', {
      ...domainFields,
      'general.name': 'not a name',
      'general.default_mailbox_quota': '3G',
    });
    expect(status).toBe(422);
    expect(text).toContain('value="not a name"');
    expect(text).toContain('3G');
  });

  it('says that a name is taken', async () => {
    const { status, text } = await admin.post('/admin/domains/new/', { ...domainFields, 'general.name': 'test.com' });
    expect(status).toBe(422);
    expect(text).toContain('The domain test.com exists already.');
  });

  it('gets and loses administrators', async () => {
    const added = await admin.post('/admin/domains/test.com/admins/add/', { account: 'admin@test2.com' });
    expect(added.to).toBe('/admin/domains/test.com/');
    expect((await b.mailboxes.show(b.system, 'admin@test2.com')).domains).toEqual(['test.com', 'test2.com']);
    await admin.post('/admin/domains/test.com/admins/remove/', { account: 'admin@test2.com' });
    expect((await b.mailboxes.show(b.system, 'admin@test2.com')).domains).toEqual(['test2.com']);
  });

  it('that is out of reach cannot be touched', async () => {
    const forged = await domainAdmin.post('/admin/domains/test2.com/delete/', { confirmation: 'test2.com' });
    expect(forged.status).toBe(403);
    expect((await b.domains.show(b.system, 'test2.com')).name).toBe('test2.com');
  });
});

const accountFields = {
  'general.username': 'new@test.com',
  'general.role': 'SimpleUsers',
  'general.password': 'Grenoble-Isere-38',
  'general.is_active': 'true',
  'general.first_name': 'Ada',
  'general.last_name': 'L',
  'general.secondary_email': '',
  'general.phone_number': '',
  'mail.has_mailbox': 'true',
  'mail.full_address': '',
  'mail.use_domain_quota': 'true',
  'mail.quota': '0',
  'mail.aliases': 'ada@test.com\nlovelace@test.com',
  'mail.senderaddresses': 'ada@elsewhere.test',
  'mail.domains': '',
};

describe('an account', () => {
  it('is made with mailbox, aliases and sender addresses by a domain administrator', async () => {
    const made = await domainAdmin.post('/admin/accounts/new/', accountFields);
    expect(made.text).not.toContain('ph-issues');
    expect(made.status).toBe(303);
    const account = await b.mailboxes.show(b.system, 'new@test.com');
    expect(made.to).toBe(`/admin/accounts/${account.pk}/`);
    expect(account.mailbox).toMatchObject({ full_address: 'new@test.com', use_domain_quota: true, quota: 10 });
    expect((await b.aliases.show(b.system, 'ada@test.com')).recipients).toEqual(['new@test.com']);
    const { text } = await domainAdmin.get(`/admin/accounts/${account.pk}/`);
    for (const part of ['new@test.com', 'lovelace@test.com', 'ada@elsewhere.test']) expect(text).toContain(part);
  });

  it('is changed and renamed', async () => {
    const { pk } = await b.mailboxes.show(b.system, 'new@test.com');
    const path = `/admin/accounts/${pk}/edit/`;
    const form = await domainAdmin.get(path);
    expect(form.text).not.toContain('Grenoble');
    const changed = await domainAdmin.post(path, {
      ...accountFields,
      _version: version(form.text),
      'general.username': 'newer@test.com',
      'general.password': '',
      'general.first_name': 'Augusta',
      'mail.aliases': 'ada@test.com',
    });
    expect(changed.status).toBe(303);
    const account = await b.mailboxes.show(b.system, pk);
    expect(account).toMatchObject({ username: 'newer@test.com', first_name: 'Augusta' });
    expect(account.mailbox?.full_address).toBe('newer@test.com');
    expect(await refusal(b.aliases.show(b.system, 'lovelace@test.com'))).toBe('E_ADMIN_ALIAS_NOT_FOUND');
  });

  it('test_random_password: is shown once, as long as the parameter says, and only where that is wanted', async () => {
    const { 'general.password': _, ...rest } = accountFields;
    const fields = { ...rest, 'general.username': 'made@test.com', 'mail.aliases': '', 'mail.senderaddresses': '' };
    const made = await admin.post('/admin/accounts/new/', { ...fields, 'general.random_password': 'true' });
    expect(made.status).toBe(200);
    const shown = ({ text }: { readonly text: string }) =>
      /<dt>Password<\/dt><dd><code>([^<]+)<\/code>/.exec(text)?.[1] ?? '';
    const first = shown(made);
    expect(first).toHaveLength(16);
    const { accounts } = b.host.kernel;
    expect(await accounts.verify('made@test.com', first)).toBeTruthy();
    const { pk } = await b.mailboxes.show(b.system, 'made@test.com');
    const path = `/admin/accounts/${pk}/edit/`;
    const save = async (more: Readonly<Record<string, string>>) =>
      admin.post(path, { ...fields, _version: version((await admin.get(path)).text), ...more });
    expect((await save({ 'general.first_name': 'Ada' })).status).toBe(303);
    expect(await accounts.verify('made@test.com', first)).toBeTruthy();
    const second = shown(await save({ 'general.random_password': 'true' }));
    expect(second).not.toBe(first);
    expect(await accounts.verify('made@test.com', first)).toBeNull();
    expect(await accounts.verify('made@test.com', second)).toBeTruthy();
    expect((await admin.get(`/admin/accounts/${pk}/`)).text).not.toContain(second);
  });

  it('saves all tabs or none', async () => {
    const { status } = await domainAdmin.post('/admin/accounts/new/', {
      ...accountFields,
      'general.username': 'half@test.com',
      'mail.aliases': 'half@nowhere.test',
    });
    expect(status).toBe(422);
    expect(await refusal(b.mailboxes.show(b.system, 'half@test.com'))).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
  });

  it('needs a password', async () => {
    const { status, text } = await domainAdmin.post('/admin/accounts/new/', {
      ...accountFields,
      'general.username': 'none@test.com',
      'general.password': '',
    });
    expect(status).toBe(422);
    expect(text).toContain('A new account needs a password.');
  });

  it('gets no role above its maker', async () => {
    const { status } = await domainAdmin.post('/admin/accounts/new/', {
      ...accountFields,
      'general.username': 'boss@test.com',
      'general.role': 'SuperAdmins',
    });
    expect(status).toBe(422);
    expect(await refusal(b.mailboxes.show(b.system, 'boss@test.com'))).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
  });

  it('is deleted', async () => {
    const { pk } = await b.mailboxes.show(b.system, 'newer@test.com');
    const gone = await domainAdmin.post(`/admin/accounts/${pk}/delete/`, { confirmation: 'newer@test.com' });
    expect(gone.to).toBe('/admin/identities/');
    expect(await refusal(b.mailboxes.show(b.system, pk))).toBe('E_ADMIN_ACCOUNT_NOT_FOUND');
  });

  it('is not deleted by itself', async () => {
    const { pk } = await b.mailboxes.show(b.system, 'admin@test.com');
    const { status, text } = await domainAdmin.post(`/admin/accounts/${pk}/delete/`, {
      confirmation: 'admin@test.com',
    });
    expect(status).toBe(422);
    expect(text).toContain('You cannot delete your own account.');
  });
});

describe('an alias', () => {
  it('is made, changed and deleted', async () => {
    const fields = {
      'general.address': 'team@test.com',
      'general.recipients': 'user@test.com\nsomebody@elsewhere.test',
      'general.enabled': 'true',
      'general.description': 'The team',
      'general.expire_at': '',
    };
    expect((await domainAdmin.post('/admin/aliases/new/', fields)).to).toBe('/admin/identities/');
    const { pk, recipients } = await b.aliases.show(b.system, 'team@test.com');
    expect(recipients).toEqual(['somebody@elsewhere.test', 'user@test.com']);
    const form = await domainAdmin.get(`/admin/aliases/${pk}/edit/`);
    const changed = await domainAdmin.post(`/admin/aliases/${pk}/edit/`, {
      ...fields,
      _version: version(form.text),
      'general.recipients': 'user@test.com',
      'general.expire_at': '2020-01-01',
    });
    expect(changed.status).toBe(303);
    expect((await b.aliases.show(b.system, pk)).expire_at).toBe('2020-01-01T00:00:00Z');
    expect((await domainAdmin.get('/dashboard/')).text).toContain('The alias has expired.');
    const gone = await domainAdmin.post(`/admin/aliases/${pk}/delete/`, { confirmation: 'team@test.com' });
    expect(gone.status).toBe(303);
  });

  it('refuses a loop at its field', async () => {
    const { status, text } = await domainAdmin.post('/admin/aliases/new/', {
      'general.address': 'nobody@test.com',
      'general.recipients': 'missing@test.com',
      'general.enabled': 'true',
      'general.description': '',
      'general.expire_at': '',
    });
    expect(status).toBe(422);
    expect(text).toContain('missing@test.com');
  });
});

describe('a domain alias', () => {
  it('is made and deleted', async () => {
    const wrong = await admin.post('/admin/domainaliases/new/', {
      name: 'also.test',
      target: 'x.test',
      enabled: 'true',
    });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('value="also.test"');
    const made = await admin.post('/admin/domainaliases/new/', {
      name: 'also.test',
      target: 'test.com',
      enabled: 'true',
    });
    expect(made.to).toBe('/admin/domainaliases/');
    expect((await admin.get('/admin/domains/test.com/')).text).toContain('also.test');
    const { pk } = await b.domainAliases.show(b.system, 'also.test');
    expect((await admin.post(`/admin/domainaliases/${pk}/delete/`, { confirmation: 'also.test' })).status).toBe(303);
  });
});
