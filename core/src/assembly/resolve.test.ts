import { defineExtension, type ExtensionDefinition } from '@posthorn/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolve, sdkSatisfies } from './resolve.js';

const extension = (id: string, more: Partial<ExtensionDefinition> = {}): ExtensionDefinition =>
  defineExtension({ id, version: '1.0.0', sdk: '^1.0.0', title: id, ...more });
const ids = (list: readonly { id: string }[]) => list.map((d) => d.id);

describe('resolve', () => {
  it('puts what is needed first and breaks ties by id', () => {
    const { order, problems } = resolve(
      [
        extension('c', { requires: { a: '^1.0.0' } }),
        extension('b'),
        extension('a', { optional: { b: '^1.0.0', z: '^1.0.0' } }),
      ],
      '1.2.0',
    );
    expect(ids(order)).toEqual(['b', 'a', 'c']);
    expect(problems).toEqual([]);
  });

  it('names every problem at once and leaves out who has one, with its dependents', () => {
    const { order, problems } = resolve(
      [
        extension('old', { sdk: '^0.9.0' }),
        extension('lost', { requires: { nowhere: '^1.0.0' } }),
        extension('needs-old', { requires: { old: '^1.0.0' } }),
        extension('picky', { optional: { fine: '^2.0.0' } }),
        extension('fine'),
      ],
      '1.2.0',
    );
    expect(ids(order)).toEqual(['fine']);
    expect(problems).toEqual([
      { extension: 'lost', reason: 'requires nowhere ^1.0.0, which is not enabled' },
      { extension: 'needs-old', reason: 'requires old, which cannot be enabled' },
      { extension: 'old', reason: 'built for sdk ^0.9.0, this host has 1.2.0' },
      { extension: 'picky', reason: 'works with fine ^2.0.0, found 1.0.0' },
    ]);
  });

  it('names a cycle and keeps the rest', () => {
    const { order, problems } = resolve(
      [extension('a', { requires: { b: '*' } }), extension('b', { requires: { a: '*' } }), extension('c')],
      '1.2.0',
    );
    expect(ids(order)).toEqual(['c']);
    expect(problems.map((p) => p.reason)).toEqual(['is part of a cycle: a → b → a', 'is part of a cycle: a → b → a']);
  });

  it('does not mistake ids of Object.prototype for extensions', () => {
    const { problems } = resolve([extension('a', { requires: { constructor: '*' } })], '1.2.0');
    expect(problems).toHaveLength(1);
  });

  it('orders any acyclic set so that nothing comes before what it needs', () => {
    const graph = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(graph, (edges) => {
        const set = edges.map((to, i) =>
          extension(`e${i}`, { requires: Object.fromEntries(i === 0 ? [] : to.map((n) => [`e${n % i}`, '^1.0.0'])) }),
        );
        const { order, problems } = resolve(set.reverse(), '1.0.0');
        expect(problems).toEqual([]);
        const at = new Map(order.map((d, i) => [d.id, i]));
        for (const d of order)
          for (const id of Object.keys(d.requires ?? {})) expect(at.get(id)).toBeLessThan(at.get(d.id) as number);
      }),
    );
  });

  it('lets extensions try a pre-release host', () => {
    expect(sdkSatisfies('1.4.0-rc.1', '^1.4.0')).toBe(true);
    expect(sdkSatisfies('1.3.0', '^1.4.0')).toBe(false);
  });
});
