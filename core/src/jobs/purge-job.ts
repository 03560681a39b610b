import { type Contribution, job, messages } from '@posthorn/sdk';
import type { JobDriver } from './driver.js';

const t = messages('host');
const DAY_MS = 86_400_000;
/** Also how long a scheduled time is remembered as enqueued. */
const KEEP_DONE_MS = 7 * DAY_MS;
const KEEP_FAILED_MS = 30 * DAY_MS;

/** The kernel's own job: forgets ended jobs every night. */
export const purgeJob = (parts: { readonly driver: () => JobDriver }): Contribution =>
  job({
    id: 'purge-jobs',
    title: t('Forget finished jobs'),
    cron: '23 3 * * *',
    timeoutMs: 600_000,
    async run(_payload, context) {
      const count = await parts.driver().purge({ doneMs: KEEP_DONE_MS, failedMs: KEEP_FAILED_MS });
      if (count > 0) context.log.info({ count }, 'finished jobs were forgotten');
    },
  });
