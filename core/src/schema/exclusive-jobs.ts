import { migration } from '@posthorn/sdk';

/** Jobs that run one after the other. */
export const exclusiveJobs = migration({
  name: 'core/0060-exclusive-jobs',
  after: ['core/0001-initial'],
  up: (ddl) => [
    // What a run needs, and what it holds while it lasts: the second is unique, so that two processes never both have it.
    ...ddl.addColumn('core_job', 'exclusive_key', { type: 'string(190)', nullable: true }),
    ...ddl.addColumn('core_job', 'held_key', { type: 'string(190)', nullable: true, unique: true }),
    ...ddl.createIndex('core_job', ['exclusive_key', 'state']),
  ],
  down: (ddl) => [
    ...ddl.dropIndex('core_job', ['exclusive_key', 'state']),
    ...['held_key', 'exclusive_key'].flatMap((column) => ddl.dropColumn('core_job', column)),
  ],
});
