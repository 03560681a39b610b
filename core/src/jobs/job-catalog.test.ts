import type { Contributed, Job } from '@posthorn/sdk';
import { expect, test } from 'vitest';
import { JobCatalog } from './job-catalog.js';

const job = (id: string, o: Partial<Job> = {}): Contributed<Job> => ({
  from: 'x',
  item: { id, title: id, queue: 'default', timeoutMs: 1, retries: 0, run: async () => {}, ...o },
});

test('finds jobs by their full name and knows the queues', () => {
  const catalog = new JobCatalog([job('b', { queue: 'z' }), job('a'), job('c', { queue: 'z' })]);
  expect(catalog.get('x.a')).toMatchObject({ extension: 'x', name: 'a', fullName: 'x.a' });
  expect(catalog.get('a')).toBeUndefined();
  expect(catalog.queues()).toEqual(['default', 'z']);
  expect([...catalog].map((known) => known.fullName)).toEqual(['x.b', 'x.a', 'x.c']);
});

test.each([
  ['two of one name', [job('a'), job('a')], 'there are two jobs x.a'],
  ['an id that does not fit', [job('a'.repeat(101))], 'an id of 1 to 100'],
  ['no id', [job('')], 'an id of 1 to 100'],
  ['a queue that does not fit', [job('a', { queue: 'q'.repeat(31) })], 'a queue of 1 to 30'],
  ['no time', [job('a', { timeoutMs: 0 })], 'timeoutMs above 0'],
  ['a time that is none', [job('a', { timeoutMs: Number.NaN })], 'timeoutMs above 0'],
  ['fewer than no retries', [job('a', { retries: -1 })], 'retries of 0 or more'],
])('refuses %s', (_what, jobs, reason) => {
  expect(() => new JobCatalog(jobs)).toThrow(reason);
});
