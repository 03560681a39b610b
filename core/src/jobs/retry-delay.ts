const FIRST_MS = 5_000;
const FACTOR = 4;
const LONGEST_MS = 3_600_000;

/**
 * Milliseconds between the failed `attempt` (from 1) and the next: 5 s, 20 s, 80 s … at most an hour, each a quarter
 * shorter or longer by chance, so that jobs that failed together do not come back together.
 */
export function retryDelay(attempt: number, random: () => number = Math.random): number {
  const middle = Math.min(FIRST_MS * FACTOR ** (attempt - 1), LONGEST_MS);
  return Math.round(middle * (0.75 + random() / 2));
}
