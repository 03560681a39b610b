import { type Contribution, command, field, messages, type PrintableRow, plainText } from '@posthorn/sdk';
import type { JobCommandParts } from './commands.js';
import type { JobDriver } from './driver.js';
import { JobCatalog } from './job-catalog.js';
import { cancelJob, findJob, retryJob } from './job-control.js';
import { allReportRows } from './report-rows.js';

const t = messages('host');

const one = {
  noun: 'jobs',
  permission: 'core.manage_jobs',
  positional: ['id'] as const,
  input: { id: field.integer({ label: t('The id of the job'), min: 1 }) },
};

/** `posthorn jobs retry`, `cancel` and `report`. */
export const jobControlCommands = (parts: JobCommandParts): Contribution[] => [
  command({
    ...one,
    verb: 'retry',
    summary: t('Let a failed job begin anew.'),
    examples: ['jobs retry 17'],
    async run({ id }, context) {
      await retryJob(parts.driver(), new JobCatalog(parts.jobs()), id);
      context.out.note(t('The job {{id}} waits for its next run.', { id }));
    },
  }),
  command({
    ...one,
    verb: 'cancel',
    summary: t('End a waiting or running job.'),
    examples: ['jobs cancel 17'],
    async run({ id }, context) {
      await cancelJob(parts.driver(), id);
      context.out.note(t('The job {{id}} was cancelled.', { id }));
    },
  }),
  command({
    ...one,
    verb: 'report',
    summary: t('List what a job reported about single things.'),
    examples: ['jobs report 17', 'jobs report 17 --json'],
    async run({ id }, context) {
      await findJob(parts.driver(), id);
      await context.out.list(printed(parts.driver(), id), ['subject', 'message']);
    },
  }),
];

async function* printed(driver: JobDriver, id: number): AsyncGenerator<PrintableRow> {
  for await (const { subject, text } of allReportRows(driver, id)) yield { subject, message: plainText(text) };
}
