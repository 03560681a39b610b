import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Check, type DatabaseTarget, type ExtensionContext, type Finding, plainText } from '@posthorn/sdk';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { adminChecks } from './contributions.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'checks-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true, force: true });
});

const target: DatabaseTarget = {
  dialect: 'sqlite',
  path: '',
  host: '',
  port: 0,
  socket: '',
  user: '',
  password: '',
  name: '',
};
const context = (o: Partial<DatabaseTarget>, rows: unknown[] = []): ExtensionContext =>
  ({
    get: () => ({ database: { ...target, ...o } }),
    data: { dialect: o.dialect ?? 'sqlite', execute: async () => rows },
  }) as unknown as ExtensionContext;

const run = async (id: string, c: ExtensionContext): Promise<readonly Finding[]> => {
  const found = adminChecks.map((one) => one.item as Check).find((one) => one.id === id);
  if (found === undefined) throw new Error(`no check ${id}`);
  return found.run(c);
};
const said = (findings: readonly Finding[], level: Finding['level']): string[] =>
  findings
    .filter((one) => one.level === level)
    .map(({ message, mend }) => `${plainText(message)} | ${mend === undefined ? '' : plainText(mend)}`);

/** A program on the path that answers by its arguments. */
function program(name: string, script: string): void {
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  vi.stubEnv('PATH', `${directory}:/usr/bin:/bin`);
}

describe('checks', () => {
  it('never throw', async () => {
    const broken = {
      get: () => {
        throw new Error('away');
      },
    } as unknown as ExtensionContext;
    for (const item of adminChecks.map((one) => one.item as Check)) {
      const [finding] = await item.run(broken);
      expect(finding?.level).toBe('warning');
    }
  });

  it('say nothing about the other databases', async () => {
    expect(await run('database-file', context({ dialect: 'mariadb' }))).toEqual([]);
    expect(await run('database-server', context({ dialect: 'sqlite' }))).toEqual([]);
  });

  it('want WAL, a shared directory and open parents for SQLite', async () => {
    const closed = join(directory, 'closed');
    chmodSync(directory, 0o700);
    writeFileSync(closed, '');
    const path = join(directory, 'db', 'x.sqlite');
    expect(
      said(await run('database-file', context({ path }, [{ journal_mode: 'delete' }])), 'error').join(),
    ).not.toContain('WAL');
    const { mkdirSync } = await import('node:fs');
    mkdirSync(join(directory, 'db'), { mode: 0o700 });
    writeFileSync(path, '', { mode: 0o600 });
    const findings = await run('database-file', context({ path }, [{ journal_mode: 'delete' }]));
    expect(said(findings, 'error').some((one) => one.includes('delete mode'))).toBe(true);
    expect(said(findings, 'error').some((one) => one.includes(`chmod o+x ${directory}`))).toBe(true);
    const isPostfixHere = !said(findings, 'warning').some((one) => one.includes('no group postfix'));
    if (isPostfixHere) {
      expect(said(findings, 'error').some((one) => one.endsWith(`chmod 2770 ${join(directory, 'db')}`))).toBe(true);
      expect(said(findings, 'error').some((one) => one.endsWith(`chmod 0660 ${path}`))).toBe(true);
    }
  });

  it('want UTF-8', async () => {
    expect(
      said(await run('database-server', context({ dialect: 'postgresql' }, [{ encoding: 'LATIN1' }])), 'error')[0],
    ).toContain('LATIN1');
    expect(
      said(await run('database-server', context({ dialect: 'mariadb' }, [{ encoding: 'latin1' }])), 'warning')[0],
    ).toContain('utf8mb4');
  });

  it('name every column that lacks an index', async () => {
    const missing = said(
      await run('indexes', context({}, [{ table_name: 'core_user', column_name: 'email' }])),
      'error',
    );
    expect(missing.length).toBe(11);
    expect(missing.some((one) => one.includes('CREATE INDEX admin_alias_address_index ON admin_alias (address)'))).toBe(
      true,
    );
    expect(missing.some((one) => one.includes('core_user.email'))).toBe(false);
  });

  it('read what Postfix says', async () => {
    program(
      'postconf',
      `case "$1" in
-m) echo btree; echo pgsql ;;
-F) ;;
*) echo "virtual_mailbox_domains = pgsql:/etc/maps/sql-domains.cf"
   echo "smtpd_recipient_restrictions = reject_unverified_recipient"
   echo "unverified_recipient_reject_code = 450"
   echo "address_verify_negative_expire_time = 3d" ;;
esac`,
    );
    const findings = await run('postfix', context({ dialect: 'postgresql' }));
    expect(said(findings, 'ok')).toHaveLength(1);
    expect(said(findings, 'warning').map((one) => one.split(' | ')[1])).toEqual([
      expect.stringContaining('proxy:pgsql:'),
      'postconf unverified_recipient_reject_code=550',
      expect.stringContaining('address_verify_negative_expire_time=10m'),
    ]);
    expect(said(await run('postfix', context({ dialect: 'mariadb' })), 'error')[0]).toContain(
      'apt install postfix-mysql',
    );
  });

  it('find the services that run in a chroot', async () => {
    program(
      'postconf',
      `case "$1" in
-m) echo sqlite ;;
-F) echo "smtp/inet/chroot = y"; echo "smtp/inet/command = smtpd"; echo "rewrite/unix/chroot = n"; echo "rewrite/unix/command = trivial-rewrite"; echo "bounce/unix/chroot = y"; echo "bounce/unix/command = bounce" ;;
*) echo "virtual_mailbox_domains = sqlite:/etc/maps/sql-domains.cf" ;;
esac`,
    );
    expect(said(await run('postfix', context({})), 'error').map((one) => one.split(' | ')[1])).toEqual([
      'postconf -F smtp/inet/chroot=n && postfix reload',
    ]);
  });

  it('do not mind a Postfix that cannot be asked', async () => {
    program('postconf', 'echo "postconf: fatal: open /etc/postfix/main.cf: No such file" >&2; exit 1');
    const findings = await run('postfix', context({}));
    expect(said(findings, 'warning')[0]).toContain('main.cf: No such file');
    expect(said(findings, 'error')).toEqual([]);
  });

  it('read what Dovecot says', async () => {
    program('dovecot', 'echo "2.2.36 (1f10bfa63)"');
    program('doveadm', 'echo "CRYPT PLAIN SHA512-CRYPT"');
    expect(said(await run('dovecot', context({})), 'error').map((one) => one.split(' | ')[0])).toEqual([
      expect.stringContaining('2.2.36 is too old'),
      expect.stringContaining('ARGON2ID'),
    ]);
    program('dovecot', 'echo "2.4.1"');
    program('doveadm', 'echo "CRYPT ARGON2ID"');
    const newer = await run('dovecot', context({}));
    expect(said(newer, 'error')).toEqual([]);
    expect(said(newer, 'warning')[0]).toContain('2.4.1');
  });
});
