/** `admin` is brought to another version while it answers calls, and every call finds one of them whole. */
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeTempDir, removeTempDir, until } from '@posthorn/testkit/servers';
import { expect, it } from 'vitest';
import { run } from './instance.js';
import { serve, sql } from './serving.js';

const source = fileURLToPath(new URL('../../extensions/admin/', import.meta.url));

/** The package as it is built, with another number, a schema step more and a field more in what it answers. */
function nextVersion(folder: string): string {
  const path = join(folder, 'admin');
  for (const part of ['dist', 'locales', 'views', 'package.json'])
    cpSync(join(source, part), join(path, part), { recursive: true });
  const change = (file: string, from: string | RegExp, to: string) => {
    const before = readFileSync(join(path, file), 'utf8');
    const after = before.replace(from, to);
    expect(after, file).not.toBe(before);
    writeFileSync(join(path, file), after);
  };
  change('package.json', '"version": "0.1.0"', '"version": "0.1.1"');
  change('dist/index.js', "version: '0.1.0'", "version: '0.1.1'");
  change('dist/index.js', 'import ', "import { migration as nextStep } from '@posthorn/sdk';\nimport ");
  change(
    'dist/index.js',
    /migrations: \[([^\]]+)\]/,
    `migrations: [$1, nextStep({ name: 'admin/9001-next',
      up: (ddl) => ddl.addColumn('admin_domain', 'next', { type: 'boolean', default: false }),
      down: (ddl) => ddl.dropColumn('admin_domain', 'next') })]`,
  );
  change(
    'dist/endpoints/domains.js',
    'name: z.string(),',
    "name: z.string().transform((name) => name + ' of the next'),",
  );
  const said = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: path, encoding: 'utf8' });
  return join(folder, said.trim().split('\n').at(-1) ?? '');
}

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
  const upgraded = JSON.parse(await must('extension', 'upgrade', 'admin', nextVersion(folder), '--json'));
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
