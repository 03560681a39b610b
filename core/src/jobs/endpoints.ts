import { type Contribution, collection, endpoint, field, messages, plainText, z } from '@posthorn/sdk';
import type { Kernel } from '../kernel.js';
import { type JobRow, jobStates } from './driver.js';
import { fullName } from './job-catalog.js';
import { cancelJob } from './job-control.js';
import { jobsOf, reachJob } from './job-reach.js';
import { allReportRows } from './report-rows.js';

const t = messages('host');

const one = '/jobs/:id/';
const ID = { id: field.integer({ label: t('Number'), min: 1, max: 2_147_483_647 }) };
/** Jobs read with one statement. */
const CHUNK = 500;

const item = {
  id: z.int(),
  job: z.string(),
  state: z.enum(jobStates),
  done: z.int(),
  total: z.int().nullable(),
  reported: z.int(),
  error: z.string().nullable(),
  waits_for: z.int().nullable(),
  started_by: z.string().nullable(),
  created: z.string(),
  finished: z.string().nullable(),
};

const shown = (row: JobRow): z.input<z.ZodObject<typeof item>> => ({
  id: row.id,
  job: fullName(row),
  state: row.state,
  done: row.done,
  total: row.total,
  reported: row.reported,
  error: row.error,
  waits_for: row.waitsFor,
  started_by: row.startedBy?.username ?? null,
  created: row.createdAt.toISOString(),
  finished: row.finishedAt?.toISOString() ?? null,
});

/** A place in another list is none here. */
const idOf = (after: string): number => (/^\d{1,15}$/.test(after) ? Number(after) : 0);

/** What was begun and goes on by itself, at `/api/v1/jobs/`. */
export const jobEndpoints = (kernel: () => Kernel): readonly Contribution[] => [
  collection({
    path: '/jobs/',
    permission: 'signed-in',
    summary: t('List jobs'),
    description: t('Those that you, or your token with scopes, began; all for whoever manages jobs. The newest first.'),
    query: { state: field.choice({ label: t('State'), choices: jobStates }).optional() },
    item,
    sorts: ['id'],
    examples: [{}, { query: { state: 'failed', limit: '10' } }],
    keyOf: ({ id }) => String(id),
    async *rows({ actor, query, page }) {
      const by = jobsOf(actor);
      const wish = {
        ...(by === undefined ? {} : { by }),
        ...(query.state === undefined ? {} : { state: query.state }),
        isOldestFirst: page.sort === 'id',
      };
      let left = page.limit ?? Number.POSITIVE_INFINITY;
      let after = page.after === undefined ? undefined : idOf(page.after);
      while (left > 0) {
        const limit = Math.min(CHUNK, left);
        const rows = await kernel().jobs.driver.list({ ...wish, ...(after === undefined ? {} : { after }), limit });
        yield* rows.map(shown);
        after = rows.at(-1)?.id;
        left -= rows.length;
        if (rows.length < limit) return;
      }
    },
  }),
  endpoint({
    method: 'GET',
    path: one,
    params: ID,
    permission: 'signed-in',
    summary: t('Show a job'),
    description: t('`reported` counts what its report has to say, such as the rows that were not done.'),
    returns: item,
    errors: ['not-found'],
    examples: [{ params: { id: 1 } }],
    run: async ({ actor, params }) => shown(await reachJob(kernel().jobs.driver, actor, params.id)),
  }),
  collection({
    path: '/jobs/:id/report/',
    params: ID,
    permission: 'signed-in',
    summary: t('What a job reports'),
    description: t('Of a job about many rows: those that were not done, and why.'),
    item: { id: z.int(), subject: z.string(), text: z.string() },
    errors: ['not-found'],
    examples: [{ params: { id: 1 } }],
    keyOf: ({ id }) => String(id),
    async *rows({ actor, params, page }) {
      const { driver } = kernel().jobs;
      const { id } = await reachJob(driver, actor, params.id);
      for await (const row of allReportRows(driver, id, idOf(page.after ?? ''))) {
        yield { id: row.id, subject: row.subject, text: plainText(row.text) };
      }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/jobs/:id/cancel/',
    params: ID,
    permission: 'signed-in',
    summary: t('Cancel a job'),
    description: t('What it has done stays as it is.'),
    returns: item,
    errors: ['not-found', 'conflict'],
    examples: [{ params: { id: 1 } }],
    async run({ actor, params }) {
      const { driver } = kernel().jobs;
      const { id } = await reachJob(driver, actor, params.id);
      await cancelJob(driver, id);
      return shown(await reachJob(driver, actor, id));
    },
  }),
];
