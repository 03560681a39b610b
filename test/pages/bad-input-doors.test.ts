/** The same bad input by service, page, command and CSV file: refused alike, and nothing of it stays. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isProblem, plainText } from '@posthorn/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WICKED } from '../admin/bad-input.js';
import { all, type Bench, bench, HASH, populate } from '../admin/fixture.js';
import { runCommand } from '../kit/src/host/command.js';
import { makeTempDir, removeTempDir } from '../kit/src/servers/temp-dir.js';
import { type Reader, type Site, startSite } from './site.js';

let b: Bench;
let site: Site;
let admin: Reader;
let folder: string;
beforeAll(async () => {
  b = await bench();
  await populate(b);
  site = await startSite(b.host);
  admin = await site.as('admin');
  folder = await makeTempDir('doors');
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await b?.host[Symbol.asyncDispose]();
  await removeTempDir(folder);
});

interface Said {
  readonly code: string;
  readonly reason: string;
}

const PASSWORD = 'Grenoble-Isere-38';
const account = {
  'general.username': 'new@test.com',
  'general.role': 'SimpleUsers',
  'general.password': PASSWORD,
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
};
const domain = {
  'general.name': 'new.com',
  'general.type': 'domain',
  'general.enabled': 'true',
  'general.quota': '0',
  'general.default_mailbox_quota': '0',
};
const alias = {
  'general.address': 'new@test.com',
  'general.recipients': 'user@test.com',
  'general.enabled': 'true',
  'general.description': '',
  'general.expire_at': '',
};

interface Field {
  readonly values: readonly string[];
  service(value: string): Promise<unknown>;
  /** The path of a form, its fields, and the one that the value stands in. */
  page(value: string): readonly [path: string, fields: Readonly<Record<string, string>>, name: string];
  /** Options come last, so that a value may begin with a dash. */
  command(value: string): readonly string[];
  row(value: string): readonly string[];
}

const names = [...WICKED, ...WICKED.map((value) => `${value}.com`)].filter((v) => v !== 'constructor.com');
const locals = WICKED.filter((value) => !['__proto__', 'constructor'].includes(value));
const addresses = [...WICKED, ...locals.map((value) => `${value}@test.com`), ...WICKED.map((value) => `user@${value}`)];

const fields: Readonly<Record<string, Field>> = {
  'domain name': {
    values: [...names, 'test.com'],
    service: (name) => b.domains.create(b.system, { name, quota: 0, default_mailbox_quota: 0 }),
    page: (name) => ['/admin/domains/new/', { ...domain, 'general.name': name }, 'general.name'],
    command: (name) => ['domain', 'create', '--quota=0', '--default-mailbox-quota=0', '--', name],
    row: (name) => ['domain', name, '0', '0', 'True'],
  },
  'domain alias name': {
    values: [...names, 'test.com'],
    service: (name) => b.domainAliases.create(b.system, { name, target: 'test.com' }),
    page: (name) => ['/admin/domainaliases/new/', { name, target: 'test.com', enabled: 'true' }, 'name'],
    command: (name) => ['domainalias', 'create', '--target=test.com', '--', name],
    row: (name) => ['domainalias', name, 'test.com', 'True'],
  },
  'domain alias target': {
    values: [...WICKED, 'nowhere.com'],
    service: (target) => b.domainAliases.create(b.system, { name: 'new.com', target }),
    page: (target) => ['/admin/domainaliases/new/', { name: 'new.com', target, enabled: 'true' }, 'target'],
    command: (target) => ['domainalias', 'create', `--target=${target}`, '--', 'new.com'],
    row: (target) => ['domainalias', 'new.com', target, 'True'],
  },
  username: {
    values: [...addresses, 'user@test.com', 'new@nowhere.com'],
    service: (username) => b.mailboxes.create(b.system, { username, passwordHash: HASH }),
    page: (username) => ['/admin/accounts/new/', { ...account, 'general.username': username }, 'general.username'],
    command: (username) => ['account', 'create', '--', username],
    row: (username) => ['account', username, HASH, '', '', 'True', 'SimpleUsers', username, '0'],
  },
  'first name': {
    values: [
      'nul\u0000byte',
      'line\r\nbreak',
      'bidi\u202egnp',
      'zero\u200bwidth',
      'lone\ud800surrogate',
      'x'.repeat(10_240),
    ],
    service: (first_name) => b.mailboxes.create(b.system, { username: 'new@test.com', passwordHash: HASH, first_name }),
    page: (name) => ['/admin/accounts/new/', { ...account, 'general.first_name': name }, 'general.first_name'],
    command: (name) => ['account', 'create', `--first-name=${name}`, '--', 'new@test.com'],
    row: (name) => ['account', 'new@test.com', HASH, name, '', 'True', 'SimpleUsers', 'new@test.com', '0'],
  },
  role: {
    // Each costs the hash of a password.
    values: WICKED.filter((value, at) => value !== '' && at % 4 === 0),
    service: (role) => b.mailboxes.create(b.system, { username: 'new@test.com', passwordHash: HASH, role }),
    page: (role) => ['/admin/accounts/new/', { ...account, 'general.role': role }, 'general.role'],
    command: (role) => ['account', 'create', `--role=${role}`, '--', 'new@test.com'],
    row: (role) => ['account', 'new@test.com', HASH, '', '', 'True', role, 'new@test.com', '0'],
  },
  'alias address': {
    values: [...addresses.filter((a) => a !== '@test.com'), 'alias@test.com', 'new@nowhere.com'],
    service: (address) => b.aliases.create(b.system, { address, recipients: ['user@test.com'] }),
    page: (address) => ['/admin/aliases/new/', { ...alias, 'general.address': address }, 'general.address'],
    command: (address) => ['alias', 'create', '--recipient=user@test.com', '--', address],
    row: (address) => ['alias', address, 'True', 'user@test.com'],
  },
  recipient: {
    values: [...addresses.filter((a) => a !== '@test.com'), 'nobody@test.com'],
    service: (recipient) => b.aliases.create(b.system, { address: 'new@test.com', recipients: [recipient] }),
    page: (recipient) => ['/admin/aliases/new/', { ...alias, 'general.recipients': recipient }, 'general.recipients'],
    command: (recipient) => ['alias', 'create', `--recipient=${recipient}`, '--', 'new@test.com'],
    row: (recipient) => ['alias', 'new@test.com', 'True', recipient],
  },
};

const state = async () => ({
  domains: (await all(b.domains.list(b.system))).map((d) => d.name),
  aliasesOfDomains: (await all(b.domainAliases.list(b.system))).map((d) => d.name),
  accounts: (await all(b.mailboxes.list(b.system))).map((a) => [a.username, a.role]),
  aliases: (await all(b.aliases.list(b.system, { internal: true }))).map((a) => [a.address, a.recipients]),
});

const byService = (work: Promise<unknown>): Promise<Said> =>
  work.then(
    () => ({ code: 'accepted', reason: '' }),
    (error: unknown) => {
      if (!isProblem(error)) throw error;
      return { code: error.code, reason: plainText(error.issues[0]?.message ?? error.text) };
    },
  );

async function byCommand(argv: readonly string[]): Promise<Said> {
  const at = argv.indexOf('--');
  const { code, stderr } = await runCommand(b.host.kernel, [...argv.slice(0, at), '--json', ...argv.slice(at)]);
  if (code === 0) return { code: 'accepted', reason: '' };
  const { error } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as {
    readonly error: {
      readonly code: string;
      readonly message: string;
      readonly issues?: readonly { message: string }[];
    };
  };
  return { code: error.code, reason: error.issues?.[0]?.message ?? error.message };
}

async function byFile(cells: readonly string[]): Promise<Said> {
  const file = join(folder, 'rows.csv');
  await writeFile(file, `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(';')}\n`);
  const { code, stdout, stderr } = await runCommand(b.host.kernel, ['import', file, '--json']);
  if (code === 0) return { code: 'accepted', reason: '' };
  const line = stdout.trim().split('\n')[0] ?? '';
  if (line === '') return (JSON.parse(stderr.trim().split('\n')[0] ?? '') as { readonly error: Said }).error;
  return JSON.parse(line) as Said;
}

/** What cells, forms and bytes of UTF-8 make of a value. */
const sent = (value: string): string => Buffer.from(value.trim()).toString();
const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c] ?? c);

/** What a door may say by itself before it asks the service: its own words for what no field takes. */
const OWN =
  /^(?:[\w.]+: )?(?:is required|must (?:have at most \d+|not contain control or invisible) characters|is not one of the choices)/;

describe.each(Object.entries(fields))('%s', (_name, field) => {
  it('is refused by every door for the same reason, and nothing of it stays', async () => {
    const before = await state();
    const wrong: unknown[] = [];
    for (const value of field.values) {
      const said = await byService(field.service(value));
      const agrees = ({ code, reason }: Said): boolean =>
        (code === said.code && reason.replace(/^[\w.]+: /, '') === said.reason.replace(/^[\w.]+: /, '')) ||
        (code === 'E_INVALID' && OWN.test(reason));
      const command = await byCommand(field.command(value));
      if (!agrees(command)) wrong.push({ value, said, command });
      // Spaces around a value, and what is no text, come through no other door.
      if (sent(value) !== value) continue;
      const file = await byFile(field.row(value));
      const isNul = value.includes('\0') && file.code === 'E_IMPORT_NUL';
      if (!isNul && !agrees(file)) wrong.push({ value, said, file });
      const [path, typed, name] = field.page(value);
      const { status, text } = await admin.post(path, typed);
      const tag = new RegExp(`<[^>]* name="${name}"[^>]*>`).exec(text)?.[0] ?? '';
      const isNamed = tag.includes('aria-invalid="true"') || text.includes(escaped(said.reason));
      if (status !== 422 || !isNamed || text.includes('<script>alert'))
        wrong.push({ value, said, page: [status, tag] });
    }
    expect(wrong).toEqual([]);
    expect(await state()).toEqual(before);
  });
});
