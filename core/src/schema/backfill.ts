import { migration } from '@posthorn/sdk';

/** When an extension's backfill ran last, who had started it, and why it failed where it did; see `backfill/`. */
export const backfillColumns = migration({
  name: 'core/0050-backfill',
  after: ['core/0001-initial'],
  up: (ddl) => [
    ...ddl.addColumn('core_extension', 'backfilled_at', { type: 'timestamp', nullable: true }),
    ...ddl.addColumn('core_extension', 'backfilled_by', { type: 'string(254)', nullable: true }),
    ...ddl.addColumn('core_extension', 'backfill_error', { type: 'text', nullable: true }),
  ],
  down: (ddl) =>
    ['backfilled_at', 'backfilled_by', 'backfill_error'].flatMap((name) => ddl.dropColumn('core_extension', name)),
});
