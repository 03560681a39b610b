/** `admin` is brought to another version while it answers calls, and every call finds one of them whole. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTempDir, removeTempDir, until } from '@posthorn/testkit/servers';
import { expect, it } from 'vitest';
import { run } from './instance.js';
import { nextVersion } from './next-version.js';
import { serve, sql } from './serving.js';

/** What its domains answer with, so that it is seen which version answers. */
const packNext = (folder: string): string =>
  nextVersion(folder, 'admin', 'admin_domain', (change) =>
    change(
      'dist/endpoints/domains.js',
      'name: z.string(),',
      "name: z.string().transform((name) => name + ' of the next'),",
    ),
  );

it('loses no call, and keeps what is made meanwhile', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = await makeTempDir('admin-upgrade');
  stack.defer(() => removeTempDir(folder));
  const directory = join(folder, 'i');
  const host = ['--hostname', 'mx.example.test', '--extensions', 'admin', '--no-input'];
  expect(await run(['init', directory, ...host])).toMatchObject({ code: 0 });
  const must = async (...args: string[]) => {
    const { code, stdout, stderr } = await run([...args, '--instance', directory]);
    expect(code, stderr).toBe(0);
    return stdout;
  };
  const secret = join(folder, 'secret');
  writeFileSync(secret, 'Wind-in-42-Weiden', { mode: 0o600 });
  await must('account', 'create', 'root', '--role', 'SuperAdmins', '--no-mailbox', '--password-file', secret);
  await must('domain', 'create', 'first.test');
  const token = (await must('token', 'create', 'root')).trim().split('\n').at(-1);
  const headers = { authorization: `Token ${token}`, 'content-type': 'application/json' };
  const serving = stack.use(await serve(directory, { env: { POSTHORN_READY_SECONDS: '25' } }));

  const failures: string[] = [];
  const names: string[] = [];
  let isOver = false;
  const load = Array.from({ length: 3 }, async (_, who) => {
    for (let n = 0; !isOver; n += 1) {
      const name = `d${n}.of-${who}.test`;
      const created = await serving.ask('/api/v1/domains/', {
        method: 'POST',
        headers,
        body: JSON.stringify({ name, quota: 0, default_mailbox_quota: 0 }),
      });
      const { status, body } = await serving.ask('/api/v1/domains/?limit=1', { headers });
      if (created.status !== 201 || status !== 200)
        failures.push(`${created.status} ${status} ${created.body} ${body}`);
      names.push(name);
    }
  });
  stack.defer(async () => {
    isOver = true;
    await Promise.all(load);
  });
  const firstName = async (): Promise<string> =>
    (JSON.parse((await serving.ask('/api/v1/domains/?search=first.test', { headers })).body) as { name: string }[])[0]
      ?.name ?? '';

  expect(await firstName()).toBe('first.test');
  const upgraded = JSON.parse(await must('extension', 'upgrade', 'admin', packNext(folder), '--json'));
  expect(upgraded).toMatchObject({ from: '0.1.0', version: '0.1.1', steps: 'admin/9001-next' });
  expect(await firstName()).toBe('first.test of the next');
  const before = names.length;
  await until('calls to go on', 20, () => names.length > before + 3);
  isOver = true;
  await Promise.all(load);
  expect(failures).toEqual([]);
  const stored = sql(directory, "select name from admin_domain where name <> 'first.test'").map(({ name }) => name);
  expect(stored.sort()).toEqual(names.toSorted());
  expect(await serving.stop()).toBe(0);
}, 180_000);
