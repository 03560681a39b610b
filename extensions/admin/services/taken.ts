import type { Problem } from '@posthorn/sdk';

/** A unique key refused a row: MikroORM names this error the same on every database. */
const isUniqueViolation = (error: unknown): boolean => {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at.name === 'UniqueConstraintViolationException') return true;
  }
  return false;
};

/**
 * Two may ask for the same name at the same moment; both find it free, and the database refuses the second. That one
 * gets the same answer as somebody who comes late.
 */
export async function orTaken<T>(work: () => Promise<T>, taken: () => Problem): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isUniqueViolation(error)) throw taken();
    throw error;
  }
}
