import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  defineExtension,
  type ExtensionDefinition,
  field,
  instance,
  on,
  type ParametersChanged,
  parameterForm,
  parameters,
  parametersChanged,
} from '@posthorn/sdk';
import { describe, expect, it, vi } from 'vitest';
import { type TestHost, testHost } from '../kit/src/test-host.js';

const shape = {
  server: field.string({ label: 'Server' }).default(''),
  token: field.secret({ label: 'Token' }).default(''),
  limit: field.integer({ label: 'Limit' }).default(3),
};
const settings = parameters('demo', 'global', shape, { title: 'Demo' });
const own = parameters('demo', 'user', { token: shape.token, size: shape.limit }, { title: 'Mine' });

const demo = (more: Partial<ExtensionDefinition> = {}): ExtensionDefinition =>
  defineExtension({
    id: 'demo',
    version: '1.0.0',
    sdk: '^1.0.0',
    title: 'Demo',
    parameters: [parameterForm(settings), parameterForm(own)],
    ...more,
  });

const rows = async ({ kernel }: TestHost) =>
  (
    await kernel.database.execute<{ level: string; version: number; value: string }>(
      "select level, version, value from core_parameter where extension = 'demo' order by id",
    )
  ).map((row) => ({ ...row, value: JSON.parse(row.value) as Record<string, unknown> }));

const put = ({ kernel }: TestHost, version: number, value: object) =>
  kernel.database.execute(
    "insert into core_parameter (extension, level, subject, version, value) values ('demo', 'global', 0, ?, ?)",
    [version, JSON.stringify(value)],
  );

describe('secrets among parameters', () => {
  it('are encrypted where they are stored, in a row of their own, and read in clear', async () => {
    await using host = await testHost({ with: [demo()] });
    await host.kernel.parameters.write(settings, { token: 'open sesame' });
    await host.kernel.parameters.writeUser(own, 7, { token: 'open sesame' });
    const stored = await rows(host);
    expect(JSON.stringify(stored)).not.toContain('sesame');
    expect(stored.map((row) => row.value['token'])).toEqual([
      { sealed: expect.stringMatching(/^v1\./) },
      { sealed: expect.stringMatching(/^v1\./) },
    ]);
    expect(stored[0]?.value['token']).not.toEqual(stored[1]?.value['token']);
    expect((await host.context('demo').parameters(settings)).token).toBe('open sesame');
    expect((await host.context('demo').parameters(own, 7)).token).toBe('open sesame');
    const file = join(host.config.directory, 'secrets', 'keys');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('do not open in another place, and stay where nothing opens them', async () => {
    await using host = await testHost({ with: [demo()] });
    await host.kernel.parameters.writeUser(own, 7, { token: 'of seven' });
    await host.kernel.database.execute("update core_parameter set subject = 8 where level = 'user'");
    expect((await host.context('demo').parameters(own, 8)).token).toBe('');
    await host.kernel.parameters.writeUser(own, 8, { size: 9 });
    await host.kernel.database.execute("update core_parameter set subject = 7 where level = 'user'");
    expect(await host.context('demo').parameters(own, 7)).toEqual({ token: 'of seven', size: 9 });
  });

  it('that were stored as plain text are sealed by the next writing', async () => {
    await using host = await testHost({ with: [demo()] });
    await put(host, 1, { token: 'plain' });
    await host.kernel.parameters.write(settings, { limit: 4 });
    expect(JSON.stringify(await rows(host))).not.toContain('plain');
    expect(await host.context('demo').parameters(settings)).toMatchObject({ token: 'plain', limit: 4 });
  });

  it('are sealed by a new key after a rotation, and open without the old one', async () => {
    await using host = await testHost({ with: [demo()] });
    await host.kernel.parameters.write(settings, { token: 'kept' });
    const file = join(host.config.directory, 'secrets', 'keys');
    const before = readFileSync(file, 'utf8');
    const id = host.kernel.keys.rotate();
    expect(await host.kernel.parameters.reseal()).toBe(1);
    expect(readFileSync(file, 'utf8').endsWith(before)).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const [row] = await rows(host);
    expect(row?.value['token']).toEqual({ sealed: expect.stringMatching(new RegExp(`^v1\\.${id}\\.`)) });
    host.kernel.parameters.refresh();
    expect((await host.context('demo').parameters(settings)).token).toBe('kept');
  });
});

describe('versions of parameters', () => {
  const second = parameters('demo', 'global', shape, {
    title: 'Demo',
    version: 3,
    upgrade: {
      1: ({ host, ...rest }) => ({ ...rest, server: host }),
      2: (old) => ({ ...old, limit: Number(old['limit']) * 10 }),
    },
  });
  const upgraded = demo({ parameters: [parameterForm(second)] });

  it('are brought up to date step by step, stored once, and keep keys that nobody knows', async () => {
    const statements: string[] = [];
    await using host = await testHost({ with: [upgraded], onStatement: (sql) => void statements.push(sql) });
    await put(host, 1, { host: 'a.test', limit: 2, later: 'x' });
    expect(await host.context('demo').parameters(second)).toMatchObject({ server: 'a.test', limit: 20 });
    expect(await rows(host)).toMatchObject([{ version: 3, value: { server: 'a.test', limit: 20, later: 'x' } }]);
    statements.length = 0;
    host.kernel.parameters.refresh();
    expect(await host.context('demo').parameters(second)).toMatchObject({ limit: 20 });
    expect(statements.filter((sql) => sql.startsWith('update'))).toEqual([]);
  });

  it('leave the row as it is where an upgrade fails, and name the extension', async () => {
    const broken = parameters('demo', 'global', shape, {
      title: 'Demo',
      version: 2,
      upgrade: {
        1: () => {
          throw new Error('no');
        },
      },
    });
    await using host = await testHost({ with: [demo({ parameters: [parameterForm(broken)] })] });
    await put(host, 1, { limit: 2 });
    await expect(host.context('demo').parameters(broken)).rejects.toMatchObject({
      code: 'E_PARAMETER_UPGRADE',
      text: { args: { extension: 'demo' } },
    });
    await expect(host.kernel.parameters.write(broken, { limit: 5 })).rejects.toMatchObject({
      code: 'E_PARAMETER_UPGRADE',
    });
    expect(await rows(host)).toMatchObject([{ version: 1, value: { limit: 2 } }]);
  });

  it('of a later extension are taken as they are by an earlier one', async () => {
    await using host = await testHost({ with: [demo()] });
    await put(host, 9, { limit: 2, unknown: [1] });
    expect(await host.context('demo').parameters(settings)).toMatchObject({ limit: 2 });
    await host.kernel.parameters.write(settings, { limit: 5 });
    expect((await rows(host))[0]?.value).toEqual({ limit: 5, unknown: [1] });
  });
});

describe('what is told of a change', () => {
  it('names the fields and the account, holds no value, and is silent where nothing changed', async () => {
    const heard: ParametersChanged[] = [];
    await using host = await testHost({
      with: [demo({ taps: [on(parametersChanged, (event) => void heard.push(event))] })],
    });
    await host.kernel.parameters.write(settings, { token: 'hush', limit: 3, server: 'b.test' });
    await host.kernel.parameters.writeUser(own, 7, { size: 1 });
    await host.kernel.parameters.write(settings, { limit: 3 });
    await host.kernel.parameters.write(settings, { limit: 4 });
    await vi.waitFor(() => expect(heard).toHaveLength(3));
    expect(heard).toEqual(
      expect.arrayContaining([
        { extension: 'demo', level: 'global', changed: ['server', 'token'] },
        { extension: 'demo', level: 'user', account: 7, changed: ['size'] },
        { extension: 'demo', level: 'global', changed: ['limit'] },
      ]),
    );
  });
});

describe('parameters and other extensions', () => {
  it('are read by whoever imports the reference, and may default to what the installation says', async () => {
    const computed = parameters('demo', 'global', shape, {
      title: 'Demo',
      defaults: (context) => ({ server: context.get(instance).hostname, limit: 'wrong' as never }),
    });
    const other = defineExtension({ id: 'other', version: '1.0.0', sdk: '^1.0.0', title: 'Other' });
    await using host = await testHost({ with: [demo({ parameters: [parameterForm(computed)] }), other] });
    expect(await host.context('other').parameters(computed)).toEqual({
      server: 'mail.example.test',
      token: '',
      limit: 3,
    });
    await host.kernel.parameters.write(computed, { server: 'c.test' });
    expect((await host.context('other').parameters(computed)).server).toBe('c.test');
  });

  it('have their plain defaults where computing them fails', async () => {
    const failing = parameters('demo', 'global', shape, {
      title: 'Demo',
      defaults: () => Promise.reject(new Error('no')),
    });
    await using host = await testHost({ with: [demo({ parameters: [parameterForm(failing)] })] });
    expect(await host.context('demo').parameters(failing)).toEqual({ server: '', token: '', limit: 3 });
  });
});
