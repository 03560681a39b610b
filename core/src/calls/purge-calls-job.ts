import { type Contribution, job, messages } from '@posthorn/sdk';
import { IdempotencyStore } from './idempotency-store.js';

const t = messages('host');

/** Forgets answers that nobody may ask for again. */
export const purgeCallsJob: Contribution = job({
  id: 'purge-calls',
  title: t('Forget answers to calls that may not be sent again'),
  cron: '52 * * * *',
  run: (_payload, { data }) => new IdempotencyStore(data).purge(),
});
