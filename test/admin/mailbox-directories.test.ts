import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import admin from '@posthorn/admin';
import { domains, mailboxes, trash } from '@posthorn/admin/contract';
import { jobQueue, parameters } from '@posthorn/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestHost, testHost } from '../kit/src/test-host.js';

let host: TestHost;
let root: string;
const passwordHash = '{PLAIN}Toto1234';

async function set(values: Record<string, unknown>): Promise<void> {
  const form = host.kernel.generation.order.find((d) => d.id === 'admin')?.parameters?.[0];
  if (form === undefined) throw new Error('admin has no parameters');
  await host.kernel.parameters.write(form as unknown as ReturnType<typeof parameters<Record<string, never>>>, values);
}

const maildir = async (address: string): Promise<string> => {
  const [local, domain] = address.split('@') as [string, string];
  const path = join(root, domain, local);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'mail'), `for ${address}`);
  return path;
};
const run = () => host.kernel.jobs.runner(['mailboxes']).drain();
/** What was enqueued with the changes themselves. */
const work = async () => (await run()).map((r) => r.outcome);
const waiting = () =>
  host.kernel.database.execute<{ type: string; argument: string }>(
    'select type, argument from admin_mailboxoperation order by id',
  );

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'posthorn-mail-'));
  host = await testHost({ with: [admin] });
  const c = host.context('admin');
  await c.get(domains).create(host.system, { name: 'one.test' });
  await c.get(mailboxes).create(host.system, { username: 'alice@one.test', passwordHash });
  await set({ mailboxes_root: root, mailboxes_owner: userInfo().username, handle_mailboxes: true, trash_days: 0 });
});
afterEach(async () => {
  await host[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

describe('the directories of mailboxes', () => {
  it('follow a rename, also two in a row and into another domain', async () => {
    const c = host.context('admin');
    await maildir('alice@one.test');
    await c.get(domains).create(host.system, { name: 'two.test' });
    await c.get(mailboxes).update(host.system, 'alice@one.test', { username: 'al@one.test' });
    await c.get(mailboxes).update(host.system, 'al@one.test', { username: 'alice@two.test' });
    expect(await waiting()).toHaveLength(2);
    expect(await work()).toEqual(['done']);
    expect(await readFile(join(root, 'two.test/alice/mail'), 'utf8')).toBe('for alice@one.test');
    expect(existsSync(join(root, 'one.test/alice'))).toBe(false);
    expect(await waiting()).toEqual([]);
  });

  it('follow a renamed domain', async () => {
    const c = host.context('admin');
    await maildir('alice@one.test');
    await c.get(domains).update(host.system, 'one.test', { name: 'new.test' });
    expect(await work()).toEqual(['done']);
    expect(await readFile(join(root, 'new.test/alice/mail'), 'utf8')).toBe('for alice@one.test');
  });

  it('go with a deleted account, unless they are to be kept', async () => {
    const c = host.context('admin');
    await c.get(mailboxes).create(host.system, { username: 'bob@one.test', passwordHash });
    const [alice, bob] = [await maildir('alice@one.test'), await maildir('bob@one.test')];
    await c.get(mailboxes).remove(host.system, 'alice@one.test');
    await c.get(mailboxes).remove(host.system, 'bob@one.test', { keepdir: true });
    expect(await work()).toEqual(['done']);
    expect([existsSync(alice), existsSync(bob)]).toEqual([false, true]);
  });

  it('are left where mail lies at the target already, and the work stays written down', async () => {
    const c = host.context('admin');
    await maildir('alice@one.test');
    await maildir('al@one.test');
    await c.get(mailboxes).update(host.system, 'alice@one.test', { username: 'al@one.test' });
    expect(await work()).toEqual(['failed']);
    expect(await waiting()).toHaveLength(1);
    expect(await readFile(join(root, 'one.test/alice/mail'), 'utf8')).toBe('for alice@one.test');
    expect(await readFile(join(root, 'one.test/al/mail'), 'utf8')).toBe('for al@one.test');
  });

  it('are never reached through a link, nor by an argument that is no address', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'posthorn-outside-'));
    await mkdir(join(outside, 'alice'));
    await writeFile(join(outside, 'alice/mail'), 'theirs');
    await symlink(outside, join(root, 'one.test'));
    await host.context('admin').get(mailboxes).remove(host.system, 'alice@one.test');
    await host.kernel.database.execute(
      "insert into admin_mailboxoperation (type, argument) values ('delete', '../..@one.test')",
    );
    expect(await work()).toEqual(['failed']);
    expect(await readFile(join(outside, 'alice/mail'), 'utf8')).toBe('theirs');
    await rm(outside, { recursive: true });
  });

  it('are touched by their owner only', async () => {
    await maildir('alice@one.test');
    await set({ mailboxes_owner: 'somebody' });
    await host.context('admin').get(mailboxes).remove(host.system, 'alice@one.test');
    expect(await work()).toEqual(['failed']);
    expect(existsSync(join(root, 'one.test/alice/mail'))).toBe(true);
  });

  it('are handled only where their folder is known', async () => {
    await set({ handle_mailboxes: false, mailboxes_root: '' });
    await expect(set({ handle_mailboxes: true })).rejects.toMatchObject({ issues: [{ path: 'handle_mailboxes' }] });
    for (const bad of ['relative', '/', '/a/../b', '/a"b', '/a/', '/a%b']) {
      await expect(set({ mailboxes_root: bad })).rejects.toMatchObject({ issues: [{ path: 'mailboxes_root' }] });
    }
  });
});

describe('directories of the trash', () => {
  const bin = () => host.context('admin').get(trash);
  const remove = (address: string) => host.context('admin').get(mailboxes).remove(host.system, address);
  const create = (username: string) =>
    host.context('admin').get(mailboxes).create(host.system, { username, passwordHash });
  const entries = async (): Promise<readonly number[]> => {
    const rows = await host.kernel.database.execute<{ id: number }>('select id from admin_trash order by id');
    return rows.map(({ id }) => id);
  };
  const mail = (path: string) => readFile(join(root, path, 'mail'), 'utf8');
  const deliver = (text: string) => writeFile(join(root, 'one.test/alice/mail'), text);
  beforeEach(() => set({ trash_days: 7 }));

  it('stay in place until the purge', async () => {
    const path = await maildir('alice@one.test');
    await remove('alice@one.test');
    expect(await waiting()).toEqual([]);
    expect(existsSync(path)).toBe(true);
    await bin().purge(host.system, (await entries())[0] ?? 0);
    expect(await work()).toEqual(['done']);
    expect(existsSync(path)).toBe(false);
  });

  it('stay for good where that was asked for', async () => {
    const path = await maildir('alice@one.test');
    await host.context('admin').get(mailboxes).remove(host.system, 'alice@one.test', { keepdir: true });
    await bin().purge(host.system, (await entries())[0] ?? 0);
    expect(await waiting()).toEqual([]);
    expect(existsSync(path)).toBe(true);
  });

  it('go aside before somebody else gets the address, and only those go with the purge', async () => {
    await maildir('alice@one.test');
    await remove('alice@one.test');
    const made = await create('alice@one.test');
    const [old = 0] = await entries();
    expect(await host.kernel.database.execute('select type, mailbox_id from admin_mailboxoperation')).toEqual([
      { type: 'move', mailbox_id: made.mailbox?.pk },
    ]);
    await work();
    expect(await mail(`.trash/${old}-alice@one.test`)).toBe('for alice@one.test');
    expect(existsSync(join(root, 'one.test/alice'))).toBe(false);
    await maildir('alice@one.test');
    await deliver('new');
    await bin().purge(host.system, old);
    await work();
    expect(existsSync(join(root, '.trash', `${old}-alice@one.test`))).toBe(false);
    expect(await mail('one.test/alice')).toBe('new');
  });

  it('two deletions of one address change places', async () => {
    await maildir('alice@one.test');
    await remove('alice@one.test');
    await create('alice@one.test');
    await work();
    await maildir('alice@one.test');
    await deliver('new');
    await remove('alice@one.test');
    const [old = 0, young = 0] = await entries();
    await bin().restore(host.system, old);
    await work();
    expect(await mail('one.test/alice')).toBe('for alice@one.test');
    expect(await mail(`.trash/${young}-alice@one.test`)).toBe('new');
    await remove('alice@one.test');
    await bin().restore(host.system, young);
    await work();
    expect(await mail('one.test/alice')).toBe('new');
    expect(await waiting()).toEqual([]);
  });

  it('go aside for a mailbox and a domain that are renamed to the address', async () => {
    const c = host.context('admin');
    await maildir('alice@one.test');
    await remove('alice@one.test');
    await create('al@one.test');
    await writeFile(join(await maildir('al@one.test'), 'mail'), 'al');
    await c.get(mailboxes).update(host.system, 'al@one.test', { username: 'alice@one.test' });
    await work();
    expect(await mail('one.test/alice')).toBe('al');
    await set({ auto_account_removal: true });
    await c.get(domains).remove(host.system, 'one.test');
    await c.get(domains).create(host.system, { name: 'two.test' });
    await create('alice@two.test');
    await writeFile(join(await maildir('alice@two.test'), 'mail'), 'two');
    await c.get(domains).update(host.system, 'two.test', { name: 'one.test' });
    await work();
    expect(await mail('one.test/alice')).toBe('two');
    const [, young = 0] = await entries();
    expect(await mail(`.trash/${young}-alice@one.test`)).toBe('al');
  });

  it('a rename that is still to be done is done for what comes back', async () => {
    const c = host.context('admin');
    await maildir('alice@one.test');
    await c.get(mailboxes).update(host.system, 'alice@one.test', { username: 'al@one.test' });
    await remove('al@one.test');
    await bin().restore(host.system, (await entries())[0] ?? 0);
    await work();
    expect(await mail('one.test/al')).toBe('for alice@one.test');
  });

  it('what has been there for seven days goes by itself', async () => {
    const path = await maildir('alice@one.test');
    await remove('alice@one.test');
    const runner = () => host.kernel.jobs.runner(['default']);
    const queue = host.context('admin').get(jobQueue);
    await queue.enqueue('admin.purge-trash', null);
    await runner().drain();
    expect(await entries()).toHaveLength(1);
    await host.kernel.database.execute('update admin_trash set deleted_at = ?', [
      new Date(Date.now() - 7 * 86_400_000 - 1_000),
    ]);
    await queue.enqueue('admin.purge-trash', null);
    await runner().drain();
    await work();
    expect([await entries(), existsSync(path)]).toEqual([[], false]);
  });
});

describe('an account that leaves by any way', () => {
  it('takes its mailbox, its internal alias and its quota row along', async () => {
    const account = await host.kernel.accounts.findByUsername('alice@one.test');
    if (account === null) throw new Error('alice is missing');
    await host.kernel.accounts.remove(host.system, account);
    for (const table of ['admin_mailbox', 'admin_alias', 'admin_aliasrecipient', 'admin_quota']) {
      expect([table, await host.kernel.database.execute(`select * from ${table}`)]).toEqual([table, []]);
    }
  });
});
