import { migration } from '@posthorn/sdk';

/** The token that asked for a job, whose rights the job has. */
export const jobToken = migration({
  name: 'core/0095-job-token',
  after: ['core/0003-job-reports', 'core/0020-tokens'],
  // No reference: a job whose token is gone must know that it had one.
  up: (ddl) => [
    ...ddl.addColumn('core_job', 'started_by_token', { type: 'integer', nullable: true }),
    ...ddl.createIndex('core_job', ['started_by_id', 'id']),
  ],
  down: (ddl) => [
    ...ddl.dropIndex('core_job', ['started_by_id', 'id']),
    ...ddl.dropColumn('core_job', 'started_by_token'),
  ],
});
