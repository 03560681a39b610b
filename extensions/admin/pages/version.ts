import { createHash } from 'node:crypto';

/** The version of what a form edits: changes with any of these values, however little time lies between two changes. */
export const versionOf = (...values: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(values)).digest('base64url').slice(0, 22);
