import { type Actor, type JobContext, type JobReportRow, job, messages } from '@posthorn/sdk';
import { type BulkBy, type BulkList, type BulkRow, findRows, mayAsk, runRows } from '../pages/bulk-list.js';
import { domainBulk } from '../pages/domain-bulk.js';
import { identityBulk } from '../pages/identity-bulk.js';
import { problem } from '../problems.js';
import type { BulkPayload } from './bulk-payload.js';

const t = messages('admin');

const DAY_MS = 86_400_000;

const LISTS: Readonly<Record<string, BulkList>> = { [domainBulk.name]: domainBulk, [identityBulk.name]: identityBulk };

/**
 * Changes all rows that match a filter, in batches with a transaction each. Who started it is asked for anew before each
 * batch, so that it stops when that account may no longer do this. A run after an interruption begins at the first row
 * again: what is done stays as it is.
 */
export const bulkChange = job({
  id: 'bulk-change',
  title: t('Change many rows'),
  timeoutMs: DAY_MS,
  retries: 0,
  async run(payload, context) {
    const wish = payload as BulkPayload;
    const list = LISTS[wish.list];
    if (list === undefined) throw new Error(`there is no list ${wish.list}`);
    const size = list.batch(wish.action);
    let count = 0;
    for (let after = ''; ; ) {
      context.signal.throwIfAborted();
      const by = { context, actor: await starter(list, wish, context, count) };
      const { rows, missing } = await next(list, by, wish, { after, size, count });
      const meant = rows.length + missing.length;
      if (meant === 0) return;
      const { action, ...options } = wish;
      const refusals = await runRows(list, by, action, rows, options);
      const refused = rows.flatMap(({ name: subject }, i) => {
        const text = refusals[i];
        return text === undefined ? [] : [{ subject, text }];
      });
      await context.report([...missing, ...refused]);
      count += meant;
      await context.progress(count, Math.max(count, wish.total));
      after = rows.at(-1)?.id ?? '';
    }
  },
});

/** The rows that come next. What was named and is not there, or not this actor's, is to be reported. */
async function next(
  list: BulkList,
  by: BulkBy,
  { ids, filter, until }: BulkPayload,
  { after, size, count }: { readonly after: string; readonly size: number; readonly count: number },
): Promise<{ readonly rows: readonly BulkRow[]; readonly missing: readonly JobReportRow[] }> {
  if (ids === undefined) return { rows: await list.walk(by, filter, { after, until, size }), missing: [] };
  const { rows, refused } = await findRows(list, by, ids.slice(count, count + size));
  return { rows, missing: refused.map(({ id, text }) => ({ subject: id, text })) };
}

/** Who started the job, with the rights of this moment. */
async function starter(list: BulkList, { action }: BulkPayload, context: JobContext, count: number): Promise<Actor> {
  const { username = '' } = context.startedBy ?? {};
  const actor = await context.starter();
  if (actor === null) throw problem('E_ADMIN_BULK_ACCOUNT', { username, count });
  if (!mayAsk(list, actor, action)) throw problem('E_ADMIN_BULK_RIGHTS', { username, count });
  return actor;
}
