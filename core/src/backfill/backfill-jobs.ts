import type { Contributed, Data, ExtensionDefinition, Job } from '@posthorn/sdk';
import { sqlTimestamp } from '../data/sql-timestamp.js';
import { errorText } from '../jobs/error-text.js';

/** The id of the job within its extension. */
export const BACKFILL_JOB = 'backfill';
const TIMEOUT_MS = 3_600_000;

/** The jobs behind the backfills of these extensions, each in its extension's name. What came of a run is kept. */
export const backfillJobs = (order: readonly ExtensionDefinition[], data: Data): readonly Contributed<Job>[] =>
  order.flatMap(({ id, backfill }) => {
    if (backfill === undefined) return [];
    const item: Job = {
      id: BACKFILL_JOB,
      title: backfill.title,
      queue: 'default',
      timeoutMs: backfill.timeoutMs ?? TIMEOUT_MS,
      // Whoever started it reads the result and decides.
      retries: 0,
      async run(_payload, context) {
        const end = (error: string | null) =>
          data.execute(
            'update core_extension set backfilled_at = ?, backfilled_by = ?, backfill_error = ? where id = ?',
            [sqlTimestamp(new Date()), context.startedBy?.username ?? '', error, id],
          );
        try {
          await backfill.run(context);
          context.signal.throwIfAborted();
        } catch (error) {
          await end(errorText(error));
          throw error;
        }
        await end(null);
      },
    };
    return [{ from: id, item }];
  });
