import type { ExtensionContext } from './context.js';
import { isProblem, type Problem, problems } from './problem.js';

const problem = problems('host', {
  E_ROW_FAILED: { kind: 'failure', message: 'An error stopped this one; the log says more.' },
});

/**
 * Does something to many rows in one transaction. Where something stops all of them, that is taken back and each row gets
 * a transaction of its own, so that the verdicts are those of one after the other and no row is lost with its neighbours.
 * Answers for each, in order, with what `work` gave for it: a problem says that nothing was done to that row. An error
 * that is no problem goes to the log and counts as one. Call it outside of `data.write`, with as many rows as SQLite can
 * spare 250 ms for.
 * @public @since 1.0.0
 */
export async function together<Row, T>(
  context: Pick<ExtensionContext, 'data' | 'log'>,
  rows: readonly Row[],
  work: (rows: readonly Row[]) => Promise<readonly (T | Problem)[]>,
): Promise<readonly (T | Problem)[]> {
  const { data, log } = context;
  if (rows.length > 1) {
    try {
      return await data.write(() => work(rows));
    } catch (error) {
      if (!isOfARow(error)) log.warn({ err: error }, 'many rows failed together; they are tried one by one');
    }
  }
  const answers: (T | Problem)[] = [];
  for (const row of rows) {
    try {
      answers.push(...(await data.write(() => work([row]))));
    } catch (error) {
      if (!isOfARow(error)) log.error({ err: error }, 'a row of many failed');
      answers.push(isOfARow(error) ? error : problem('E_ROW_FAILED', {}, { cause: error }));
    }
  }
  return answers;
}

/** What a row may be refused for; anything else is ours. */
const isOfARow = (error: unknown): error is Problem => isProblem(error) && error.status < 500;
