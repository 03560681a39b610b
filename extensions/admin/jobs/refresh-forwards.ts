import { job, messages } from '@posthorn/sdk';
import { SelfAliases } from '../services/self-alias.js';

const t = messages('admin');

/**
 * A forward that has come to its end gives the address back to its mailbox. Our own map does not wait for this, tables
 * that are read by other SQL do: a catch-all must not get the mail meanwhile.
 */
export const refreshForwards = job({
  id: 'refresh-forwards',
  title: t('Give addresses of expired forwards back to their mailboxes'),
  cron: '*/5 * * * *',
  async run(_payload, context) {
    const mended = await new SelfAliases(context).refreshExpired();
    if (mended > 0) context.log.info({ mended }, 'forwards expired');
  },
});
