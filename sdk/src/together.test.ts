import { expect, it } from 'vitest';
import type { ExtensionContext } from './context.js';
import { problems } from './problem.js';
import { together } from './together.js';

const problem = problems('demo', {
  E_DEMO_REFUSED: { kind: 'refused', message: 'No.' },
  E_DEMO_AWAY: { kind: 'temporary', message: 'Later.' },
});

function host() {
  const logged: string[] = [];
  const say = (level: string) => (_fields: object, message: string) => void logged.push(`${level}: ${message}`);
  const log = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
  let writes = 0;
  const data = {
    async write<T>(work: () => Promise<T>): Promise<T> {
      writes += 1;
      return work();
    },
  };
  const context = { data, log } as unknown as Pick<ExtensionContext, 'data' | 'log'>;
  return { context, logged, writes: () => writes };
}

it('does all of them in one transaction, with an answer for each', async () => {
  const { context, writes, logged } = host();
  const no = problem('E_DEMO_REFUSED');
  expect(await together(context, [1, 2, 3], async (rows) => rows.map((row) => (row === 2 ? no : row * 10)))).toEqual([
    10,
    no,
    30,
  ]);
  expect([writes(), logged]).toEqual([1, []]);
  expect(await together(context, [], async () => [])).toEqual([]);
});

it.each([
  ['a refusal', problem('E_DEMO_REFUSED'), 'E_DEMO_REFUSED', []],
  [
    'an error',
    new Error('broken'),
    'E_ROW_FAILED',
    ['warn: many rows failed together; they are tried one by one', 'error: a row of many failed'],
  ],
  [
    'what is the fault of no row',
    problem('E_DEMO_AWAY'),
    'E_ROW_FAILED',
    ['warn: many rows failed together; they are tried one by one', 'error: a row of many failed'],
  ],
])('%s leaves the others done', async (_what, error, code, said) => {
  const { context, logged } = host();
  const asked: (readonly number[])[] = [];
  const answers = await together(context, [1, 2, 3], async (rows) => {
    asked.push(rows);
    if (rows.includes(2)) throw error;
    return rows;
  });
  expect(asked).toEqual([[1, 2, 3], [1], [2], [3]]);
  expect(answers).toMatchObject([1, { code }, 3]);
  expect(logged).toEqual(said);
});
