import { type JobStarter, UtcTimestamp } from '@posthorn/sdk';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { BACKFILL_JOB } from './backfill-jobs.js';

const stored = new UtcTimestamp();

/** The latest run of an extension's backfill. */
export interface BackfillRun {
  readonly at: Date;
  readonly by: string;
  /** Empty where it went well. */
  readonly error: string;
}

export interface BackfillState {
  /** Undefined where it never ran to an end. */
  readonly last: BackfillRun | undefined;
  /** It has not ended well since the extension was enabled. */
  readonly isDue: boolean;
}

/** Of one extension, enabled or not. Nothing of it runs. */
export async function backfillState(kernel: Kernel, id: string): Promise<BackfillState> {
  const [row] = await kernel.database.execute(
    `select backfilled_at, backfilled_by, backfill_error,
       case when backfilled_at >= changed_at and backfill_error is null then 0 else 1 end as is_due
     from core_extension where id = ?`,
    [id],
  );
  const at = row === undefined ? null : stored.convertToJSValue(row.backfilled_at as string | Date | null);
  return {
    last:
      at === null ? undefined : { at, by: String(row?.backfilled_by ?? ''), error: String(row?.backfill_error ?? '') },
    isDue: Number(row?.is_due ?? 1) === 1,
  };
}

/**
 * Starts the backfill of an enabled extension as a job and returns its id. Throws where there is none, where the
 * extension is not enabled, and while one waits or runs.
 */
export async function startBackfill(kernel: Kernel, id: string, by: JobStarter): Promise<number> {
  if (!kernel.states.some((state) => state.id === id)) throw problem('E_EXTENSION_NOT_FOUND', { id }, { field: 'id' });
  const definition = kernel.generation.order.find((each) => each.id === id);
  if (definition === undefined) throw problem('E_BACKFILL_DISABLED', { id }, { field: 'id' });
  if (definition.backfill === undefined) throw problem('E_BACKFILL_NONE', { id }, { field: 'id' });
  const job = await kernel.jobs.queue.enqueue(`${id}.${BACKFILL_JOB}`, {}, { uniqueKey: BACKFILL_JOB, by });
  if (job === null) throw problem('E_BACKFILL_RUNS', { id });
  return job;
}
