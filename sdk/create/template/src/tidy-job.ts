import { job, messages } from '@posthorn/sdk';
import { removeOld } from './notes.js';
import { settings } from './parameters.js';

const t = messages('acme-notes');
const DAY_MS = 86_400_000;

/** Every night at three, UTC. It can be run again at any time, as every job must. */
export const tidyJob = job({
  id: 'tidy',
  title: t('Remove old notes'),
  cron: '0 3 * * *',
  async run(_payload, context) {
    const { keep_days } = await context.parameters(settings);
    if (keep_days > 0) await removeOld(context, new Date(context.now().getTime() - keep_days * DAY_MS));
  },
});
