import { describe, expect, it } from 'vitest';
import { bridge } from './bridge.js';
import { deprecated } from './deprecation.js';
import { type HookRef, hook } from './hook.js';
import { deprecatedField, slot } from './slot.js';

const mark = { since: '1.1.0', gone: '2.0.0', use: 'acme.thing@2' };
const one = hook.guard<object>('acme.thing@1');
const two = hook.guard<object>('acme.thing@2');

describe('a bridge', () => {
  it('leads to a later major', () => {
    const convert = (event: object) => event;
    expect(bridge(one, two, convert)).toEqual({ old: one, next: two, convert });
    expect(bridge(two, hook.guard<object>('acme.thing@10'), convert).next.id).toBe('acme.thing@10');
  });

  it.each<HookRef<'guard', object, void>>([
    one,
    hook.guard('acme.thing@0'),
    hook.guard('acme.other@2'),
    hook.first('acme.thing@2') as never,
  ])('leads nowhere else: %o', (next) => {
    expect(() => bridge(one, next, (event) => event)).toThrow(
      new TypeError(`${next.id} is no later major of acme.thing@1`),
    );
  });
});

describe('a mark', () => {
  it('leaves the reference as it was', () => {
    const ref = hook.signal<{ readonly id: number }>('acme.made@1', {
      subject: ({ id }) => `acme/${id}`,
      timeoutMs: 7,
    });
    expect(deprecated(ref, mark)).toEqual({ ...ref, deprecated: mark });
    expect(ref.deprecated).toBeUndefined();
  });

  it('may stand at several fields', () => {
    const shelf = slot<{ readonly a: string; readonly b: string; readonly c: string }>('acme.shelf@1');
    const marked = deprecatedField(deprecatedField(shelf, 'a', mark), 'b', mark);
    expect(marked).toEqual({ id: 'acme.shelf@1', deprecatedFields: { a: mark, b: mark } });
  });
});
