import { migration } from '@posthorn/sdk';
import { letterIndexes } from './0002-search.js';

/**
 * PostgreSQL takes an index of letters for whole names as well, and for a hundred names at once it takes it for cheaper than
 * the unique key: a second instead of a millisecond. An index of what the searches alone ask for leaves names to the key.
 */
export const searchApart = migration({
  name: 'admin/0031-search-apart',
  after: ['admin/0002-search'],
  up: ({ dialect }) => (dialect === 'postgresql' ? [letterIndexes((column) => `lower(${column})`)] : []),
  down: ({ dialect }) => (dialect === 'postgresql' ? [letterIndexes((column) => column)] : []),
});
