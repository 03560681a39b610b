import type { BulkAction, BulkFilter } from '../pages/bulk-list.js';

export const BULK_JOB = 'admin.bulk-change';

/** What was agreed to on the page. */
export interface BulkPayload {
  readonly list: string;
  readonly action: BulkAction;
  /** These rows, whatever the filter says. */
  readonly ids?: readonly string[];
  readonly filter: BulkFilter;
  /** Of a filter: rows that were made later are left alone. */
  readonly until: string;
  /** How many were meant then. */
  readonly total: number;
  readonly keepdir: boolean;
  /** Megabytes; of `quota`. */
  readonly quota?: number;
}
