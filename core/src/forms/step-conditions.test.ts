import { field, type StepCondition, type WizardStep } from '@posthorn/sdk';
import { describe, expect, it } from 'vitest';
import { fieldValue, skippedSteps, stepConditions } from './step-conditions.js';
import type { NamedTab } from './tab-list.js';

const shape = {
  kind: field.choice({ label: 'Kind', choices: ['plain', 'colored'] }).default('plain'),
  isBig: field.boolean({ label: 'Big' }),
  size: field.integer({ label: 'Size' }).default(1),
};
const step = (key: string, onlyIf?: StepCondition): NamedTab<never> => ({
  key,
  from: key,
  tab: { shape, conditions: {}, ...(onlyIf === undefined ? {} : { onlyIf }) } as unknown as WizardStep<never>,
});
const on = (of: string, name = 'kind'): StepCondition => ({ step: of, field: name, is: ['colored'] });

describe('conditions of steps', () => {
  it('look at fields of earlier steps; others are reported and do not count', () => {
    const reported: string[] = [];
    const found = stepConditions(
      [
        step('a', on('c')),
        step('b', on('a')),
        step('c', on('c')),
        step('d', on('a', 'nope')),
        step('e', on('a', 'toString')),
        step('f', on('elsewhere')),
      ],
      ({ key }, mistake) => reported.push(`${key}: ${mistake.message}`),
    );
    expect([...found.keys()]).toEqual(['b']);
    expect(reported).toEqual([
      'a: no earlier step c has a field kind',
      'c: no earlier step c has a field kind',
      'd: no earlier step a has a field nope',
      'e: no earlier step a has a field toString',
      'f: no earlier step elsewhere has a field kind',
    ]);
  });

  it('leave out what depends on a step that is left out', async () => {
    const conditions = new Map([
      ['b', on('a')],
      ['c', on('b')],
      ['d', { step: 'a', field: 'isBig', is: [true] }],
    ]);
    const skipped = (values: Record<string, string | boolean>) =>
      skippedSteps(['a', 'b', 'c', 'd'], conditions, async (of, name) => values[`${of}.${name}`]);
    expect([...(await skipped({ 'a.kind': 'colored', 'b.kind': 'colored', 'a.isBig': true }))]).toEqual([]);
    expect([...(await skipped({ 'a.kind': 'plain', 'b.kind': 'colored', 'a.isBig': 'true' }))]).toEqual([
      'b',
      'c',
      'd',
    ]);
    expect([...(await skipped({}))]).toEqual(['b', 'c', 'd']);
  });

  it('are decided by what stands in the input, which is nothing where it is hidden', () => {
    const tab = { shape, conditions: { size: { field: 'isBig', is: [true] } } };
    expect(fieldValue(tab, 'kind', {}, undefined)).toBe('plain');
    expect(fieldValue(tab, 'kind', { kind: 'colored' }, undefined)).toBe('colored');
    expect(fieldValue(tab, 'kind', { kind: 'colored' }, (name) => (name === 'kind' ? 'plain' : undefined))).toBe(
      'plain',
    );
    expect(fieldValue(tab, 'isBig', { isBig: true }, () => undefined)).toBe(false);
    expect(fieldValue(tab, 'size', {}, (name) => (name === 'isBig' ? 'on' : '7'))).toBe('7');
    expect(fieldValue(tab, 'size', {}, (name) => (name === 'isBig' ? undefined : '7'))).toBeUndefined();
  });
});
