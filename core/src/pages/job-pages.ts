import {
  action,
  type Contribution,
  field,
  menuEntry,
  messages,
  type PageRequest,
  page,
  redirect,
  type Text,
  view,
} from '@posthorn/sdk';
import { problem } from '../errors.js';
import { type JobRow, type JobState, jobStates } from '../jobs/driver.js';
import type { Kernel } from '../kernel.js';
import { moment } from './moment.js';

const t = messages('host');

const LIST = '/core/jobs/';
const permission = 'core.manage_jobs';
/** Newest first; older ones are purged after a while anyway. */
const SHOWN = 100;

const STATES: Readonly<Record<JobState, { readonly level: string; readonly label: Text }>> = {
  ready: { level: 'info', label: t('Waiting') },
  active: { level: 'warning', label: t('Running') },
  done: { level: 'success', label: t('Done') },
  failed: { level: 'danger', label: t('Failed') },
};

function rowOf(kernel: Kernel, request: PageRequest, row: JobRow) {
  const known = kernel.jobs.known().find(({ from, item }) => from === row.extension && item.id === row.name);
  return {
    id: row.id,
    name: `${row.extension}.${row.name}`,
    title: request.t(known?.item.title ?? row.name),
    queue: row.queue,
    status: STATES[row.state],
    attempts: row.attempts,
    done: row.done,
    total: row.total,
    error: row.error ?? '',
    at: moment(row.finishedAt ?? row.runAt, request),
    isOpen: row.state === 'ready' || row.state === 'active',
    href: `${LIST}${row.id}/`,
  };
}

async function findJob(kernel: Kernel, typed: string): Promise<JobRow> {
  const id = Number(typed);
  const row = Number.isInteger(id) ? await kernel.jobs.driver.find(id) : null;
  if (row === null) throw problem('E_JOB_NOT_FOUND', { id: typed });
  return row;
}

/** Runs, or is about to: a page that shows it is worth refreshing. What waits for tonight is not. */
const isDue = (row: JobRow): boolean =>
  row.state === 'active' || (row.state === 'ready' && row.runAt.getTime() <= Date.now() + 60_000);

/** Jobs: what waits, runs and ran, and what runs by the clock. */
export const jobPages = (kernel: () => Kernel): readonly Contribution[] => [
  menuEntry(
    { area: 'main', label: t('Jobs'), href: LIST, icon: 'clock-play', permission, group: t('System') },
    { order: 930 },
  ),
  page({
    path: LIST,
    permission,
    query: { state: field.choice({ label: t('State'), choices: ['', ...jobStates] }).default('') },
    async load(request) {
      const { state } = request.query;
      const asked = request as unknown as PageRequest;
      const rows = await kernel().jobs.driver.list({ limit: SHOWN, ...(state === '' ? {} : { state }) });
      return view('jobs', t('Jobs'), {
        rows: rows.map((row) => rowOf(kernel(), asked, row)),
        isRunning: rows.some(isDue),
        states: jobStates.map((value) => ({ value, label: STATES[value].label })),
        state,
        url: request.url,
        schedule: kernel()
          .jobs.known()
          .filter(({ item }) => item.cron !== undefined)
          .map(({ from, item }) => ({ name: `${from}.${item.id}`, title: request.t(item.title), cron: item.cron })),
      });
    },
  }),
  page({
    path: '/core/jobs/:id/',
    permission,
    async load(request) {
      const row = await findJob(kernel(), request.params.id);
      const shown = rowOf(kernel(), request as unknown as PageRequest, row);
      return view('job', t('{{name}} ({{id}})', { name: shown.title, id: row.id }), {
        row: shown,
        isRunning: isDue(row),
        url: request.url,
      });
    },
  }),
  action({
    path: '/core/jobs/:id/cancel/',
    permission,
    async run(request) {
      const { id } = await findJob(kernel(), request.params.id);
      const isCancelled = await kernel().jobs.driver.cancel(id);
      request.notice(
        isCancelled ? 'success' : 'info',
        isCancelled ? t('The job {{id}} was cancelled.', { id }) : t('The job {{id}} had ended already.', { id }),
      );
      return redirect(LIST);
    },
  }),
];
