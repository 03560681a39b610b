import { isProblem, orProblem, type Problem } from '@posthorn/sdk';

/** Does the same to each that is no problem yet; what `work` throws stands in its place. */
export async function each<T, R>(
  items: readonly (T | Problem)[],
  work: (item: T) => R | Promise<R>,
): Promise<readonly (R | Problem)[]> {
  const done: (R | Problem)[] = [];
  for (const item of items) done.push(isProblem(item) ? item : await orProblem(() => work(item)));
  return done;
}
