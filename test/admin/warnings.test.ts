/** Letters about full mailboxes and new accounts, and accounts that nobody uses, on each database. */
import { letters } from '@posthorn/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LettersService } from '../../core/src/letters/letters-service.js';
import { requireSuite } from '../kit/src/servers/index.js';
import { type Bench, bench, empty, HASH, populate } from './fixture.js';

const MB = 1_048_576;

describe.each(['sqlite', 'postgresql', 'mariadb'] as const)('on %s', (dialect) => {
  const runs = dialect === 'sqlite' || requireSuite(dialect);
  const test = it.skipIf(!runs);
  let b: Bench;
  let now = new Date('2031-05-01T12:00:00Z');

  const setUp = async (): Promise<void> => {
    const form = b.host.kernel.generation.order.find((d) => d.id === 'core')?.parameters?.[0];
    await b.host.kernel.parameters.write(form as never, {
      smtp_host: '127.0.0.1',
      smtp_port: 1,
      sender_address: 'noreply@test.com',
      administrator_addresses: ['boss@else.test'],
    });
  };
  /** Recipient and template of every letter that was written since the last look. */
  const written = async (): Promise<string[]> => {
    const rows = await b.sql<{ payload: string }>("select payload from core_job where name = 'letter' order by id");
    await b.sql("delete from core_job where name = 'letter'");
    return rows.map(({ payload }) => {
      const { to, template } = JSON.parse(payload) as { to: string; template: string };
      return `${template} ${to}`;
    });
  };
  /** Subject and text of the latest letter, as it would be sent. */
  const saidLast = async (): Promise<string> => {
    const [row] = await b.sql<{ payload: string }>(
      "select payload from core_job where name = 'letter' order by id desc limit 1",
    );
    const service = b.context.get(letters) as unknown as LettersService;
    const { subject, text } = await service.open(JSON.parse(row?.payload ?? '{}'));
    return `${subject}\n${text}`;
  };
  const use = async (username: string, megabytes: number): Promise<void> => {
    await b.sql('delete from admin_quota where username = ?', [username]);
    await b.sql('insert into admin_quota (username, bytes, messages) values (?, ?, 1)', [
      username,
      Math.round(megabytes * MB),
    ]);
  };
  const look = async (): Promise<string[]> => {
    expect(await b.host.jobs.run('admin.quota-warnings')).toMatchObject({ outcome: 'done' });
    return written();
  };

  beforeAll(async () => {
    if (!runs) return;
    b = await bench({ database: dialect, clock: () => now });
  }, 60_000);
  beforeEach(async () => {
    if (!runs) return;
    await empty(b);
    await populate(b);
    await setUp();
    await b.sql('delete from core_job');
    now = new Date('2031-05-01T12:00:00Z');
  });
  afterAll(async () => b?.host[Symbol.asyncDispose]());

  test('a mailbox is warned of once for each threshold, until it falls below', async () => {
    await use('user@test.com', 7);
    expect(await look()).toEqual([]);
    await use('user@test.com', 8);
    await b.mailboxes.update(b.system, 'user@test.com', { language: 'fr' });
    const first = ['admin.quota-warning user@test.com', 'admin.quota-summary boss@else.test'];
    expect(await look()).toEqual(first);
    expect(await look()).toEqual([]);
    await use('user@test.com', 9.6);
    expect(await look()).toEqual(first);
    await use('user@test.com', 8.5);
    expect(await look()).toEqual([]);
    await use('user@test.com', 9.7);
    expect(await look()).toEqual(first);
    await use('user@test.com', 1);
    expect(await look()).toEqual([]);
    expect(await b.sql('select id from admin_quotawarning')).toEqual([]);
    await use('user@test.com', 8);
    expect(await look()).toEqual(first);
  });

  test('a full mailbox is told of at the secondary address, and one without a limit never', async () => {
    await b.mailboxes.update(b.system, 'user@test.com', { secondary_email: 'home@else.test' });
    await use('user@test.com', 11);
    await use('user@test2.com', 5_000);
    expect(await look()).toEqual(['admin.quota-warning home@else.test', 'admin.quota-summary boss@else.test']);
  });

  test('a large quota is counted right, and disabled accounts are left alone', async () => {
    await b.mailboxes.update(b.system, 'user@test2.com', { mailbox: { quota: 100_000 } });
    await use('user@test2.com', 79_000);
    expect(await look()).toEqual([]);
    await use('user@test2.com', 81_000);
    expect(await look()).toHaveLength(2);
    await b.mailboxes.update(b.system, 'user@test.com', { is_active: false });
    await use('user@test.com', 10);
    expect(await look()).toEqual([]);
  });

  test('the pool of a domain is told of to its administrators', async () => {
    await b.mailboxes.update(b.system, 'user@test.com', { mailbox: { quota: 0 } });
    await use('user@test.com', 38);
    await use('admin@test.com', 1);
    expect(await look()).toEqual([]);
    await use('admin@test.com', 2);
    expect(await look()).toEqual(['admin.domain-quota-warning admin@test.com', 'admin.quota-summary boss@else.test']);
  });

  test('what was told goes with the mailbox, and nothing is told where warnings are off', async () => {
    await use('user@test.com', 9);
    await look();
    const seen = await b.host.as('admin');
    expect((await seen.get('/dashboard/')).notices.join()).toContain('1 mailbox or domain is nearly full.');
    const other = await b.host.as('admin@test2.com');
    expect((await other.get('/admin/identities/')).notices.join()).not.toContain('nearly full');
    await b.mailboxes.remove(b.system, 'user@test.com');
    expect(await b.sql('select id from admin_quotawarning')).toEqual([]);
    await b.set({ quota_warnings: false });
    await use('admin@test.com', 10);
    expect(await look()).toEqual([]);
    await expect(b.set({ quota_warning_thresholds: ['80', '101'] })).rejects.toThrow();
    await expect(b.set({ quota_warning_thresholds: ['x'] })).rejects.toThrow();
  });

  test('without a server nothing is written, and the warning is still shown', async () => {
    const form = b.host.kernel.generation.order.find((d) => d.id === 'core')?.parameters?.[0];
    await b.host.kernel.parameters.write(form as never, { smtp_host: '' });
    expect(await b.context.get(letters).isSetUp()).toBe(false);
    await use('user@test.com', 9);
    expect(await look()).toEqual([]);
    expect(await b.sql('select threshold from admin_quotawarning')).toEqual([{ threshold: 80 }]);
  });

  test('the owner of a new account gets a letter where the administrator asks for it', async () => {
    const made = await b.host.command([
      ...['account', 'create', 'new@test.com', '--quota', '1M', '--send-letter'],
      ...['--secondary-email', 'home@else.test'],
    ]);
    expect(made.stderr + made.stdout).toContain('new@test.com');
    expect(made.code).toBe(0);
    expect(await written()).toEqual(['admin.new-account home@else.test']);
    const refused = await b.host.command(['account', 'create', 'other@test.com', '--quota', '1M', '--send-letter']);
    expect(refused.code).toBe(6);
    expect(await b.sql("select id from core_user where username = 'other@test.com'")).toEqual([]);
  });

  test('the wizard sends one too, never the form that changes an account, and no password unless that is allowed', async () => {
    const root = await b.host.as('admin');
    expect((await root.get('/admin/accounts/new/')).html).toContain('general.send_letter');
    const [user] = await b.sql<{ id: number }>("select id from core_user where username = 'user@test.com'");
    expect((await root.get(`/admin/accounts/${user?.id}/edit/`)).html).not.toContain('send_letter');

    const make = async (name: string, secondary: string): Promise<number> => {
      const answer = await root.post('/admin/accounts/new/', {
        'general.username': name,
        'general.role': 'SimpleUsers',
        'general.password': 'Kiesel-und-73-Wale',
        'general.is_active': 'true',
        'general.secondary_email': secondary,
        'general.send_letter': 'true',
        'mail.has_mailbox': 'true',
        'mail.full_address': '',
        'mail.use_domain_quota': 'true',
        'mail.quota': '0',
      });
      expect(answer.issues).toEqual(secondary === '' ? [expect.stringContaining('is needed to send a letter')] : []);
      return answer.status;
    };
    expect(await make('first@test2.com', '')).toBe(422);
    expect(await make('first@test2.com', 'home@else.test')).toBe(200);
    expect(await saidLast()).toContain('You get the password from whoever made the account.');
    expect(await saidLast()).not.toContain('Kiesel');
    await b.set({ account_letter_password: true });
    expect(await make('second@test2.com', 'home@else.test')).toBe(200);
    expect(await saidLast()).toContain('Your password: Kiesel-und-73-Wale');
    const [row] = await b.sql<{ payload: string }>(
      "select max(payload) as payload from core_job where name = 'letter'",
    );
    expect(row?.payload).not.toContain('Kiesel');
  });

  const lastLogin = async (username: string, days: number): Promise<void> => {
    await b.sql('update core_user set last_login = ? where username = ?', [
      new Date(now.getTime() - days * 86_400_000),
      username,
    ]);
  };
  const active = async (): Promise<string[]> => {
    const rows = await b.sql<{ username: string }>(
      'select username from core_user where is_active = ? order by username',
      [true],
    );
    return rows.map(({ username }) => username);
  };
  const ALL = ['admin', 'admin@test.com', 'admin@test2.com', 'user@test.com', 'user@test2.com'];

  test('inactive accounts are those of simple users that were used before', async () => {
    await lastLogin('admin', 400);
    await lastLogin('admin@test.com', 400);
    await lastLogin('user@test.com', 31);
    const dry = await b.host.command(['account', 'clean-inactive', '--dry-run', '--json']);
    expect(
      dry.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { username: 'user@test.com', role: 'SimpleUsers', last_login: '2031-03-31T12:00:00Z', outcome: 'found' },
    ]);
    expect(await active()).toEqual(ALL);
    expect((await b.host.command(['account', 'clean-inactive'])).code).toBe(2);
    expect(await active()).toEqual(ALL);
    expect((await b.host.command(['account', 'clean-inactive', '--days', '32', '--yes'])).code).toBe(0);
    expect(await active()).toEqual(ALL);
    expect((await b.host.command(['account', 'clean-inactive', '--yes'])).code).toBe(0);
    expect(await active()).toEqual(ALL.filter((name) => name !== 'user@test.com'));
    await b.host.command(['account', 'clean-inactive', '--any-role', '--yes']);
    expect(await active()).toEqual(['admin', 'admin@test2.com', 'user@test2.com']);
  });

  test('they are deleted only where that is asked for', async () => {
    await lastLogin('user@test.com', 31);
    expect((await b.host.command(['account', 'clean-inactive', '--delete', '--yes'])).code).toBe(0);
    expect(await b.sql("select id from core_user where username = 'user@test.com'")).toEqual([]);
    expect(await b.sql("select id from admin_mailbox where address = 'user'")).toHaveLength(1);
  });

  test('the job disables them where the parameters say so', async () => {
    await lastLogin('user@test.com', 31);
    await lastLogin('admin@test.com', 31);
    await b.host.jobs.run('admin.clean-inactive-accounts');
    expect(await active()).toEqual(ALL);
    await b.set({ disable_inactive_accounts: true, inactive_account_threshold: 40 });
    await b.host.jobs.run('admin.clean-inactive-accounts');
    expect(await active()).toEqual(ALL);
    await b.set({ inactive_account_threshold: 20 });
    await b.host.jobs.run('admin.clean-inactive-accounts');
    expect(await active()).toEqual(ALL.filter((name) => name !== 'user@test.com'));
  });

  test('the list shows them', async () => {
    await b.mailboxes.create(b.system, { username: 'old@test.com', passwordHash: HASH, mailbox: { quota: 1 } });
    await lastLogin('old@test.com', 100);
    const root = await b.host.as('admin');
    const page = await root.get('/admin/identities/');
    expect(page.html).toContain('admin.inactive');
    const shown = await root.get('/admin/identities/?admin.inactive=90');
    expect(shown.table.map((row) => row['Name'])).toEqual(['old@test.com']);
    expect((await root.get('/admin/identities/?admin.inactive=180')).table).toEqual([]);
  });
});
