/** What `dovecot write` makes, used as it is by a real Dovecot on each database, with an awkward password. */
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Contributed,
  type Dialect,
  type ExtensionContext,
  type FileSet,
  fileSets,
  type GeneratedFile,
  generatedFiles,
  parseShape,
} from '@posthorn/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeFileSet } from '../../core/src/files/writer.js';
import { dovecotFiles } from '../../extensions/admin/dovecot/contributions.js';
import {
  freePort,
  imap,
  loginFails,
  makeTempDir,
  programPath,
  removeTempDir,
  requireSuite,
  shareSqlite,
  until,
} from '../kit/src/servers/index.js';
import { type Daemon, type RunResult, startDaemon, tryRun } from '../kit/src/servers/processes.js';
import { systemUser } from '../kit/src/servers/users.js';
import { AWKWARD, type MailDatabase, mailDatabase } from './mail-database.js';

const itemsOf = <Item>(slot: { readonly id: string }): Item[] =>
  dovecotFiles.filter((one) => one.slot.id === slot.id).map((one) => one.item as Item);

const suites: readonly (readonly [Dialect, boolean])[] = [
  ['sqlite', true],
  ['postgresql', requireSuite('postgresql')],
  ['mariadb', requireSuite('mariadb')],
];
const password = 'Toto1234';

for (const [dialect, isThere] of suites) {
  describe.skipIf(!isThere || !requireSuite('mail'))(`Dovecot on ${dialect}`, () => {
    let db: MailDatabase;
    let directory: string;
    let daemon: Daemon;
    let port: number;
    const doveadm = (...args: string[]): Promise<RunResult> =>
      tryRun(programPath('doveadm'), ['-c', join(directory, 'dovecot.conf'), ...args]);
    const log = (): string => readFileSync(join(directory, 'log'), 'utf8');
    const lastLogin = async (name: string): Promise<string | undefined> =>
      (
        await db.query(`SELECT coalesce(cast(last_login as char(19)), 'never') FROM core_user WHERE username='${name}'`)
      )[0]?.[0];

    beforeAll(async () => {
      // With a space where the format can hold one.
      db = await mailDatabase(dialect, `${AWKWARD}${dialect === 'postgresql' ? ' y ' : ''}z`);
      await db.query(`UPDATE core_user SET password='{PLAIN}${password}'`);
      await db.query(`UPDATE admin_mailbox SET quota=7 WHERE id=2`);
      await db.query(`UPDATE admin_domain SET enabled=${dialect === 'postgresql' ? 'false' : '0'} WHERE id=3`);
      const vmail = systemUser('vmail');
      directory = await makeTempDir('dovecot');
      const place = (name: string): string => {
        mkdirSync(join(directory, name), { recursive: true });
        return join(directory, name);
      };
      place('spool/private');
      chownSync(place('vmail'), vmail.uid, vmail.gid);
      if (dialect === 'sqlite') await shareSqlite(db.target.path);

      const set = itemsOf<FileSet>(fileSets)[0] as FileSet;
      const results = await writeFileSet({
        set,
        files: itemsOf<GeneratedFile>(generatedFiles).map(
          (item): Contributed<GeneratedFile> => ({ from: 'admin', item }),
        ),
        maps: [],
        database: db.target,
        directory: join(directory, 'etc'),
        options: parseShape(set.options, {
          mail_home: join(directory, 'vmail'),
          uid: vmail.uid,
          gid: vmail.gid,
          postfix_spool: join(directory, 'spool'),
          sieve: true,
        }),
        context: { find: () => undefined } as unknown as ExtensionContext,
      });
      expect(results.map(({ action }) => action)).toEqual(Array(5).fill('created'));

      port = await freePort();
      const off = (service: string, listeners: readonly string[]): string =>
        `service ${service} {\n${listeners.map((name) => `  inet_listener ${name} {\n    port = 0\n  }\n`).join('')}}\n`;
      writeFileSync(
        join(directory, 'dovecot.conf'),
        `base_dir = ${place('run')}
state_dir = ${place('state')}
log_path = ${join(directory, 'log')}
listen = 127.0.0.1
protocols = imap lmtp
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
auth_verbose = yes
postmaster_address = postmaster@example.test
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
${off('lmtp', [])}
!include ${join(directory, 'etc', 'posthorn-dovecot.conf')}
`,
      );
      chmodSync(join(directory, 'spool'), 0o755);
      daemon = await startDaemon(programPath('dovecot'), ['-F', '-c', join(directory, 'dovecot.conf')], {
        signal: 'SIGTERM',
      });
      await until('Dovecot', 15, async () => {
        if (daemon.exitCode() !== undefined) throw new Error(`Dovecot did not start: ${daemon.output()}`);
        return (await doveadm('who')).code === 0;
      });
    });
    afterAll(async () => {
      await daemon?.stop();
      await db[Symbol.asyncDispose]();
      await removeTempDir(directory);
    });

    it('signs in, counts what is used, and remembers when', async () => {
      expect(await lastLogin('user@d2.test')).toBe('never');
      await using session = await imap({ port, user: 'USER@d2.test', password });
      await session.client.append('INBOX', 'Subject: hello\r\n\r\nworld\r\n');
      expect(await session.quota()).toMatchObject({ storage: { limit: 7 * 1024 * 1024 } });
      const [row] = await db.query(`SELECT messages FROM admin_quota WHERE username='user@d2.test'`);
      expect([row?.[0], log()]).toEqual(['1', expect.not.stringMatching(/Error|Fatal/)]);
      const at = await lastLogin('user@d2.test');
      expect(Math.abs(Date.parse(`${at?.replace(' ', 'T')}Z`) - Date.now())).toBeLessThan(60_000);
      expect(await lastLogin('user@d1.test')).toBe('never');
    });

    it('lets nobody in whose account or domain is disabled, or whose password is another', async () => {
      expect(await loginFails({ port, user: 'off@d1.test', password })).toBe(true);
      expect(await loginFails({ port, user: 'user@d3.test', password })).toBe(true);
      expect(await loginFails({ port, user: 'user@d2.test', password: 'wrong' })).toBe(true);
      expect(await loginFails({ port, user: "x' OR '1'='1", password })).toBe(true);
    });

    it('opens nobody else to an account that only claims an address', async () => {
      await db.query(`UPDATE core_user SET email='user@d5.test' WHERE id=4`);
      expect(await loginFails({ port, user: 'user@d4.test', password })).toBe(true);
      await db.query(`UPDATE core_user SET password='{PLAIN}other' WHERE id=5`);
      expect(await loginFails({ port, user: 'user@d5.test', password })).toBe(true);
    });

    it('finds homes of disabled accounts too, since they still get mail, but not of disabled domains', async () => {
      const home = (user: string): Promise<string> =>
        doveadm('user', '-f', 'home', user).then(({ stdout }) => stdout.trim());
      expect(await home('off@d1.test')).toBe(join(directory, 'vmail', 'd1.test', 'off'));
      expect(await home('User@D1.test')).toBe(join(directory, 'vmail', 'd1.test', 'user'));
      expect(await home('user@d3.test')).toBe('');
      const all = (await doveadm('user', '*')).stdout.trim().split('\n');
      expect([all.length, all.includes('user@d1.test'), all.includes('user@d3.test')]).toEqual([2008, true, false]);
    });

    it('finds a mailbox beyond ASCII by its address, and by the name that mail for it is delivered to', async () => {
      const place = join(directory, 'vmail', 'd2.test', 'élise');
      for (const name of ['élise@d2.test', '{9003}@d2.test']) {
        const { stdout } = await doveadm('user', name);
        expect([name, /^home\s+(.*)$/m.exec(stdout)?.[1]]).toEqual([name, place]);
      }
      for (const name of ['{9003}@d1.test', '{9002}@d2.test', '{9003x}@d2.test', '9003@d2.test', '{}@d2.test']) {
        expect([name, (await doveadm('user', '-f', 'home', name)).stdout.trim()]).toEqual([name, '']);
      }
    });

    it('takes names of any characters in the post-login script, as names only', async () => {
      const script = join(directory, 'etc', 'posthorn-postlogin.sh');
      const evil = `x'; UPDATE core_user SET last_login=NULL; -- $(touch ${directory}/hacked) \\ "\n%`;
      await db.query(
        `UPDATE core_user SET username='${evil.replaceAll("'", "''").replaceAll('\\', dialect === 'mariadb' ? '\\\\' : '\\')}' WHERE id=9`,
      );
      for (const name of [evil, 'üser@dömain.test', '', 'nobody']) {
        const { code, stdout } = await tryRun(script, ['echo', 'on'], { env: { USER: name } });
        expect([code, stdout]).toEqual([0, 'on\n']);
      }
      const [found] = await db.query('SELECT count(*) FROM core_user WHERE id=9 AND last_login IS NOT NULL');
      expect(found?.[0]).toBe('1');
      expect(await lastLogin('user@d2.test')).not.toBe('never');
      expect((await tryRun('ls', [join(directory, 'hacked')])).code).not.toBe(0);
    });
  });
}
