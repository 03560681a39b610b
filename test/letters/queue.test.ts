/** Letters as they wait: in the transaction of their cause, encrypted, tried again, given up when they are too old. */
import { createServer } from 'node:net';
import { letters } from '@posthorn/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LettersService } from '../../core/src/letters/letters-service.js';
import { freePort, requireSuite } from '../kit/src/servers/index.js';
import { type Post, post } from './acme.js';

const code = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'accepted',
    (error: { code?: string }) => String(error.code),
  );

describe.each(['sqlite', 'postgresql', 'mariadb'] as const)('letters on %s', (dialect) => {
  const runs = dialect === 'sqlite' || requireSuite(dialect);
  const test = it.skipIf(!runs);
  let p: Post;
  let now = new Date();

  beforeAll(async () => {
    if (!runs) return;
    p = await post({ database: dialect, clock: () => now });
  }, 60_000);
  afterAll(async () => p?.[Symbol.asyncDispose]());

  test('are not written while no server is set', async () => {
    expect(await p.context.get(letters).isSetUp()).toBe(false);
    expect(await p.send()).toBeNull();
    expect(await code(p.set({ smtp_host: 'localhost' }))).not.toBe('accepted');
    await p.set({ smtp_host: '127.0.0.1', smtp_port: await freePort(), sender_address: 'noreply@one.test' });
    expect(await p.context.get(letters).isSetUp()).toBe(true);
  });

  test('need a known template, an address and a value for every placeholder', async () => {
    const { send } = p.context.get(letters);
    const service = p.context.get(letters);
    const data = { name: 'a', what: 'b' };
    expect(await code(send.call(service, { to: 'a@b.test', template: 'acme.none', data }))).toBe('E_LETTER_UNKNOWN');
    for (const to of ['a', 'a@b.test\r\nBcc: c@d.test', 'A <a@b.test>', 'a@b.test, c@d.test'])
      expect(await code(service.send({ to, template: 'acme.hello', data })), to).toBe('E_LETTER_ADDRESS');
    for (const wrong of [{}, { name: 'a' }, { ...data, more: 'c' }, { name: 'a', whose: 'b' }])
      expect(await code(service.send({ to: 'a@b.test', template: 'acme.hello', data: wrong as never }))).toBe(
        'E_LETTER_DATA',
      );
  });

  test('go with the transaction of their cause', async () => {
    let id: number | null = null;
    const work = p.context.data.write(async () => {
      id = await p.send();
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(id).not.toBeNull();
    expect(await p.context.data.execute('select id from core_job where id = ?', [id])).toEqual([]);
  });

  test('keep what they say from whoever reads the database', async () => {
    const id = await p.send({ what: 'the-secret-word' });
    const [row] = await p.context.data.execute<{ payload: string }>('select payload from core_job where id = ?', [id]);
    expect(row?.payload).toContain('acme.hello');
    expect(row?.payload).not.toContain('the-secret-word');
    expect(row?.payload).not.toContain('Alice');
  });

  test('are tried again while the server is away, and given up when they are too old', async () => {
    const id = await p.send();
    const first = await p.run(id);
    expect(first).toMatchObject({ outcome: 'retry', error: expect.stringContaining('ECONNREFUSED') });
    const before = now;
    now = new Date(before.getTime() + 49 * 3_600_000);
    expect(await p.run(id)).toMatchObject({ outcome: 'done' });
    now = before;
    expect((await p.reported(id)).join()).toContain('ECONNREFUSED');
  });

  test('are tried again when a server speaks no SMTP, or refuses the encryption that is asked for', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.write('220 plain.test\r\n');
      socket.on('data', (data) => socket.write(/^EHLO/i.test(String(data)) ? '250 plain.test\r\n' : '221 bye\r\n'));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    await p.set({ smtp_port: port, smtp_encryption: 'starttls' });
    const result = await p.run(await p.send());
    expect(result?.outcome).toBe('retry');
    expect(result?.error).toMatch(/SSL|TLS/i);
    await p.set({ smtp_encryption: 'none', smtp_port: await freePort() });
    await new Promise((done) => server.close(done));
  });

  test('have the words of an administrator, once they are checked', async () => {
    const root = await p.host.account({ role: 'SuperAdmins' });
    const path = '/core/letters/acme.hello/en/';
    const page = await root.get(path);
    expect(page.text).toContain('Dear {{name}},');
    for (const text of ['Dear {{nobody}}', 'Dear {{ name }}', '{{#if name}}', '']) {
      const answer = await root.post(path, { subject: 'x', text, act: 'save' });
      expect(answer.status, text).toBe(422);
    }
    expect(await p.context.data.execute('select * from core_letter_text')).toEqual([]);
    const preview = await root.post(path, { subject: 'Hi', text: 'To {{name}} <i>', act: 'preview' });
    expect(preview.html).toContain('To [Who] &lt;i&gt;');
    expect(await p.context.data.execute('select * from core_letter_text')).toEqual([]);
    const saved = await root.post(path, { subject: 'Hi', text: 'To {{name}}\r\n\r\nBye', act: 'save' });
    expect(saved.notices.join()).toContain('The letter was saved.');
    const [row] = await p.context.data.execute<{ body: string }>('select body from core_letter_text');
    expect(row?.body).toBe('To {{name}}\n\nBye');
    await root.post(path, { subject: 'Hi', text: 'To {{name}}\n\nSee you', act: 'save' });
    const [changed] = await p.context.data.execute<{ changes: string }>(
      "select changes from core_audit where kind = 'letter-text' order by id desc limit 1",
    );
    expect(changed?.changes).toContain('See you');
    expect(changed?.changes).toContain('Bye');
    await root.post(path, { subject: 'Hi', text: 'To {{name}}\n\nBye', act: 'save' });
    const id = await p.send({ name: 'Anna' });
    const [letter] = await p.context.data.execute<{ payload: string }>('select payload from core_job where id = ?', [
      id,
    ]);
    const service = p.context.get(letters) as unknown as LettersService;
    expect(await service.open(JSON.parse(letter?.payload ?? ''))).toMatchObject({
      subject: 'Hi',
      text: 'To Anna\n\nBye\n',
    });
    await root.post(path, { act: 'reset' });
    expect(await p.context.data.execute('select * from core_letter_text')).toEqual([]);
    const plain = await p.host.account({ role: 'SimpleUsers' });
    expect((await plain.get('/core/letters/')).status).toBe(403);
  });

  test('tell whoever started a job of its end, where he wants that', async () => {
    const starter = await p.host.kernel.accounts.create(p.host.system, {
      username: `starter-${dialect}`,
      role: 'SimpleUsers',
      passwordHash: '{PLAIN}Toto1234',
      secondary_email: 'starter@else.test',
    });
    const count = async (): Promise<number> => {
      await p.host.kernel.jobs.queue.enqueue('core.purge-jobs', null, { by: starter });
      await p.host.jobs.drain();
      const [row] = await p.context.data.execute(
        `select count(*) as n from core_job where name = 'letter' and payload like '%core.job-ended%starter%'
           or payload like '%starter@else.test%core.job-ended%'`,
      );
      return Number(row?.n);
    };
    expect(await count()).toBe(0);
    const visitor = await p.host.as(`starter-${dialect}`);
    const form = { language: 'en', time_zone: '', theme: 'auto', density: 'comfortable', landing: '' };
    await visitor.post('/user/preferences/', { ...form, job_letters: 'failed' });
    expect(await count()).toBe(0);
    await visitor.post('/user/preferences/', { ...form, job_letters: 'ended' });
    expect(await count()).toBe(1);
  });

  test('to administrators tell of a failed job once a day, and never of letters', async () => {
    await p.host.kernel.accounts.create(p.host.system, {
      username: `boss-${dialect}`,
      role: 'SuperAdmins',
      passwordHash: '{PLAIN}Toto1234',
      secondary_email: 'boss@else.test',
    });
    const waiting = async (): Promise<number> => {
      await p.host.jobs.drain();
      const [row] = await p.context.data.execute(
        `select count(*) as n from core_job where name = 'letter' and payload like '%core.job-failed%'`,
      );
      return Number(row?.n);
    };
    const fail = async (): Promise<void> => {
      await p.context.data.execute(
        `insert into core_job (extension, name, payload, run_at) values ('gone', 'work', 'null', 0)`,
      );
      const [row] = await p.context.data.execute<{ id: number }>(
        `select max(id) as id from core_job where name = 'work'`,
      );
      expect(await p.run(Number(row?.id))).toMatchObject({ outcome: 'failed' });
    };
    await fail();
    expect(await waiting()).toBe(1);
    await fail();
    expect(await waiting()).toBe(1);
    await p.set({ job_failure_letters: false });
    await p.context.data.execute(`delete from core_job where name = 'work'`);
    await fail();
    expect(await waiting()).toBe(1);
  });
});
