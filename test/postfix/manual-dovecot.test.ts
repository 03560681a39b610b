/**
 * Dovecot configured by hand, as many servers of this kind are: the queries that such servers have had for years, one
 * set per database, over our tables. Posthorn writes Postfix's maps only.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type DovecotTarget,
  type MailEngine,
  type MailstackOptions,
  requireSuite,
  type SuiteName,
} from '../kit/src/servers/index.js';
import { type DatabasePlace, type MailSystem, outside, startMailSystem } from './mail-system.js';

const suites: Readonly<Record<MailEngine, readonly SuiteName[]>> = {
  sqlite: ['mail'],
  postgresql: ['mail', 'postgresql'],
  mariadb: ['mail', 'mariadb'],
};

/** dovecot-sql.conf.ext per database; `connect` is prepended. */
const sqlConf: Readonly<Record<MailEngine, (target: DovecotTarget) => string>> = {
  mariadb: ({ vmailRoot, uid, gid }) => `
driver = mysql
default_pass_scheme = CRYPT
password_query = SELECT email AS user, password FROM core_user WHERE email='%Lu' and is_active=1
user_query = SELECT '${vmailRoot}/%Ld/%Ln' AS home, ${uid} as uid, ${gid} as gid, concat('*:bytes=', mb.quota, 'M') AS quota_rule FROM admin_mailbox mb INNER JOIN admin_domain dom ON mb.domain_id=dom.id WHERE mb.address='%Ln' AND dom.name='%Ld'
iterate_query = SELECT email AS user FROM core_user
`,
  postgresql: ({ vmailRoot, uid, gid }) => `
driver = pgsql
default_pass_scheme = CRYPT
password_query = SELECT email AS user, password FROM core_user u INNER JOIN admin_mailbox mb ON u.id=mb.user_id INNER JOIN admin_domain dom ON mb.domain_id=dom.id WHERE u.email='%Lu' AND u.is_active AND dom.enabled
user_query = SELECT '${vmailRoot}/%Ld/%Ln' AS home, ${uid} as uid, ${gid} as gid, '*:bytes=' || mb.quota || 'M' AS quota_rule FROM admin_mailbox mb INNER JOIN admin_domain dom ON mb.domain_id=dom.id WHERE mb.address='%Ln' AND dom.name='%Ld'
iterate_query = SELECT email AS user FROM core_user
`,
  sqlite: ({ vmailRoot, uid, gid }) => `
driver = sqlite
default_pass_scheme = CRYPT
password_query = SELECT email AS user, password FROM core_user u INNER JOIN admin_mailbox mb ON u.id=mb.user_id INNER JOIN admin_domain dom ON mb.domain_id=dom.id WHERE u.email='%Lu' AND u.is_active=1 AND dom.enabled=1
user_query = SELECT '${vmailRoot}/%Ld/%Ln' AS home, ${uid} as uid, ${gid} as gid, ('*:bytes=' || mb.quota || 'M') AS quota_rule FROM admin_mailbox mb INNER JOIN admin_domain dom ON mb.domain_id=dom.id WHERE mb.address='%Ln' AND dom.name='%Ld'
iterate_query = SELECT email AS user FROM core_user
`,
};

const dictConf = `
map {
    pattern = priv/quota/storage
    table = admin_quota
    username_field = username
    value_field = bytes
}
map {
    pattern = priv/quota/messages
    table = admin_quota
    username_field = username
    value_field = messages
}
`;

/** What servers on PostgreSQL were told to add for quotas to be counted. */
const postgresDefaults = `
ALTER TABLE admin_quota ALTER COLUMN bytes SET DEFAULT 0;
ALTER TABLE admin_quota ALTER COLUMN messages SET DEFAULT 0;
`;
/** In the place of the trigger of that time: an insertion for a name that has a row already adds to it. */
const postgresTrigger = `
CREATE FUNCTION merge_quota() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE admin_quota SET bytes = bytes + coalesce(NEW.bytes, 0), messages = messages + coalesce(NEW.messages, 0)
    WHERE username = NEW.username;
  IF found THEN
    RETURN NULL;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER mergequota BEFORE INSERT ON admin_quota FOR EACH ROW EXECUTE FUNCTION merge_quota();
`;

function connect(place: DatabasePlace): string {
  if (place.engine === 'sqlite') return `connect = ${place.file}\n`;
  const { host, port, name, user, password } = place;
  return `connect = host=${host} port=${port} dbname=${name} user=${user}${password === '' ? '' : ` password=${password}`}\n`;
}

const byHand =
  (place: DatabasePlace): MailstackOptions['dovecot'] =>
  async (dir, target) => {
    await writeFile(join(dir, 'dovecot-sql.conf.ext'), connect(place) + sqlConf[place.engine](target));
    await writeFile(join(dir, 'dovecot-dict-sql.conf.ext'), connect(place) + dictConf);
  };

describe.each(['sqlite', 'postgresql', 'mariadb'] as const)('Dovecot configured by hand on %s', (engine) => {
  const runs = suites[engine].every((suite) => requireSuite(suite));
  const test = it.skipIf(!runs);
  const anna = 'anna@one.test';
  const small = 'small@one.test';
  const text = `${'x'.repeat(70)}\n`;
  let mail: MailSystem;

  beforeAll(async () => {
    if (!runs) return;
    mail = await startMailSystem(engine, { dovecot: byHand });
    if (mail.database.engine === 'postgresql') await mail.database.sql(postgresDefaults);
    await mail.tell('domain', 'create', 'one.test');
    await mail.addAccount(anna);
    await mail.addAccount(small, '--quota', '1M');
  }, 120_000);

  afterAll(async () => {
    await mail?.[Symbol.asyncDispose]();
  }, 60_000);

  test('signs in whom Posthorn has made', async () => {
    expect(await mail.isRefused(anna)).toBe(false);
    expect(await mail.isRefused(anna, 'wrong')).toBe(true);
    await mail.tell('account', 'update', anna, '--disable');
    expect(await mail.isRefused(anna)).toBe(true);
    await mail.tell('account', 'update', anna, '--enable');
    expect(await mail.isRefused(anna)).toBe(false);
  });

  test('delivers to their directories', async () => {
    await mail.accepted(anna, 'hello');
    await mail.received(anna, 'hello');
    expect((await mail.deliver('nobody@one.test', 'for nobody')).rejected[0]).toMatchObject({ code: 550 });
    const users = await mail.stack.doveadm(['user', '*']);
    expect(users.stdout.split('\n')).toEqual(expect.arrayContaining([anna, small]));
  });

  test('counts quotas into our table and keeps to ours', async () => {
    await mail.accepted(small, 'fits', { text: text.repeat(13_000) });
    await mail.received(small, 'fits');
    {
      await using session = await mail.signIn(small);
      expect((await session.quota())?.storage?.limit).toBe(1024 * 1024);
    }
    const shown = await mail.run('account', 'show', small);
    expect(shown).toMatchObject({ quota_used_messages: 1 });
    expect(shown.quota_used_bytes).toBeGreaterThan(900_000);

    await mail.accepted(small, 'too much', { text: text.repeat(5_000) });
    const bounce = await mail.stack.waitForSink(({ from, to }) => from === '' && to.includes(outside));
    expect(bounce.raw).toContain('552 5.2.2');
    expect(await mail.subjects(small)).toEqual(['fits']);
    await mail.stack.doveadm(['quota', 'recalc', '-u', small]);
    const { quota_used_bytes } = shown;
    expect(await mail.run('account', 'show', small)).toMatchObject({ quota_used_messages: 1, quota_used_bytes });
  });

  if (engine !== 'postgresql') return;

  test('counts them where a trigger was added for it', async () => {
    if (mail.database.engine === 'sqlite') throw new Error('this is about PostgreSQL');
    await mail.database.sql(postgresTrigger);
    await mail.addAccount('late@one.test');
    await mail.accepted('late@one.test', 'first');
    await mail.accepted('late@one.test', 'second');
    await mail.received('late@one.test', 'first');
    await mail.received('late@one.test', 'second');
    expect(await mail.run('account', 'show', 'late@one.test')).toMatchObject({ quota_used_messages: 2 });
    await mail.stack.doveadm(['quota', 'recalc', '-u', 'late@one.test']);
    expect(await mail.run('account', 'show', 'late@one.test')).toMatchObject({ quota_used_messages: 2 });
  });
});
