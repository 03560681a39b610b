/** Letters through a real Postfix. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imap, type Mailstack, requireSuite, startMailstack } from '../kit/src/servers/index.js';
import { type Fixture, startFixture } from '../mail-rig/fixture.js';
import { type Post, post } from './acme.js';

const password = 'Toto1234';

describe('letters through Postfix', () => {
  const runs = requireSuite('mail');
  const test = it.skipIf(!runs);
  let fixture: Fixture;
  let stack: Mailstack;
  let p: Post;

  beforeAll(async () => {
    if (!runs) return;
    fixture = await startFixture('sqlite');
    stack = await startMailstack(fixture.options);
    p = await post();
    await p.set({ smtp_host: '127.0.0.1', smtp_port: stack.ports.trusted, sender_address: 'noreply@one.test' });
  }, 60_000);
  afterAll(async () => {
    await p?.[Symbol.asyncDispose]();
    await stack?.stop();
    await fixture?.[Symbol.asyncDispose]();
  }, 60_000);

  const received = async (subject: string): Promise<string> => {
    await using session = await imap({ port: stack.ports.imap, user: 'alice@one.test', password });
    return await session.waitForSubject(subject);
  };
  const head = (source: string): string => source.slice(0, source.indexOf('\r\n\r\n'));

  test('arrive with the headers that a letter by a program has', async () => {
    await p.set({ reply_to: 'help@one.test' });
    const id = await p.send({ name: 'Élise ✓', what: 'a < b' });
    expect(await p.run(id)).toMatchObject({ outcome: 'done', error: null });
    const source = await received('Hello Élise ✓');
    const headers = head(source);
    expect(headers).toMatch(/^Auto-Submitted: auto-generated\r?$/m);
    expect(headers).toMatch(/^Message-ID: <[0-9a-f-]{36}@one\.test>\r?$/m);
    expect(headers).toMatch(/^Date: /m);
    expect(headers).toMatch(/^From: "?Posthorn"? <noreply@one\.test>\r?$/m);
    expect(headers).toMatch(/^Reply-To: help@one\.test\r?$/m);
    expect(headers).toMatch(/^To: alice@one\.test\r?$/m);
    expect(headers).toMatch(/^Content-Type: multipart\/alternative/m);
    expect(source).toContain('a &#60; b');
    await p.set({ reply_to: '' });
  }, 30_000);

  test('take line breaks in no header, whichever field they come in', async () => {
    const evil = (n: number) => `break${n}\r\nBcc: small@one.test\r\nX-Evil: ${n}\r\n\r\nbody`;
    await p.set({ instance_name: 'Posthorn' });
    await p.run(await p.send({ name: evil(1), what: evil(2) }));
    const source = await received('Hello break1 Bcc: small@one.test X-Evil: 1 body');
    expect(head(source)).not.toMatch(/^(?:Bcc|X-Evil):/im);
    for (const name of [
      'sender_address',
      'reply_to',
      'administrator_addresses',
      'smtp_host',
      'smtp_user',
      'instance_name',
    ]) {
      const value = name === 'administrator_addresses' ? ['a@b.test\r\nX: y'] : 'a@b.test\r\nX-Evil: y';
      await expect(p.set({ [name]: value }), name).rejects.toThrow();
    }
  }, 30_000);

  test('go over STARTTLS with a user and a password, and not past a certificate that nobody knows', async () => {
    const set = { smtp_port: stack.ports.submission, smtp_encryption: 'starttls', sender_address: 'alice@one.test' };
    await p.set({ ...set, smtp_user: 'alice@one.test', smtp_password: password });
    const refused = await p.run(await p.send({ name: 'tls' }));
    expect(refused).toMatchObject({ outcome: 'retry', error: expect.stringMatching(/certificate/i) });
    await p.set({ smtp_verify: false });
    expect(await p.run(await p.send({ name: 'over TLS' }))).toMatchObject({ outcome: 'done' });
    expect(head(await received('Hello over TLS'))).toMatch(/ESMTPSA/);
    await p.set({ smtp_password: 'wrong' });
    const wrong = await p.run(await p.send());
    expect(wrong).toMatchObject({ outcome: 'retry', error: expect.stringContaining('535') });
    expect(wrong?.error).not.toContain('wrong');
    await p.set({ smtp_encryption: 'none', smtp_user: '', smtp_password: '', sender_address: 'noreply@one.test' });
    await p.set({ smtp_port: stack.ports.trusted, smtp_verify: true });
  }, 60_000);

  test('wait for a server that is down, and arrive once when it is up', async () => {
    await p.set({ smtp_port: 1 });
    const id = await p.send({ name: 'later' });
    expect(await p.run(id)).toMatchObject({ outcome: 'retry' });
    await p.set({ smtp_port: stack.ports.trusted });
    expect(await p.run(id)).toMatchObject({ outcome: 'done' });
    await received('Hello later');
  }, 30_000);

  test('are not sent again to a recipient who is refused for good, and that is reported', async () => {
    await p.set({ smtp_port: stack.ports.smtp, sender_address: 'noreply@else.test' });
    const id = await p.send({ to: 'nobody@one.test' });
    expect(await p.run(id)).toMatchObject({ outcome: 'done' });
    expect((await p.reported(id)).join()).toMatch(/RCPT TO: 550/);
    await p.set({ smtp_port: stack.ports.trusted, sender_address: 'noreply@one.test' });
  }, 60_000);

  test('can be tried at once, and the answer of the server is shown', async () => {
    const root = await p.host.account({ role: 'SuperAdmins' });
    expect((await root.get('/core/parameters/core/')).html).toContain('action="/core/parameters/core/letter-test/"');
    const sent = await root.post('/core/parameters/core/letter-test/', { to: 'alice@one.test' });
    expect(sent.notices.join()).toContain('250 2.0.0');
    await received('Test of the outgoing mail of Posthorn');
    const told = await p.host.command(['mail', 'test', 'alice@one.test', '--language', 'fr', '--json']);
    expect(told.code).toBe(0);
    expect(told.stdout).toContain('250 2.0.0');
    expect(await received('Essai du courrier sortant de Posthorn')).toMatch(/^Content-Language: fr\r?$/m);
    await p.set({ smtp_port: stack.ports.smtp, sender_address: 'noreply@else.test' });
    const refused = await root.post('/core/parameters/core/letter-test/', { to: 'nobody@one.test' });
    expect(refused.status).toBe(503);
    expect(refused.text).toContain('RCPT TO: 550');
    const failed = await p.host.command(['mail', 'test', 'nobody@one.test']);
    expect(failed.code).toBe(75);
    expect(failed.stderr).toContain('RCPT TO: 550');
  }, 60_000);
});
