import {
  type Contributed,
  type Contribution,
  command,
  field,
  type Job,
  messages,
  type PrintableRow,
} from '@posthorn/sdk';
import { problem } from '../errors.js';
import { jobControlCommands } from './control-commands.js';
import { type JobDriver, type JobRow, jobStates } from './driver.js';
import { fullName, JobCatalog } from './job-catalog.js';
import type { JobResult, JobRunner } from './job-runner.js';

const t = messages('host');

export interface JobCommandParts {
  readonly driver: () => JobDriver;
  /** A runner that was not started. */
  readonly runner: (o: { readonly queues: string[] }) => JobRunner;
  readonly jobs: () => readonly Contributed<Job>[];
}

/** `posthorn jobs`. */
export const jobCommands = (parts: JobCommandParts): Contribution[] => [
  list(parts),
  run(parts),
  ...jobControlCommands(parts),
];

const list = (parts: JobCommandParts): Contribution =>
  command({
    noun: 'jobs',
    verb: 'list',
    summary: t('List jobs, newest first.'),
    examples: ['jobs list', 'jobs list --state failed --limit 20'],
    permission: 'core.manage_jobs',
    input: {
      state: field.choice({ label: t('Only jobs in this state'), choices: jobStates }).optional(),
      limit: field.integer({ label: t('At most so many'), min: 1, max: 100_000 }).default(100),
    },
    async run(input, context) {
      const rows = await parts
        .driver()
        .list({ limit: input.limit, ...(input.state === undefined ? {} : { state: input.state }) });
      await context.out.list(rows.map(printable));
    },
  });

const run = (parts: JobCommandParts): Contribution =>
  command({
    noun: 'jobs',
    verb: 'run',
    summary: t('Run the jobs that are due, or one job now, and exit.'),
    description: t('The exit code is 1 if a job failed, even if it will be tried again.'),
    examples: ['jobs run', 'jobs run 17', 'jobs run --queue default'],
    permission: 'core.manage_jobs',
    positional: ['id'],
    input: {
      id: field.integer({ label: t('The id of one job, due or not; a failed one begins anew'), min: 1 }).optional(),
      queue: field
        .list(field.string({ label: t('Queue'), min: 1, max: 30 }), {
          label: t('Only jobs of this queue; may be repeated'),
        })
        .optional(),
    },
    async run(input, context) {
      const catalog = new JobCatalog(parts.jobs());
      const results =
        input.id === undefined
          ? await parts.runner({ queues: input.queue ?? catalog.queues() }).drain({ signal: context.signal })
          : [await runOne(parts, catalog, input.id, context.signal)];
      await context.out.list(results.map(resultRow));
      const failed = results.filter((result) => result.outcome !== 'done').length;
      context.out.note(t('Jobs run: {{count}}, not done: {{failed}}.', { count: results.length, failed }));
      if (failed > 0) context.setExitCode(1);
    },
  });

async function runOne(
  parts: JobCommandParts,
  catalog: JobCatalog,
  id: number,
  signal: AbortSignal,
): Promise<JobResult> {
  const row = await parts.driver().find(id);
  if (row === null) throw problem('E_JOB_NOT_FOUND', { id });
  if (catalog.get(fullName(row)) === undefined) throw problem('E_JOB_UNKNOWN', { id: fullName(row) });
  const result = await parts.runner({ queues: [row.queue] }).runOne(id, { signal });
  if (result !== undefined) return result;
  const now = await parts.driver().find(id);
  throw problem('E_USAGE', {
    reason:
      now?.state === 'done'
        ? `The job ${id} is done.`
        : now?.waitsFor
          ? `The job ${id} waits for the job ${now.waitsFor}: only one of them runs at a time.`
          : `The job ${id} is being run by a worker.`,
  });
}

const resultRow = (result: JobResult): PrintableRow => ({
  id: result.id,
  job: result.job,
  outcome: result.outcome,
  attempts: result.attempt,
  error: result.error,
});

const printable = (row: JobRow): PrintableRow => ({
  id: row.id,
  job: fullName(row),
  queue: row.queue,
  state: row.state,
  attempts: row.attempts,
  run_at: row.runAt.toISOString(),
  done: row.done,
  total: row.total,
  error: row.error,
  waits_for: row.waitsFor,
  started_by: row.startedBy?.username ?? null,
  reported: row.reported,
  created_at: row.createdAt.toISOString(),
  finished_at: row.finishedAt?.toISOString() ?? null,
});
