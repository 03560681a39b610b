import {
  action,
  type Contribution,
  download,
  JOB_REPORT_MAX,
  jobPath,
  messages,
  type PageRequest,
  page,
  redirect,
  view,
} from '@posthorn/sdk';
import { BACKFILL_JOB } from '../backfill/backfill-jobs.js';
import type { JobRow } from '../jobs/driver.js';
import { MANAGE_JOBS, reachJob } from '../jobs/job-reach.js';
import { allReportRows, reportCsv } from '../jobs/report-rows.js';
import type { Kernel } from '../kernel.js';
import { KERNEL_ID } from '../kernel-extension.js';
import { ADD_JOB, MANAGE_EXTENSIONS, UNINSTALL_JOB } from '../packages/package-jobs.js';
import { EXTENSIONS, extensionPath } from './extension-state.js';
import { isDue, jobRow } from './job-row.js';
import { moment } from './moment.js';

const t = messages('host');

const LIST = '/core/jobs/';
/** Rows of a report that the page shows; the file has them all. */
const SHOWN = 100;

function reach(kernel: Kernel, { actor, params }: PageRequest): Promise<JobRow> {
  const id = params.id ?? '';
  return reachJob(kernel.jobs.driver, actor, /^\d{1,9}$/.test(id) ? Number(id) : 0);
}

/** Where to go on from a job about an extension. Its report names the one that it has installed. */
function leadsTo({ extension, name, state }: JobRow, installed: string | undefined, { actor }: PageRequest) {
  if (!actor.can(MANAGE_EXTENSIONS)) return undefined;
  if (name === BACKFILL_JOB && extension !== KERNEL_ID) return extensionPath(extension);
  if (extension !== KERNEL_ID) return undefined;
  if (name === ADD_JOB && state === 'done' && installed !== undefined) return extensionPath(installed);
  return name === ADD_JOB || name === UNINSTALL_JOB ? EXTENSIONS : undefined;
}

/** One job: how far it is, what it reported, and what can be done about it. */
export const jobPage = (kernel: () => Kernel): readonly Contribution[] => [
  page({
    path: `${LIST}:id/`,
    permission: 'signed-in',
    async load(request) {
      const row = await reach(kernel(), request);
      const shown = jobRow(kernel(), request, row);
      const rows = await kernel().jobs.driver.reportRows(row.id, { after: 0, limit: SHOWN });
      const numbers = new Intl.NumberFormat(request.locale);
      return view('job', shown.title, {
        job: {
          ...shown,
          created: moment(row.createdAt, request),
          planned: row.state === 'ready' ? moment(row.runAt, request) : '',
          ended: row.finishedAt === null ? '' : moment(row.finishedAt, request),
        },
        report: rows.map(({ subject, text }) => ({ subject, text: request.t(text) })),
        reported: row.reported,
        reportedText: numbers.format(row.reported),
        keptText: numbers.format(JOB_REPORT_MAX),
        shownText: numbers.format(rows.length),
        isCut: row.reported > JOB_REPORT_MAX,
        isRunning: isDue(row),
        mayList: request.actor.can(MANAGE_JOBS),
        canRetry: row.state === 'failed' && request.actor.can(MANAGE_JOBS),
        leadsTo: leadsTo(row, rows[0]?.subject, request),
        url: request.url,
      });
    },
  }),
  page({
    path: `${LIST}:id/report/`,
    permission: 'signed-in',
    async load(request) {
      const row = await reach(kernel(), request);
      const rows = allReportRows(kernel().jobs.driver, row.id);
      return download({
        filename: `job-${row.id}.csv`,
        type: 'text/csv; charset=utf-8',
        content: reportCsv(rows, [request.t(t('Name')), request.t(t('Message'))], (text) => request.t(text)),
      });
    },
  }),
  action({
    path: `${LIST}:id/cancel/`,
    permission: 'signed-in',
    async run(request) {
      const { id } = await reach(kernel(), request);
      const isCancelled = await kernel().jobs.driver.cancel(id);
      request.notice(
        isCancelled ? 'success' : 'info',
        isCancelled ? t('The job {{id}} was cancelled.', { id }) : t('The job {{id}} had ended already.', { id }),
      );
      return redirect(request.actor.can(MANAGE_JOBS) ? LIST : jobPath(id));
    },
  }),
  action({
    path: `${LIST}:id/retry/`,
    permission: MANAGE_JOBS,
    async run(request) {
      const { id } = await reach(kernel(), request);
      await kernel().jobs.retry(id);
      request.notice('success', t('The job {{id}} waits for its next run.', { id }));
      return redirect(jobPath(id));
    },
  }),
];
