import { type Job, jobPath, messages, type PageRequest, type Text } from '@posthorn/sdk';
import type { JobRow, JobState } from '../jobs/driver.js';
import type { Kernel } from '../kernel.js';
import { moment } from './moment.js';

const t = messages('host');

export const JOB_STATES: Readonly<Record<JobState, { readonly level: string; readonly label: Text }>> = {
  ready: { level: 'info', label: t('Waiting') },
  active: { level: 'warning', label: t('Running') },
  done: { level: 'success', label: t('Done') },
  failed: { level: 'danger', label: t('Failed') },
};

/** A job as it is shown. */
export function jobRow(kernel: Kernel, request: PageRequest, row: JobRow) {
  const known = kernel.jobs.known().find(({ from, item }) => from === row.extension && item.id === row.name);
  return {
    id: row.id,
    name: `${row.extension}.${row.name}`,
    title: request.t(known?.item.title ?? row.name),
    href: jobPath(row.id),
    queue: row.queue,
    status: JOB_STATES[row.state],
    attempts: row.attempts,
    done: row.done,
    total: row.total,
    error: row.error ?? '',
    waits: request.t(reasonToWait(row, known?.item)),
    at: moment(row.finishedAt ?? row.runAt, request),
    startedBy: row.startedBy?.username ?? '',
    canCancel: row.state === 'ready' || row.state === 'active',
  };
}

/** Why a job that is due does not run; empty where nothing keeps it. */
function reasonToWait({ state, runAt, waitsFor }: JobRow, job: Job | undefined): Text {
  if (waitsFor !== null) return t('Waits for job {{id}}, since one runs at a time', { id: waitsFor });
  const isPerProcess = job?.exclusive === 'process' && state === 'ready' && runAt.getTime() <= Date.now();
  return isPerProcess ? t('Waits for a process that runs no other one') : '';
}

/** Runs, or is about to: a page that shows it is worth refreshing. What waits for tonight is not. */
export const isDue = (row: JobRow): boolean =>
  row.state === 'active' || (row.state === 'ready' && row.runAt.getTime() <= Date.now() + 60_000);
