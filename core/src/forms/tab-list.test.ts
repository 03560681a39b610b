import type { FormTab } from '@posthorn/sdk';
import { describe, expect, it } from 'vitest';
import { elementId, namedTabs, ownerOf, savingOrder, stepOrder } from './tab-list.js';

const tab = (from: string, id: string) => ({ from, item: { id } as FormTab<never> });

describe('tabs', () => {
  it('keep apart where two extensions chose the same id', () => {
    const keys = namedTabs([tab('a', 'general'), tab('b', 'general'), tab('b', 'general'), tab('c', 'b-general')]);
    expect(keys.map((t) => t.key)).toEqual(['general', 'b-general', 'b-general-2', 'c-b-general']);
  });

  it('are saved owner first, whatever their place on the page', () => {
    const tabs = [{ from: 'b' }, { from: 'a', n: 1 }, { from: 'c' }, { from: 'a', n: 2 }];
    expect(savingOrder(tabs, ownerOf('a.editor@1')).map((t) => t.from)).toEqual(['a', 'a', 'b', 'c']);
    expect(ownerOf('host.parameters@1')).toBe('core');
  });

  it('are saved in their order as steps, after the one that makes what they are about', () => {
    const steps = [{ from: 'b' }, { from: 'a', n: 1 }, { from: 'c' }, { from: 'a', n: 2 }];
    expect(stepOrder(steps, 'a')).toEqual([{ from: 'a', n: 1 }, { from: 'b' }, { from: 'c' }, { from: 'a', n: 2 }]);
    expect(stepOrder(steps, 'nobody')).toEqual(steps);
  });

  it('have ids that a selector takes', () => {
    expect(elementId('general', 'first_name')).toBe('f-general-first_name');
    expect(elementId('a.b', 'c"d')).toMatch(/^[A-Za-z][\w-]*$/);
    expect(elementId('a-b', 'c')).not.toBe(elementId('a', 'b-c'));
  });
});
