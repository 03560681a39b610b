/** Proves the mail rig itself: real Postfix and Dovecot over hand-written maps, nothing of Posthorn. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  imap,
  loginFails,
  type MailEngine,
  type Mailstack,
  requireSuite,
  type SuiteName,
  sendMail,
  startMailstack,
  until,
} from '../kit/src/servers/index.js';
import { type Fixture, startFixture } from './fixture.js';

const password = 'Toto1234';
const suites: Readonly<Record<MailEngine, readonly SuiteName[]>> = {
  sqlite: ['mail'],
  postgresql: ['mail', 'postgresql'],
  mariadb: ['mail', 'mariadb'],
};

describe.each(['sqlite', 'postgresql', 'mariadb'] as const)('mail rig on %s', (engine) => {
  const runs = suites[engine].every((suite) => requireSuite(suite));
  let fixture: Fixture;
  let stack: Mailstack;

  const outside = 'friend@elsewhere.test';
  const deliver = (to: string, subject: string, more: { text?: string; from?: string } = {}) =>
    sendMail({ port: stack.ports.smtp, from: outside, to, subject, ...more });
  const received = async (user: string, subject: string): Promise<string> => {
    await using session = await imap({ port: stack.ports.imap, user, password });
    return await session.waitForSubject(subject);
  };

  beforeAll(async () => {
    if (!runs) return;
    fixture = await startFixture(engine);
    stack = await startMailstack({ ...fixture.options, quotaStatus: engine === 'sqlite' });
  }, 60_000);

  afterAll(async () => {
    await stack?.stop();
    await fixture?.[Symbol.asyncDispose]();
  }, 60_000);

  const test = it.skipIf(!runs);

  test('delivers a message, readable over IMAP', async () => {
    const result = await deliver('alice@one.test', 'hello', { text: 'line one\n.hidden dot\n' });
    expect(result).toMatchObject({ sent: true, rejected: [], accepted: [{ address: 'alice@one.test', code: 250 }] });
    expect(await received('alice@one.test', 'hello')).toContain('\r\n.hidden dot\r\n');
    const count = await until('the quota row', 5, async () => {
      const rows = await fixture.sql("SELECT messages FROM consumption WHERE username = 'alice@one.test'");
      return rows.trim() || undefined;
    });
    expect(count).toBe('1');
    expect(await fixture.sql('SELECT email FROM account WHERE last_login IS NOT NULL')).toBe('alice@one.test\n');
  }, 30_000);

  test('refuses an unknown recipient, a foreign domain and a wrong password', async () => {
    const result = await sendMail({
      port: stack.ports.smtp,
      from: outside,
      to: ['nobody@one.test', 'someone@elsewhere.test'],
    });
    expect(result.sent).toBe(false);
    expect(result.rejected.map(({ address, code }) => [address, code])).toEqual([
      ['nobody@one.test', 550],
      ['someone@elsewhere.test', 554],
    ]);
    expect(await loginFails({ port: stack.ports.imap, user: 'alice@one.test', password: 'wrong' })).toBe(true);
  }, 30_000);

  test('delivers to UTF-8 local parts, with and without SMTPUTF8 on the client side', async () => {
    for (const smtpUtf8 of ['auto', 'never'] as const) {
      const subject = `utf8 ${smtpUtf8}`;
      const result = await sendMail({ port: stack.ports.smtp, from: outside, to: 'élise@one.test', subject, smtpUtf8 });
      expect(result.sent, JSON.stringify(result)).toBe(true);
      await received('élise@one.test', subject);
    }
    // alias, tag, upper case, domain alias
    for (const to of ['équipe@one.test', 'élise+tag@one.test', 'ÉLISE@one.test', 'élise@alias.test']) {
      await deliver(to, `to ${to}`);
      await received('élise@one.test', `to ${to}`);
    }
    expect((await deliver('elise@one.test', 'another person')).rejected[0]?.code).toBe(550);
  }, 60_000);

  test('delivers mail from a UTF-8 sender to an ASCII mailbox', async () => {
    await deliver('alice@one.test', 'from afar', { from: 'ünï@elsewhere.test' });
    expect(await received('alice@one.test', 'from afar')).toContain('From: <ünï@elsewhere.test>');
  }, 30_000);

  test('sends out for authenticated owners of the sender address only', async () => {
    const submit = (user: string, from: string, subject: string) =>
      sendMail({ port: stack.ports.submission, starttls: true, auth: { user, password }, from, to: outside, subject });
    for (const user of ['alice@one.test', 'élise@one.test']) {
      expect(await submit(user, user, `from ${user}`)).toMatchObject({ auth: { code: 235 }, sent: true });
      expect(await stack.waitForSink((message) => message.subject === `from ${user}`)).toMatchObject({
        from: user,
        to: [outside],
      });
    }
    expect((await submit('alice@one.test', 'small@one.test', 'forged')).rejected[0]?.code).toBe(553);
    const anonymous = await sendMail({ port: stack.ports.smtp, from: 'alice@one.test', to: 'alice@one.test' });
    expect(anonymous.rejected[0]).toMatchObject({ code: 553 });
  }, 30_000);

  test('forwards to the outside and asks for patience while a mailbox moves', async () => {
    await deliver('outside@one.test', 'forward me');
    expect((await stack.waitForSink((message) => message.subject === 'forward me')).to).toEqual([outside]);
    await fixture.sql("INSERT INTO moving VALUES ('alice@one.test')");
    expect((await deliver('alice@one.test', 'later')).rejected[0]).toMatchObject({ code: 450 });
    await fixture.sql('DELETE FROM moving');
    expect(await stack.postmap('sql-aliases.cf', 'team@one.test')).toBe('alice@one.test');
    expect(await stack.postmap('sql-aliases.cf', 'nothing@one.test')).toBeUndefined();
  }, 30_000);

  test('tells the sender that a mailbox is over its quota', async () => {
    const text = `${'x'.repeat(70)}\n`;
    expect((await deliver('small@one.test', 'too big', { text: text.repeat(20_000) })).sent).toBe(true);
    const bounce = await stack.waitForSink((message) => message.from === '' && message.to.includes(outside));
    expect(bounce.raw).toContain('552 5.2.2');

    await deliver('small@one.test', 'fits', { text: text.repeat(13_000) });
    await received('small@one.test', 'fits');
    await using session = await imap({ port: stack.ports.imap, user: 'small@one.test', password });
    const quota = await session.quota();
    expect(quota?.storage?.limit).toBe(1_048_576);
    expect(quota?.storage?.used).toBeGreaterThan(900_000);
    if (engine !== 'sqlite') return;
    // with the quota service, a client that announces the size is refused at once
    const refused = await sendMail({
      port: stack.ports.smtp,
      from: outside,
      to: 'small@one.test',
      subject: 'no room',
      size: 400_000,
    });
    expect(refused.rejected[0]).toMatchObject({ code: 552 });
  }, 30_000);
});

describe('mail rig with a second hop for SMTPUTF8', () => {
  const runs = requireSuite('mail');

  it.skipIf(!runs)(
    'delivers for a UTF-8 domain and keeps the mark on mail for the outside',
    async () => {
      await using fixture = await startFixture('sqlite');
      await using stack = await startMailstack({ ...fixture.options, smtpUtf8: 'two-hop' });
      await fixture.sql(`INSERT INTO hosted_alias VALUES ('exämple.test', 'one.test');
      INSERT INTO forwarding VALUES ('@exämple.test', '@one.test');`);
      const { ports } = stack;
      const user = 'élise@one.test';
      const result = await sendMail({
        port: ports.smtp,
        from: 'ü@ünï.test',
        to: 'élise@exämple.test',
        subject: 'two hops',
      });
      expect(result.sent, JSON.stringify(result)).toBe(true);
      await using session = await imap({ port: ports.imap, user, password });
      await session.waitForSubject('two hops');

      const to = 'ünï@elsewhere.test';
      await sendMail({ port: ports.submission, auth: { user, password }, from: user, to, subject: 'outward' });
      expect(await stack.waitForSink((message) => message.subject === 'outward')).toMatchObject({
        from: user,
        to: [to],
        smtpUtf8: true,
      });
    },
    60_000,
  );
});
