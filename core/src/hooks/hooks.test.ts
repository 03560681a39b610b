import { hook, on, type Tap } from '@posthorn/sdk';
import { describe, expect, it } from 'vitest';
import { ExtensionError, running } from '../watch/attribution.js';
import { Spots } from '../watch/spots.js';
import { wheelState } from './deadline-wheel.js';
import { HookTable } from './hooks.js';

const happened = hook.signal<{ n: number }>('demo.happened@1');
const may = hook.guard<{ n: number }>('demo.may@1', { timeoutMs: 60 });
const value = hook.filter<{ by: number }, number>('demo.value@1');
const gather = hook.collect<{ n: number }, string>('demo.gather@1');
const first = hook.first<{ n: number }, string>('demo.first@1', { timeoutMs: 60 });

function table(...taps: readonly (readonly [string, Tap])[]) {
  const reports: ExtensionError[] = [];
  const spots = new Spots();
  const hooks = new HookTable((e) => reports.push(e), { spots });
  for (const [from, tap] of taps) hooks.add(from, tap);
  hooks.freeze();
  return {
    reports,
    call: (ref: { id: string }, event: unknown, second?: unknown) => hooks.find(ref.id)?.(event, second),
    spots,
  };
}

const boom = (): never => {
  throw new Error('boom');
};

describe('the failure policy of each kind', () => {
  it('reports a signal listener that throws and still calls the others', async () => {
    const seen: string[] = [];
    const t = table(['a', on(happened, boom)], ['b', on(happened, () => void seen.push('b'))]);
    await t.call(happened, { n: 1 });
    expect(seen).toEqual(['b']);
    expect(t.reports.map((r) => [r.extension, r.at])).toEqual([['a', 'demo.happened@1']]);
  });

  it('counts a guard that throws as a refusal, with its name', async () => {
    const t = table(['a', on(may, boom)]);
    expect(await t.call(may, { n: 1 })).toMatchObject({ from: 'a', code: 'E_EXTENSION_FAILED' });
  });

  it('counts a guard that is late as a refusal and aborts it', async () => {
    let aborted = false;
    const t = table([
      'slow',
      on(may, async (_event, context) => {
        context.signal.addEventListener('abort', () => {
          aborted = true;
        });
        await new Promise(() => {});
        return undefined;
      }),
    ]);
    expect(await t.call(may, { n: 1 })).toMatchObject({ from: 'slow', deny: 'slow: demo.may@1: no answer in 60 ms' });
    expect(aborted).toBe(true);
  });

  it('keeps the value when a filter throws', async () => {
    const t = table(['a', on(value, (v, e) => v + e.by)], ['b', on(value, boom)], ['c', on(value, async (v) => v * 2)]);
    expect(await t.call(value, { by: 2 }, 1)).toBe(6);
    expect(t.reports).toHaveLength(1);
  });

  it('gathers single values and lists, with who gave them', async () => {
    const t = table(
      ['a', on(gather, () => ['x', 'y'])],
      ['b', on(gather, boom)],
      ['c', on(gather, async () => 'z')],
      ['d', on(gather, () => undefined)],
    );
    expect(await t.call(gather, { n: 1 })).toEqual([
      { from: 'a', value: 'x' },
      { from: 'a', value: 'y' },
      { from: 'c', value: 'z' },
    ]);
  });

  it('takes the first answer and skips one that throws or hangs', async () => {
    const t = table(
      ['a', on(first, boom)],
      ['b', on(first, () => new Promise<string>(() => {}))],
      ['c', on(first, () => 'found')],
      ['d', on(first, () => 'later')],
    );
    expect(await t.call(first, { n: 1 })).toBe('found');
    expect(t.reports.map((r) => r.extension)).toEqual(['a', 'b']);
  });
});

describe('deliveries', () => {
  it('are told to the listeners of signals, and to no others', async () => {
    const seen: unknown[] = [];
    const t = table(
      ['a', on(happened, (_event, { delivery }) => void seen.push(delivery))],
      [
        'b',
        on(may, (_event, context) => {
          seen.push('delivery' in context && context.delivery);
          return undefined;
        }),
      ],
    );
    await t.call(happened, { n: 1 }, { id: 'x', attempt: 2 });
    await t.call(may, { n: 1 });
    expect(seen).toEqual([{ id: 'x', attempt: 2 }, undefined]);
  });
});

describe('order and attribution', () => {
  it('calls in dependency order, and by `order` where one is given', async () => {
    const seen: string[] = [];
    const say = (name: string) => () => void seen.push(name);
    const t = table(
      ['a', on(happened, say('a'))],
      ['b', on(happened, say('b'), { order: -1 })],
      ['c', on(happened, say('c'))],
    );
    await t.call(happened, { n: 1 });
    expect(seen).toEqual(['b', 'a', 'c']);
  });

  it('runs every listener in its own frame, also after it awaited', async () => {
    const frames: string[] = [];
    const t = table([
      'a',
      on(happened, async () => {
        await null;
        frames.push(`${running.getStore()?.extension} ${running.getStore()?.at}`);
      }),
    ]);
    await t.call(happened, { n: 1 });
    expect(frames).toEqual(['a demo.happened@1']);
    expect(running.getStore()).toBeUndefined();
  });

  it('keeps two taps of one function apart', async () => {
    let calls = 0;
    const count = () => void calls++;
    const t = table(['a', on(happened, count)], ['b', on(happened, count)]);
    await t.call(happened, { n: 1 });
    expect(calls).toBe(2);
    expect(t.spots.figures().spots.map((s) => [s.extension, s.calls])).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
  });

  it('refuses two kinds under one id', () => {
    const hooks = new HookTable(() => {});
    hooks.add(
      'a',
      on(happened, () => {}),
    );
    expect(() =>
      hooks.add(
        'b',
        on(hook.guard<{ n: number }>('demo.happened@1'), () => undefined),
      ),
    ).toThrow(/is a signal, but b taps it as a guard/);
  });

  it('survives a reporter that throws', async () => {
    const hooks = new HookTable(boom);
    hooks.add('a', on(gather, boom));
    hooks.freeze();
    expect(await hooks.find(gather.id)?.({ n: 1 })).toEqual([]);
  });

  it('does not overflow the stack with two thousand synchronous listeners', async () => {
    const t = table(...Array.from({ length: 2000 }, (_, i) => [`e${i}`, on(value, (v) => v + 1)] as const));
    expect(await t.call(value, { by: 1 }, 0)).toBe(2000);
  });

  it('leaves the deadline wheel empty, and it stops by itself', async () => {
    const t = table(['a', on(gather, async () => 'x')]);
    await t.call(gather, { n: 1 });
    expect(wheelState().pending).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(wheelState().isRunning).toBe(false);
  });
});
