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
});
