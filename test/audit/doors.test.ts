import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { domains } from '@posthorn/admin/contract';
import type { AuditRecord } from '@posthorn/core';
import { defineExtension, endpoint, field, job, jobQueue, parameterForm, parameters } from '@posthorn/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Bench, bench, HASH, populate } from '../admin/fixture.js';
import { runCommand } from '../kit/src/host/command.js';
import { type Reader, type Site, startSite } from '../pages/site.js';
import { notes } from './notes.js';

const CANARIES = ['{PLAIN}Canary-hash-1', 'Canary-word-1', 'Canary-param-1', 'Canary-page-1'];

const settings = parameters(
  'ways',
  'global',
  {
    key: field.secret({ label: 'Key' }).default(''),
    size: field.integer({ label: 'Size', min: 0 }).default(1),
  },
  { title: 'Ways' },
);

/** Doors of an extension. */
const ways = defineExtension({
  id: 'ways',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Ways',
  requires: { admin: '*' },
  parameters: [parameterForm(settings)],
  contributes: [
    endpoint({
      method: 'POST',
      path: '/make/:name/',
      permission: 'admin.add_domain',
      summary: 'Makes a domain',
      params: { name: field.string({ label: 'Name' }) },
      returns: { pk: z.int() },
      status: 201,
      run: async ({ context, actor, params }) => ({
        pk: (await context.get(domains).create(actor, { name: params.name })).pk,
      }),
    }),
    job({
      id: 'make',
      title: 'Make',
      run: async (name, context) => void (await context.get(domains).create(context.system, { name: String(name) })),
    }),
  ],
});

let b: Bench;
let site: Site;
let admin: Reader;
let folder: string;

beforeAll(async () => {
  b = await bench({ with: [ways, notes] });
  await populate(b);
  site = await startSite(b.host);
  admin = await site.as('admin');
  folder = await mkdtemp(join(tmpdir(), 'posthorn-audit-'));
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await b.host[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const command = async (...argv: readonly string[]) => {
  const done = await runCommand(b.host.kernel, argv);
  if (done.code !== 0) throw new Error(`${argv.join(' ')}: ${done.stderr}`);
  return done.stdout;
};
const newest = async (kind: string): Promise<AuditRecord | undefined> =>
  (await b.host.kernel.audit.table.list({ kind }, { size: 1 }))[0];

describe('who it was, and from where', () => {
  it('is known of a command, with the user of the machine behind it', async () => {
    await command('domain', 'create', 'by-command.org');
    expect(await newest('domain')).toMatchObject({
      label: 'by-command.org',
      actor: 'operator',
      actorId: null,
      door: 'command',
      via: 'command:domain create',
    });
    expect((await newest('domain'))?.behind).toContain(userInfo().username);
    await command('domain', 'create', 'by-somebody.org', '--as', 'admin');
    expect(await newest('domain')).toMatchObject({ actor: 'admin', actorId: expect.any(Number) });
  });

  it('is known of a page, with the address and the request', async () => {
    const sent = await admin.post('/admin/domains/new/', {
      'general.name': 'by-page.org',
      'general.type': 'domain',
      'general.enabled': 'true',
      'general.quota': '2G',
      'general.default_mailbox_quota': '100M',
    });
    expect([sent.status, (await newest('domain'))?.label]).toEqual([303, 'by-page.org']);
    expect(await newest('domain')).toMatchObject({ actor: 'admin', door: 'page', address: '127.0.0.1' });
    expect((await newest('domain'))?.request).not.toBe('');
  });

  it('is known of an endpoint', async () => {
    const account = await b.host.kernel.accounts.findByUsername('admin');
    const token = await b.host.kernel.tokens.create({ accountId: account?.id ?? 0, label: 'x', expiresAt: undefined });
    const answer = await fetch(`${site.base}/api/v1/ways/make/by-api.org/`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'x-request-id': 'asked-for-1' },
      body: '{}',
    });
    expect(answer.status).toBe(201);
    expect(await newest('domain')).toMatchObject({
      label: 'by-api.org',
      actor: 'admin',
      door: 'api',
      request: answer.headers.get('x-request-id'),
    });
    CANARIES.push(token);
  });

  it('is known of an import', async () => {
    const file = join(folder, 'rows.csv');
    await writeFile(
      file,
      'domain;by-import.org;0;0;true\naccount;im@by-import.org;{PLAIN}Canary-hash-1;;;true;SimpleUsers;im@by-import.org;0\n',
    );
    await command('import', file);
    expect(await newest('domain')).toMatchObject({ label: 'by-import.org', actor: 'operator', door: 'import' });
    expect(await newest('account')).toMatchObject({ label: 'im@by-import.org', door: 'import' });
  });

  it('is known of a job: whoever started it', async () => {
    const actor = await b.actor('admin');
    await b.host.context('ways').get(jobQueue).enqueue('ways.make', 'by-job.org', { by: actor });
    await b.host.kernel.jobs.runner(['default']).drain();
    expect(await newest('domain')).toMatchObject({
      label: 'by-job.org',
      actor: 'admin',
      actorId: actor.id,
      door: 'job',
      via: 'job:make',
    });
  });
});

describe('secrets', () => {
  it('are nowhere in the record, its files and pages', async () => {
    await b.mailboxes.create(b.system, { username: 'secret@test.com', passwordHash: '{PLAIN}Canary-hash-1' });
    await b.host.kernel.accounts.update(
      b.system,
      (await b.host.kernel.accounts.findByUsername('secret@test.com')) as never,
      {
        password: 'Canary-word-1',
      },
    );
    await b.host.kernel.parameters.write(settings, { key: 'Canary-param-1', size: 2 });
    await b.host.kernel.parameters.write(settings, { key: 'Canary-param-1b', size: 3 });
    expect((await newest('parameters'))?.changes).toEqual({ key: { secret: true }, size: { before: 2, after: 3 } });
    await command('token', 'create', 'admin').then((out) => CANARIES.push(out.trim().split('\n').at(-1) ?? ''));
    const table = JSON.stringify(await b.sql('select * from core_audit'));
    const files = [
      await command('audit', 'export', '--format', 'csv'),
      await command('audit', 'export', '--format', 'ndjson'),
    ];
    const pages = await Promise.all(
      (await b.host.kernel.audit.table.list({ label: 'secret' }, { size: 20 })).map(
        async ({ id }) => (await admin.get(`/core/audit/${id}/`)).text,
      ),
    );
    expect(pages.length).toBeGreaterThan(1);
    const [hash] = await b.sql("select password from core_user where username = 'secret@test.com'");
    for (const canary of [...CANARIES, String(hash?.['password'])]) {
      for (const text of [table, ...files, ...pages]) expect(text).not.toContain(canary);
    }
    expect(pages.join()).toContain('(secret)');
  });
});

describe('hostile names', () => {
  it('stay what they are: text', async () => {
    const names = [
      '<script>alert(1)</script>',
      '=1+1',
      'a\r\nSet-Cookie: x',
      'nul\u0000 in it',
      "'; drop table core_audit; --",
      '\u202egnp.exe',
    ];
    for (const name of names) {
      await b.sql('insert into notes_plain (name) values (?)', [name.replace('\u0000', '')]);
      await b.host.kernel.database.write(async () => {
        // As an extension may make up: the label is cleaned, whatever it is.
        await b.sql('insert into notes_note (title) values (?)', [name.replace('\u0000', '')]);
      });
    }
    const list = await admin.get('/core/audit/?kind=notes_plain');
    expect(list.status).toBe(200);
    expect(list.text).not.toContain('<script>alert(1)');
    expect(list.text).toContain('&lt;script&gt;');
    const labels = (await b.host.kernel.audit.table.list({ kind: 'notes_plain' }, { size: 50 })).map((r) => r.label);
    expect(labels.filter((label) => /[\r\n]/.test(label))).toEqual([]);
    const csv = (await admin.get('/core/audit/export/csv/?kind=notes_plain')).text;
    expect(csv).toContain(",'=1+1,");
    expect(csv.split('\r\n').filter((line) => line !== '')).toHaveLength(labels.length + 1);
    const lines = (await admin.get('/core/audit/export/ndjson/?kind=notes_plain')).text.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { label: string }).label)).toEqual(labels);
    for (const id of ['0', '-1', 'x', '1e9', "1'"])
      expect((await admin.get(`/core/audit/${encodeURIComponent(id)}/`)).status).toBe(404);
    expect((await admin.get('/core/audit/?history=%27&older=x&since=2026-99-99&kind=%00')).status).toBe(200);
  });
});

describe('the pages', () => {
  it('are for those who reach the things, and nobody else', async () => {
    const reader = await site.as('admin@test.com');
    await b.domains.update(b.system, 'test.com', { quota: 71 });
    await b.domains.update(b.system, 'test2.com', { quota: 72 });
    await b.mailboxes.update(b.system, 'user@test.com', { first_name: 'Near' });
    await b.mailboxes.update(b.system, 'user@test2.com', { first_name: 'Far' });
    const { text, status } = await reader.get('/core/audit/');
    expect(status).toBe(200);
    expect(text).toContain('user@test.com');
    expect(text).not.toContain('test2.com');
    // What nobody answers for, and where the one who should answer throws.
    for (const hidden of ['core.manage_jobs', 'drop table', 'gnp.exe']) expect(text).not.toContain(hidden);
    const [near] = await b.host.kernel.audit.table.list({ label: 'user@test.com' }, { size: 1 });
    const [far] = await b.host.kernel.audit.table.list({ label: 'user@test2.com' }, { size: 1 });
    expect((await reader.get(`/core/audit/${near?.id}/`)).status).toBe(200);
    expect((await reader.get(`/core/audit/${far?.id}/`)).status).toBe(404);
    expect((await reader.get('/core/audit/export/ndjson/')).text).not.toContain('test2.com');
    expect((await (await site.as('user@test.com')).get('/core/audit/')).status).toBe(403);
    expect((await site.guest.get('/core/audit/')).status).toBe(303);
    expect((await runCommand(b.host.kernel, ['audit', 'verify', '--as', 'admin@test.com'])).code).not.toBe(0);
    expect(await command('audit', 'list', '--json', '--limit', '1000', '--as', 'admin@test.com')).not.toContain(
      'test2.com',
    );
  });

  it('show what was before and after, the history of a thing, and all pages by their edges', async () => {
    const domain = await b.domains.show(b.system, 'test.com');
    const { text } = await admin.get(`/core/audit/?history=domain:${domain.pk}`);
    for (const label of ['test.com', 'forward@test.com']) expect(text).toContain(label);
    expect(text).not.toContain('test2.com');
    expect((await admin.get('/admin/domains/test.com/')).text).toContain(`/core/audit/?history=domain:${domain.pk}`);
    const user = await b.mailboxes.show(b.system, 'user@test.com');
    const alias = await b.aliases.show(b.system, 'alias@test.com');
    const other = await b.domainAliases.create(b.system, { name: 'linked.test', target: 'test.com' });
    for (const [path, subject] of [
      [`/admin/accounts/${user.pk}/`, `account:${user.pk}`],
      [`/admin/accounts/${user.pk}/`, `mailbox:${user.mailbox?.pk}`],
      [`/admin/aliases/${alias.pk}/edit/`, `alias:${alias.pk}`],
      ['/admin/domainaliases/', `domain-alias:${other.pk}`],
    ] as const) {
      expect((await admin.get(path)).text, path).toContain(`/core/audit/?history=${subject}`);
    }
    const aliasHistory = await admin.get(`/core/audit/?history=alias:${alias.pk}`);
    expect(aliasHistory.text).toContain('alias@test.com');
    expect(aliasHistory.text).not.toContain('forward@test.com');
    const record = await b.host.kernel.audit.table.list(
      { label: 'test.com', action: 'updated', kind: 'domain' },
      { size: 1 },
    );
    const page = (await admin.get(`/core/audit/${record[0]?.id}/`)).text;
    expect(page).toMatch(/50[\s\S]*71/);
    const all = (await admin.get('/core/audit/export/ndjson/')).text.trim().split('\n').length;
    let found = 0;
    let url: string | undefined = '/core/audit/';
    let back: string | undefined;
    while (url !== undefined) {
      const { text: shown } = await admin.get(url);
      found += new Set([...shown.matchAll(/href="\/core\/audit\/(\d+)\/"/g)].map(([, id]) => id)).size;
      back = /href="([^"]*newer=[^"]*)"/.exec(shown)?.[1] ?? back;
      url = /href="([^"]*older=[^"]*)"/.exec(shown)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(found).toBe(all);
    expect((await admin.get((back ?? '').replaceAll('&amp;', '&'))).status).toBe(200);
  });

  it('take a number of statements that does not grow', async () => {
    const count = async (path: string) => (await b.count(() => admin.get(path))).length;
    const before = await count('/core/audit/');
    await b.mailboxes.create(b.system, { username: 'more@test.com', passwordHash: HASH });
    expect(await count('/core/audit/')).toBe(before);
  });
});

describe('the commands', () => {
  it('list, show and verify', async () => {
    const [line = ''] = (await command('audit', 'list', '--json', '--kind', 'domain', '--limit', '1')).split('\n');
    const listed = JSON.parse(line) as { id: number };
    expect(listed).toMatchObject({ kind: 'domain', actor: expect.any(String) });
    expect(JSON.parse(await command('audit', 'show', String(listed.id), '--json'))).toMatchObject({ id: listed.id });
    expect((await runCommand(b.host.kernel, ['audit', 'show', '999999999'])).code).toBe(3);
    const verdict = JSON.parse(await command('audit', 'verify', '--json')) as Record<string, unknown>;
    expect(verdict).toMatchObject({ whole: true, unsealed: 0, reason: null });
    expect(
      (await runCommand(b.host.kernel, ['audit', 'verify', '--head', `${verdict['head_seq']}:${verdict['head_hash']}`]))
        .code,
    ).toBe(0);
    const [row] = await b.sql('select id, label from core_audit where seq = 5');
    await b.sql("update core_audit set label = 'forged' where seq = 5");
    const broken = await runCommand(b.host.kernel, ['audit', 'verify', '--json']);
    expect([broken.code, JSON.parse(broken.stdout)]).toMatchObject([
      1,
      { whole: false, broken_seq: 5, broken_id: Number(row?.['id']), reason: 'changed' },
    ]);
    expect(broken.stderr).toContain('The record 5 is not right: it was changed.');
    await b.sql('update core_audit set label = ? where seq = 5', [row?.['label']]);
  });
});
