import { job, messages } from '@posthorn/sdk';
import { trash } from '../contract/services.js';

const t = messages('admin');

/** What was deleted long enough ago goes for good. */
export const purgeTrash = job({
  id: 'purge-trash',
  title: t('Empty the trash of what is due'),
  cron: '41 * * * *',
  timeoutMs: 30 * 60_000,
  async run(_payload, context) {
    const count = await context.get(trash).purgeDue(context.signal);
    if (count > 0) context.log.info({ count }, 'purged from the trash');
  },
});
