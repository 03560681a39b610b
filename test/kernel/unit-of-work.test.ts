import { defineExtension, hook, on, provide, service } from '@posthorn/sdk';
import { describe, expect, it } from 'vitest';
import { testHost } from '../kit/src/test-host.js';

const happened = hook.signal<{ readonly n: number }>('teller.happened@1');
const may = hook.guard<{ readonly n: number }>('teller.may@1');
const told: number[] = [];
const greeter = service<{ greet(): string }>('teller.greeter@1');
const missing = service<{ x: 1 }>('nobody.x@1');

const teller = defineExtension({
  id: 'teller',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Teller',
  services: [provide(greeter, (c) => ({ greet: () => `hello from ${c.extension}` }))],
});
const listener = defineExtension({
  id: 'listener',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Listener',
  requires: { teller: '^1.0.0' },
  taps: [
    on(happened, ({ n }) => void told.push(n)),
    on(may, ({ n }) => (n > 1 ? { deny: 'one is enough', code: 'E_LISTENER_ENOUGH' } : undefined)),
  ],
});

describe('the unit of work', () => {
  it('lets signals out after the commit, and never after a rollback', async () => {
    await using host = await testHost({ with: [teller, listener] });
    const c = host.context('teller');
    told.length = 0;
    await c.data.write(async () => {
      await c.call(happened, { n: 1 });
      await c.data.write(() => c.call(happened, { n: 2 }));
      expect(told).toEqual([]);
    });
    expect(told).toEqual([1, 2]);
    await expect(
      c.data.write(async () => {
        await c.call(happened, { n: 3 });
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(told).toEqual([1, 2]);
    await c.call(happened, { n: 4 });
    expect(told).toEqual([1, 2, 4]);
  });

  it('says which delivery it is, and has forgotten every event when the kernel ends', async () => {
    const deliveries: unknown[] = [];
    const counter = defineExtension({
      id: 'counter',
      version: '1.0.0',
      sdk: '^1.0.0',
      title: 'Counter',
      taps: [on(happened, (_event, { delivery, extension }) => void deliveries.push({ extension, ...delivery }))],
    });
    await using host = await testHost({ with: [teller, counter] });
    const c = host.context('teller');
    await c.call(happened, { n: 1 });
    await c.call(happened, { n: 2 });
    expect(deliveries).toEqual([1, 2].map(() => ({ extension: 'counter', id: expect.any(String), attempt: 1 })));
    expect(new Set(deliveries.map((d) => (d as { id: string }).id)).size).toBe(2);
    expect(await c.data.execute('select extension, hook from core_outbox')).toHaveLength(2);
    await host.kernel.outbox.close();
    expect(await c.data.execute('select id from core_outbox')).toEqual([]);
  });

  it('takes only events that can be stored, and says what is wrong with others', async () => {
    await using host = await testHost({ with: [teller] });
    await expect(host.context('teller').call(happened, { n: Number.NaN })).rejects.toThrow(
      'teller.happened@1: event.n is NaN',
    );
  });

  it('turns a refusal into a problem with the extension and its code, and rolls back', async () => {
    await using host = await testHost({ with: [teller, listener] });
    const c = host.context('teller');
    await c.call(may, { n: 1 });
    await expect(
      c.data.write(async () => {
        await c.data.execute("insert into core_grant (role, permission, extension) values ('r', 'p', 'x')");
        await c.call(may, { n: 2 });
      }),
    ).rejects.toMatchObject({ code: 'E_LISTENER_ENOUGH', kind: 'refused', exitCode: 5, message: 'one is enough' });
    expect(await c.data.execute("select 1 from core_grant where role = 'r'")).toEqual([]);
  });

  it('resolves services by reference, once per generation, and names one that is missing', async () => {
    await using host = await testHost({ with: [teller, listener] });
    const c = host.context('listener');
    expect(c.get(greeter).greet()).toBe('hello from teller');
    expect(c.get(greeter)).toBe(host.context('teller').get(greeter));
    expect(c.find(missing)).toBeUndefined();
    expect(() => c.get(missing)).toThrow(/listener asks for the service nobody.x@1/);
  });
});
