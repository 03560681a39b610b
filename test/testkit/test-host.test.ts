import { fileURLToPath } from 'node:url';
import admin from '@posthorn/admin';
import { domainCreated, domainQuery, domains, mayCreate } from '@posthorn/admin/contract';
import { defineExtension, job, page, view } from '@posthorn/sdk';
import { testHost } from '@posthorn/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const example = fileURLToPath(new URL('../e2e/example-extension/', import.meta.url));

/** A test that needs a site of its own is rare: these share one. */
let host: Awaited<ReturnType<typeof testHost>>;
beforeAll(async () => {
  host = await testHost({ with: [admin, example] });
  await host.context('admin').get(domains).create(host.system, { name: 'a.test' });
});
afterAll(() => host?.[Symbol.asyncDispose]());

describe('a test host', () => {
  it('takes little of the processor', async () => {
    const costs: number[] = [];
    for (let n = 0; n < 5; n += 1) {
      const before = process.cpuUsage();
      await using another = await testHost({ with: [admin] });
      const { user, system } = process.cpuUsage(before);
      costs.push((user + system) / 1_000);
      expect(another.kernel.generation.has('admin')).toBe(true);
    }
    expect(Math.min(...costs)).toBeLessThan(150);
  });

  it('shows pages as those see them who hold the permission, and as others do', async () => {
    const root = await host.admin();
    const list = await root.get('/admin/domains/');
    expect(list.status).toBe(200);
    expect(list.title).toBe('Domains');
    expect(list.table.map((row) => row['Name'] ?? Object.values(row)[0])).toHaveLength(1);
    expect(list.text).toContain('a.test');
    expect(list.menu).toContainEqual({ label: 'Counting', href: '/example/' });

    const user = await host.account({ role: 'SimpleUsers' });
    expect((await user.get('/user/')).menu.map(({ label }) => label)).not.toContain('Counting');
    expect((await user.get('/example/')).status).toBe(403);
    expect((await host.guest.get('/example/')).url).toContain('/accounts/login/');
  });

  it('reads and sends the tabs of a form, with their mistakes', async () => {
    const root = await host.admin();
    const before = await root.get('/admin/domains/a.test/edit/');
    expect(before.tab('notes').field('note')).toMatchObject({ label: 'Note', value: '', kind: 'text' });
    const saved = await before.tab('notes').submit({ note: 'Ask Anna' });
    expect(saved.issues).toEqual([]);
    expect(saved.notices.join()).toContain('The domain was saved.');
    const after = await root.get('/admin/domains/a.test/edit/');
    expect(after.tab('notes').field('note').value).toBe('Ask Anna');

    const refused = await after.tab('notes').submit({ note: 'one\nline too many' });
    expect(refused.status).toBe(422);
    expect(refused.issues).toHaveLength(1);
    expect(refused.tab('notes').field('note').error).not.toBe('');
    expect(() => after.tab('nothing')).toThrow('no tab nothing');
    expect(() => after.tab('notes').field('wrong')).toThrow('only note');
  });

  it('listens where a test wants it to', async () => {
    const create = (name: string) => host.context('admin').get(domains).create(host.system, { name });
    const guard = host.hook(mayCreate).deny('The shop is closed.');
    await expect(create('b.test')).rejects.toThrow('The shop is closed.');
    expect(guard.calls).toMatchObject([{ kind: 'domain', count: 1 }]);

    guard.throws(new Error('a broken guard'));
    await expect(create('b.test')).rejects.toMatchObject({ code: 'E_EXTENSION_FAILED' });
    expect(host.reports.map(({ message }) => message)).toContain('testkit: admin.may-create@1: a broken guard');

    guard.hangs();
    await expect(create('b.test')).rejects.toMatchObject({ code: 'E_EXTENSION_FAILED' });
    expect(host.reports.at(-1)?.message).toContain('no answer in 2000 ms');

    const heard = host.hook(domainCreated);
    const sent = host.sent.length;
    guard.reset();
    await create('b.test');
    expect(host.hook(mayCreate).calls).toHaveLength(1);
    await expect.poll(() => heard.calls).toMatchObject([{ domain: { name: 'b.test' } }]);
    expect(host.sent.slice(sent)).toMatchObject([{ signal: 'admin.domain-created@1', from: 'admin' }]);

    const filter = host.hook(domainQuery).answer({ ids: [] });
    expect(await Array.fromAsync(host.context('admin').get(domains).list(host.system))).toEqual([]);
    filter.reset();
    expect(await Array.fromAsync(host.context('admin').get(domains).list(host.system))).toHaveLength(2);
  });

  it('lists no signal of a transaction that was rolled back', async () => {
    const sent = host.sent.length;
    const { data, get } = host.context('admin');
    const work = data.write(async () => {
      await get.call(host.context('admin'), domains).create(host.system, { name: 'gone.test' });
      throw new Error('never mind');
    });
    await expect(work).rejects.toThrow('never mind');
    expect(host.sent.length).toBe(sent);
  });

  it('runs command lines', async () => {
    const made = await host.command(['domain', 'create', 'c.test', '--json']);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(made.stdout)).toMatchObject({ name: 'c.test' });
    const refused = await host.command(['domain', 'create', 'c.test']);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('c.test');
    expect((await host.command(['nonsense'])).code).toBe(2);
  });

  it('switches extensions; probes stay where they are', async () => {
    const probe = host.hook(mayCreate).reset();
    const root = await host.admin();
    await expect(host.disable('admin')).rejects.toThrow('example requires admin');
    await host.disable('example');
    expect((await root.get('/example/')).status).toBe(404);
    await host.context('admin').get(domains).create(host.system, { name: 'd.test' });
    expect(probe.calls).toHaveLength(1);
    await host.enable('example');
    expect((await root.get('/example/')).status).toBe(200);
    expect((await root.get('/admin/domains/a.test/edit/')).tab('notes').field('note').value).toBe('Ask Anna');
  });
});

const ran: string[] = [];
const timed = defineExtension({
  id: 'timed',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Timed',
  contributes: [
    job({ id: 'hourly', title: 'Hourly', cron: '0 * * * *', run: async () => void ran.push('hourly') }),
    job({
      id: 'told',
      title: 'Told',
      run: async (payload) => void ran.push(JSON.stringify(payload)),
    }),
    page({ path: '/timed/', permission: 'signed-in', load: async () => view('host:front', 'Timed') }),
  ],
});

describe('its clock', () => {
  it('lets jobs become due and sessions end', async () => {
    await using later = await testHost({ with: [timed] });
    expect(await later.jobs.drain()).toEqual([]);
    await later.clock.advance('90m');
    expect((await later.jobs.drain()).filter(({ job }) => job === 'timed.hourly')).toMatchObject([{ outcome: 'done' }]);
    await later.kernel.jobs.queue.enqueue('timed.told', 1, { runAt: new Date(Date.now() + 3_600_000) });
    expect(await later.jobs.drain()).toEqual([]);
    await later.clock.advance('1h');
    expect((await later.jobs.drain()).map(({ job }) => job)).toContain('timed.told');
    expect(await later.jobs.run('timed.told', { n: 2 })).toMatchObject({ outcome: 'done', attempt: 1 });
    expect(ran).toEqual(expect.arrayContaining(['hourly', '1', '{"n":2}']));

    const root = await later.admin();
    expect((await root.get('/user/')).status).toBe(200);
    const before = later.context('timed').now();
    await later.clock.advance('60d');
    expect(later.context('timed').now().getTime() - before.getTime()).toBeGreaterThanOrEqual(60 * 86_400_000);
    expect((await root.get('/user/')).url).toContain('/accounts/login/');
    await expect(later.clock.advance('soon')).rejects.toThrow('not a duration');
  });
});

describe('its processes', () => {
  it('serve the same installation', async () => {
    const adminFolder = fileURLToPath(new URL('../../extensions/admin/', import.meta.url));
    await using real = await testHost({ with: [adminFolder] });
    const processes = await real.processes(2);
    expect(new Set(processes.map(({ pid }) => pid)).size).toBe(2);
    for (const { url } of processes) expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await processes[0]?.stop()).toBe(0);
    await expect(host.processes(1)).rejects.toThrow('other processes cannot have admin');
  });
});
