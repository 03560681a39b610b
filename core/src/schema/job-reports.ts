import { migration } from '@posthorn/sdk';

/** Who started a job, and what it has to say about single things. */
export const jobReports = migration({
  name: 'core/0003-job-reports',
  after: ['core/0002-sessions'],
  up: (ddl) => [
    // No reference: the name stays readable after the account has gone.
    ...ddl.addColumn('core_job', 'started_by_id', { type: 'integer', nullable: true }),
    ...ddl.addColumn('core_job', 'started_by', { type: 'string(254)', nullable: true }),
    // Rows reported by the latest run, kept or not.
    ...ddl.addColumn('core_job', 'reported', { type: 'integer', default: 0 }),
    ...ddl.createTable('core_job_report', {
      columns: {
        id: { type: 'id' },
        job_id: { type: 'integer', references: { table: 'core_job', onDelete: 'cascade' } },
        subject: { type: 'text' },
        // A `Text` of the SDK as JSON, translated where it is shown.
        said: { type: 'text' },
      },
      indexes: [['job_id', 'id']],
    }),
  ],
  down: (ddl) => [
    ...ddl.dropTable('core_job_report'),
    ...['reported', 'started_by', 'started_by_id'].flatMap((column) => ddl.dropColumn('core_job', column)),
  ],
});
