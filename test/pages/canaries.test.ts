/** Secrets typed at every door, and then looked for wherever something is shown, written or kept. */
import { openSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLog } from '@posthorn/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Bench, bench, populate } from '../admin/fixture.js';
import { runCommand } from '../kit/src/host/command.js';
import { makeTempDir, removeTempDir } from '../kit/src/servers/temp-dir.js';
import { type Reader, type Site, startSite } from './site.js';

/** Good ones and ones that are refused; each door has its own. */
const canary = (door: string): string => `Canary-${door}-Wren-38`;
const DOORS = ['service', 'page', 'refused', 'wizard', 'command', 'file', 'badfile', 'parameter', 'signin', 'own'];

let b: Bench;
let site: Site;
let admin: Reader;
let folder: string;
let logFile: string;
const answers: string[] = [];
beforeAll(async () => {
  b = await bench();
  await populate(b);
  folder = await makeTempDir('canaries');
  logFile = join(folder, 'log');
  site = await startSite(b.host, { log: createLog({ level: 'trace', name: 'test', to: openSync(logFile, 'w') }) });
  admin = await site.as('admin');
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await b?.host[Symbol.asyncDispose]();
  await removeTempDir(folder);
});

const secretFile = async (text: string): Promise<string> => {
  const path = join(folder, `secret-${answers.length}`);
  await writeFile(path, text, { mode: 0o600 });
  return path;
};
const post = async (path: string, fields: Readonly<Record<string, string>>): Promise<number> => {
  const { status, text } = await admin.post(path, fields);
  answers.push(text);
  return status;
};
const command = async (...argv: string[]): Promise<number> => {
  const { code, stdout, stderr } = await runCommand(b.host.kernel, argv);
  answers.push(stdout, stderr);
  return code;
};
const person = (username: string, password: string) => ({
  'general.username': username,
  'general.role': 'SimpleUsers',
  'general.password': password,
  'general.is_active': 'true',
  'general.first_name': '',
  'general.last_name': '',
  'general.secondary_email': '',
  'general.phone_number': '',
  'mail.has_mailbox': 'true',
  'mail.full_address': '',
  'mail.use_domain_quota': 'true',
  'mail.quota': '0',
  'mail.aliases': '',
  'mail.senderaddresses': '',
  'mail.domains': '',
});

it('are nowhere afterwards', async () => {
  await b.mailboxes.create(b.system, { username: 'service@test.com', password: canary('service') });
  expect(await post('/admin/accounts/new/', person('page@test.com', canary('page')))).toBe(303);
  expect(await post('/admin/accounts/new/', person('no address', canary('refused')))).toBe(422);
  expect(
    await post('/admin/domains/new/', {
      'general.name': 'wizard.test',
      'general.type': 'domain',
      'general.enabled': 'true',
      'general.quota': '0',
      'general.default_mailbox_quota': '0',
      'options.create_dom_admin': 'true',
      'options.dom_admin_username': 'boss',
      'options.password': canary('wizard'),
    }),
  ).toBe(303);
  const typed = await secretFile(canary('command'));
  expect(await command('account', 'create', 'command@test.com', '--password-file', typed)).toBe(0);
  const rows = join(folder, 'rows.csv');
  const row = (name: string, password: string) => `account;${name};${password};;;True;SimpleUsers;${name};0\n`;
  await writeFile(rows, row('file@test2.com', canary('file')));
  expect(await command('import', rows, '--crypt-password')).toBe(0);
  await writeFile(rows, row('bad name', canary('badfile')));
  expect(await command('import', rows, '--crypt-password', '--json')).toBe(6);
  expect(await command('parameter', 'set', 'admin.default_password', canary('parameter'))).toBe(0);
  const signIn = await fetch(`${site.base}/accounts/login/`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: site.base },
    body: new URLSearchParams({ username: 'user@test.com', password: canary('signin') }),
  });
  answers.push(await signIn.text());
  answers.push(
    (await admin.post('/user/password/', { current: canary('own'), password: canary('own'), confirmation: 'x' })).text,
  );

  const { accounts } = b.host.kernel;
  for (const door of ['service', 'page', 'command', 'file'])
    expect(await accounts.verify(`${door}@${door === 'file' ? 'test2' : 'test'}.com`, canary(door)), door).toBeTruthy();
  await b.host.kernel.jobs.runner(['default']).drain();
  await b.host.kernel.audit.seal();

  const places = [
    '/dashboard/',
    '/admin/domains/',
    '/admin/identities/',
    '/core/audit/',
    '/core/audit/export/csv/',
    '/core/audit/export/ndjson/',
    '/core/logs/',
    '/core/jobs/',
    '/core/parameters/admin/',
    '/admin/trash/',
    '/admin/identities/export/csv/',
    '/admin/domains/wizard.test/',
  ];
  for (const path of places) answers.push((await admin.get(path)).text);
  for (const argv of [
    ['export', 'identities'],
    ['audit', 'export', '--format', 'csv'],
    ['parameter', 'list'],
    ['account', 'list', '--json'],
  ])
    await command(...argv);
  const hashes = (await b.sql<{ password: string }>('select password from core_user')).map(({ password }) => password);
  const kept: string[] = [];
  for (const table of [
    'core_audit',
    'core_log',
    'core_outbox',
    'core_job',
    'core_session',
    'core_user',
    'core_parameter',
    'admin_trash',
  ])
    kept.push(JSON.stringify(await b.sql(`select * from ${table}`)));
  const files = (await readdir(b.host.config.directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const file of [...files, logFile]) kept.push(await readFile(file, 'latin1'));
  expect(answers.length).toBeGreaterThan(20);
  expect(files.length).toBeGreaterThan(0);
  expect((await readFile(logFile, 'utf8')).length).toBeGreaterThan(0);
  // Looked for like this, what may be there is found.
  for (const texts of [answers, kept]) expect(texts.some((text) => text.includes('page@test.com'))).toBe(true);
  const found = DOORS.filter((door) => [...answers, ...kept].some((text) => text.includes(canary(door))));
  expect(found).toEqual([]);
  // A hash belongs to the file of accounts that is made to be imported again, and to nothing else.
  const shown = answers.filter((text) => !text.startsWith('account;') && hashes.some((hash) => text.includes(hash)));
  expect(shown).toEqual([]);
});
