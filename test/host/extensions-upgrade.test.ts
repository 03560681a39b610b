/** Extensions that come along are brought to another version while they answer calls; each call finds one of them whole. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTempDir, removeTempDir, until } from '@posthorn/testkit/servers';
import { expect, it } from 'vitest';
import { run } from './instance.js';
import { nextVersion } from './next-version.js';
import { serve, sql } from './serving.js';

const TABLES = {
  limits: 'limits_plan',
  relaydomains: 'relaydomains_recipientaccess',
  transport: 'transport_transport',
} as const;

it('loses no call, keeps what is made meanwhile, and no limit is passed', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = await makeTempDir('extensions-upgrade');
  stack.defer(() => removeTempDir(folder));
  const directory = join(folder, 'i');
  const host = ['--hostname', 'mx.example.test', '--extensions', 'all', '--no-input'];
  expect(await run(['init', directory, ...host])).toMatchObject({ code: 0 });
  const must = async (...args: string[]) => {
    const { code, stdout, stderr } = await run([...args, '--instance', directory]);
    expect(code, stderr).toBe(0);
    return stdout;
  };
  const secret = join(folder, 'secret');
  writeFileSync(secret, 'Wind-in-42-Weiden', { mode: 0o600 });
  for (const [name, role] of [
    ['root', 'SuperAdmins'],
    ['reseller', 'Resellers'],
  ] as const)
    await must('account', 'create', name, '--role', role, '--no-mailbox', '--password-file', secret);
  await must('limits', 'set', 'reseller', '--domains', '0');
  const tokenOf = async (name: string) => (await must('token', 'create', name)).trim().split('\n').at(-1);
  const headersOf = (token: string | undefined) => ({
    authorization: `Token ${token}`,
    'content-type': 'application/json',
  });
  const root = headersOf(await tokenOf('root'));
  const reseller = headersOf(await tokenOf('reseller'));
  const serving = stack.use(await serve(directory, { env: { POSTHORN_READY_SECONDS: '25' } }));

  const failures: string[] = [];
  const names: string[] = [];
  let isOver = false;
  const relay = (name: string) => ({
    name,
    transport: { service: 'relay', _settings: '{"relay_target_host": "mx.example.net", "relay_target_port": 25}' },
  });
  const ask = async (expected: number, headers: Record<string, string>, path: string, body?: object) => {
    const { status, body: said } = await serving.ask(`/api/v1/${path}`, {
      headers,
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    if (status !== expected) failures.push(`${path}: ${status} ${said}`);
  };
  const load = Array.from({ length: 2 }, async (_, who) => {
    for (let n = 0; !isOver; n += 1) {
      const name = `d${n}.of-${who}.test`;
      await ask(201, root, 'relaydomains/', relay(name));
      names.push(name);
      await ask(201, root, 'transports/', { pattern: `x@${name}`, service: 'autoreply', next_hop: '' });
      await ask(403, reseller, 'domains/', { name: `never${n}.of-${who}.test` });
      await ask(200, root, 'transports/?limit=1');
    }
  });
  stack.defer(async () => {
    isOver = true;
    await Promise.all(load);
  });

  for (const [id, table] of Object.entries(TABLES)) {
    const packed = nextVersion(folder, id, table);
    expect(JSON.parse(await must('extension', 'upgrade', id, packed, '--json'))).toMatchObject({
      from: '0.1.0',
      version: '0.1.1',
      steps: `${id}/9001-next`,
    });
    const before = names.length;
    await until('calls to go on', 20, () => names.length > before + 2);
  }
  isOver = true;
  await Promise.all(load);
  expect(failures).toEqual([]);
  const column = (text: string) => sql(directory, text).map(({ name }) => name);
  expect(column('select name from admin_domain').sort()).toEqual(names.toSorted());
  const own = `select pattern as name from transport_transport where service = 'relay' and pattern not like '%@%'`;
  expect(column(own).sort()).toEqual(names.toSorted());
  expect(await serving.stop()).toBe(0);
}, 240_000);
