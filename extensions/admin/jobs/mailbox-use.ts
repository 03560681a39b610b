import { job, messages } from '@posthorn/sdk';
import { refreshMailboxUse } from '../services/mailbox-use.js';

const t = messages('admin');

/** Puts mailboxes in order by what they use, for the page of quotas. */
export const mailboxUse = job({
  id: 'mailbox-use',
  title: t('Order mailboxes by what they use'),
  cron: '*/10 * * * *',
  exclusive: 'cluster',
  timeoutMs: 600_000,
  run: (_payload, context) => refreshMailboxUse(context.data, context.signal),
});
