import { hook, on, type Tap } from '@posthorn/sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ExtensionError } from '../watch/attribution.js';
import { HookTable } from './hooks.js';

const MINUTE = 60_000;
const happened = hook.signal<object>('demo.happened@1');
const value = hook.filter<object, number>('demo.value@1');
const gather = hook.collect<object, string>('demo.gather@1');
const first = hook.first<object, string>('demo.first@1');
const may = hook.guard<object>('demo.may@1');

let now: number;
let calls: number;
let isBroken: boolean;
let givenUp: ExtensionError[];
beforeEach(() => {
  now = 0;
  calls = 0;
  isBroken = true;
  givenUp = [];
});

/** A hook with one listener that fails as long as `isBroken`. */
function listening(ref: Pick<Tap['hook'], 'id'>) {
  const hooks = new HookTable(() => {}, { now: () => now, onGivenUp: (error) => givenUp.push(error) });
  const run = (): never => {
    calls += 1;
    if (isBroken) throw new Error('boom');
    return undefined as never;
  };
  hooks.add('acme', on(ref as typeof happened, run));
  hooks.freeze();
  return { hooks, call: () => hooks.find(ref.id)?.({}, 1) };
}

const times = async (n: number, work: () => unknown): Promise<void> => {
  for (let i = 0; i < n; i += 1) await work();
};

describe.each([happened, value, gather, first])('a failing listener of a $kind', (ref) => {
  it('is left out for a minute after five failures within one', async () => {
    const { call } = listening(ref);
    await times(5, call);
    await times(5, call);
    expect(calls).toBe(5);
    now = MINUTE - 1;
    await call();
    expect(calls).toBe(5);
    now = MINUTE;
    isBroken = false;
    await times(3, call);
    expect(calls).toBe(8);
  });

  it('is tried once when the minute is over, and given up after three rounds', async () => {
    const { call, hooks } = listening(ref);
    await times(5, call);
    now = MINUTE;
    await times(3, call);
    expect([calls, givenUp.length]).toEqual([6, 0]);
    now = 2 * MINUTE;
    await times(3, call);
    expect(calls).toBe(7);
    expect(givenUp.map(({ extension, at }) => [extension, at])).toEqual([['acme', ref.id]]);
    now = 100 * MINUTE;
    await call();
    expect(calls).toBe(7);
    expect(hooks.watched().map(({ breaker }) => breaker.state)).toEqual(['given-up']);
  });
});

describe('the breaker', () => {
  it('does not open for failures that lie further apart', async () => {
    const { call } = listening(happened);
    await times(20, async () => {
      await call();
      now += MINUTE / 4;
    });
    expect(calls).toBe(20);
  });

  it('forgets the rounds before a trial that succeeds', async () => {
    const { call } = listening(happened);
    await times(5, call);
    now = MINUTE;
    await call();
    now = 2 * MINUTE;
    isBroken = false;
    await call();
    isBroken = true;
    await times(5, call);
    expect(givenUp).toEqual([]);
  });

  it('lets one call try at a time', async () => {
    let running = 0;
    let most = 0;
    const hooks = new HookTable(() => {}, { now: () => now });
    const run = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((done) => setTimeout(done, 5));
      running -= 1;
      if (isBroken) throw new Error('boom');
    };
    hooks.add('acme', on(happened, run));
    hooks.freeze();
    const call = () => hooks.find(happened.id)?.({});
    await times(5, call);
    now = MINUTE;
    most = 0;
    isBroken = false;
    await Promise.all([call(), call(), call()]);
    expect(most).toBe(1);
  });

  it('never leaves out a guard', async () => {
    const { call } = listening(may);
    await times(30, async () => {
      expect(await call()).toMatchObject({ from: 'acme', code: 'E_EXTENSION_FAILED' });
    });
    expect(calls).toBe(30);
  });

  it('is closed again when what was given up is lifted', async () => {
    const { call, hooks } = listening(happened);
    for (const { breaker } of hooks.watched()) breaker.setGivenUp(true);
    await call();
    expect(calls).toBe(0);
    for (const { breaker } of hooks.watched()) breaker.setGivenUp(false);
    await call();
    expect(calls).toBe(1);
  });
});
