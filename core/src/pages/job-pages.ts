import { type Contribution, field, menuEntry, messages, page, view } from '@posthorn/sdk';
import { jobStates } from '../jobs/driver.js';
import { MANAGE_JOBS } from '../jobs/job-reach.js';
import type { Kernel } from '../kernel.js';
import { isDue, JOB_STATES, jobRow } from './job-row.js';

const t = messages('host');

const LIST = '/core/jobs/';
/** Newest first; older ones are purged after a while anyway. */
const SHOWN = 100;

/** Jobs: what waits, runs and ran, and what runs by the clock. */
export const jobPages = (kernel: () => Kernel): readonly Contribution[] => [
  menuEntry(
    { area: 'main', label: t('Jobs'), href: LIST, icon: 'clock-play', permission: MANAGE_JOBS, group: t('System') },
    { order: 930 },
  ),
  page({
    path: LIST,
    permission: MANAGE_JOBS,
    query: { state: field.choice({ label: t('State'), choices: ['', ...jobStates] }).default('') },
    async load(request) {
      const { state } = request.query;
      const rows = await kernel().jobs.driver.list({ limit: SHOWN, ...(state === '' ? {} : { state }) });
      return view('jobs', t('Jobs'), {
        rows: rows.map((row) => jobRow(kernel(), request, row)),
        isRunning: rows.some(isDue),
        states: jobStates.map((value) => ({ value, label: JOB_STATES[value].label })),
        state,
        url: request.url,
        schedule: kernel()
          .jobs.known()
          .filter(({ item }) => item.cron !== undefined)
          .map(({ from, item }) => ({ name: `${from}.${item.id}`, title: request.t(item.title), cron: item.cron })),
      });
    },
  }),
];
