import { defineExtension, field, parameterForm, parameters } from '@posthorn/sdk';
import { describe, expect, it } from 'vitest';
import { testHost } from '../kit/src/test-host.js';

const settings = parameters(
  'demo',
  'global',
  {
    low: field.integer({ label: 'Low', min: 0, max: 10 }).default(1),
    high: field.integer({ label: 'High', min: 0, max: 10 }).default(5),
    store: field.size({ label: 'Store' }).default(0),
    on: field.boolean({ label: 'On' }).default(true),
  },
  { title: 'Demo', check: (v) => (v.low > v.high ? [{ path: 'low', message: 'must not be above high' }] : []) },
);
const demo = defineExtension({
  id: 'demo',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Demo',
  parameters: [parameterForm(settings)],
});

describe('parameters', () => {
  it('have their defaults, take text, survive by name and raise the revision but not the assembly', async () => {
    await using host = await testHost({ with: [demo] });
    const c = host.context('demo');
    expect(await c.parameters(settings)).toEqual({ low: 1, high: 5, store: 0, on: true });
    const before = await host.kernel.revisionRow.read();
    await host.kernel.parameters.write(settings, { store: '2G', on: 'no' }, { text: true });
    expect(await c.parameters(settings)).toEqual({ low: 1, high: 5, store: 2048, on: false });
    const after = await host.kernel.revisionRow.read();
    expect(after).toEqual({ revision: before.revision + 1, assembly: before.assembly });
  });

  it('are refused one by one and together, and then nothing is stored', async () => {
    await using host = await testHost({ with: [demo] });
    await expect(host.kernel.parameters.write(settings, { low: 11 })).rejects.toMatchObject({
      kind: 'invalid',
      issues: [{ path: 'low' }],
    });
    await expect(host.kernel.parameters.write(settings, { low: 9 })).rejects.toMatchObject({
      issues: [{ path: 'low', message: 'must not be above high' }],
    });
    await expect(host.kernel.parameters.write(settings, { nope: 1 })).rejects.toMatchObject({
      issues: [{ path: 'nope' }],
    });
    await expect(host.kernel.parameters.write(settings, JSON.parse('{"__proto__": 1}'))).rejects.toMatchObject({
      issues: [{ path: '__proto__' }],
    });
    expect(await host.context('demo').parameters(settings)).toMatchObject({ low: 1, high: 5 });
  });

  it('fall back to the default where a stored value no longer fits, and keep keys they do not know', async () => {
    await using host = await testHost({ with: [demo] });
    await host.kernel.database.execute(
      "insert into core_parameter (extension, level, subject, version, value) values ('demo', 'global', 0, 1, ?)",
      [JSON.stringify({ low: 'many', later: 7 })],
    );
    expect(await host.context('demo').parameters(settings)).toMatchObject({ low: 1 });
    await host.kernel.parameters.write(settings, { high: 6 });
    const [row] = await host.kernel.database.execute<{ value: string }>(
      "select value from core_parameter where extension = 'demo'",
    );
    expect(JSON.parse(row?.value ?? '')).toMatchObject({ later: 7, high: 6 });
  });
});
