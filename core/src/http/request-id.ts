import { randomUUID } from 'node:crypto';

/** Short and without anything that could break a log line or a header. */
const VALID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

/** The id a request goes by: the caller's own where it is harmless, otherwise a fresh one. */
export const requestId = (given: string | readonly string[] | undefined): string =>
  typeof given === 'string' && VALID.test(given) ? given : randomUUID();
