import { describe, expect, it } from 'vitest';
import type { Revisions } from './revision.js';
import { RevisionWatch } from './revision-watch.js';

function watched(now: { value: Revisions | Error }) {
  const seen: string[] = [];
  const note =
    (level: string) =>
    (_fields: object, message: string): void => {
      seen.push(`${level}: ${message}`);
    };
  const watch = new RevisionWatch({
    built: { revision: 1, assembly: 1 },
    async read() {
      if (now.value instanceof Error) throw now.value;
      return now.value;
    },
    onParameters: (revision) => void seen.push(`parameters ${revision}`),
    onAssembly: (assembly) => void seen.push(`assembly ${assembly}`),
    log: { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') },
  });
  return { watch, seen };
}

describe('the watch over the revision', () => {
  it('catches up with what a client knows, and says when it takes another generation', async () => {
    const now: { value: Revisions | Error } = { value: { revision: 1, assembly: 1 } };
    const { watch, seen } = watched(now);
    expect(watch.catchUp({ revision: 1, assembly: 1 })).toBeUndefined();
    now.value = { revision: 2, assembly: 1 };
    expect(await watch.catchUp({ revision: 2, assembly: 1 })).toBe(false);
    expect(seen).toEqual(['parameters 2']);
    expect(watch.catchUp({ revision: 2, assembly: 1 })).toBeUndefined();
    // A number that the database does not know: nothing to wait for.
    expect(await watch.catchUp({ revision: 9, assembly: 9 })).toBe(false);
    now.value = { revision: 3, assembly: 2 };
    expect(await watch.catchUp({ revision: 3, assembly: 2 })).toBe(true);
    expect(seen).toContain('assembly 2');
  });

  it('does not take a look that began before the change for an answer', async () => {
    const gate = Promise.withResolvers<Revisions>();
    const answers = [gate.promise, Promise.resolve({ revision: 2, assembly: 1 })];
    const read: number[] = [];
    const silent = () => {};
    const watch = new RevisionWatch({
      built: { revision: 1, assembly: 1 },
      read: () => answers.shift() ?? Promise.reject(new Error('asked too often')),
      onParameters: (revision) => void read.push(revision),
      onAssembly: silent,
      log: { debug: silent, info: silent, warn: silent, error: silent },
    });
    const looking = watch.look();
    const caughtUp = watch.catchUp({ revision: 2, assembly: 1 });
    gate.resolve({ revision: 1, assembly: 1 });
    await looking;
    expect(await caughtUp).toBe(false);
    expect(read).toEqual([2]);
  });

  it('follows parameters once and asks for another assembly until it is replaced', async () => {
    const now: { value: Revisions | Error } = { value: { revision: 1, assembly: 1 } };
    const { watch, seen } = watched(now);
    await watch.look();
    expect(seen).toEqual([]);
    now.value = { revision: 2, assembly: 1 };
    await watch.look();
    await watch.look();
    expect(seen).toEqual(['parameters 2']);
    now.value = { revision: 3, assembly: 2 };
    await watch.look();
    await watch.look();
    expect(seen).toEqual(['parameters 2', 'parameters 3', 'assembly 2', 'assembly 2']);
  });

  it('says once that the database is away and once that it is back', async () => {
    const now: { value: Revisions | Error } = { value: new Error('away') };
    const { watch, seen } = watched(now);
    await watch.look();
    await watch.look();
    now.value = { revision: 1, assembly: 1 };
    await watch.look();
    await watch.look();
    expect(seen).toEqual([
      'warn: the database does not answer; serving on without it',
      'info: the database answers again',
    ]);
  });

  it('asks the database once however many ask', async () => {
    let asked = 0;
    const watch = new RevisionWatch({
      built: { revision: 1, assembly: 1 },
      async read() {
        asked += 1;
        return { revision: 1, assembly: 1 };
      },
      onParameters: () => {},
      onAssembly: () => {},
      log: { debug() {}, info() {}, warn() {}, error() {} },
    });
    await Promise.all([watch.look(), watch.look(), watch.look()]);
    expect(asked).toBe(1);
  });

  it('asks anew where no answer comes', async () => {
    const seen: number[] = [];
    let asked = 0;
    const watch = new RevisionWatch({
      built: { revision: 1, assembly: 1 },
      read: () => (asked++ === 0 ? new Promise(() => {}) : Promise.resolve({ revision: 1, assembly: 2 })),
      onParameters: () => {},
      onAssembly: (assembly) => void seen.push(assembly),
      log: { debug() {}, info() {}, warn() {}, error() {} },
      answerMs: 50,
    });
    await watch.look();
    expect(seen).toEqual([]);
    await watch.look();
    expect(seen).toEqual([2]);
  });
});
