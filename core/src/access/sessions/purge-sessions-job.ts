import { type Contribution, job, messages } from '@posthorn/sdk';
import { agoSql } from '../../cluster/database-clock.js';
import { kernelParameters } from '../../parameters/kernel-parameters.js';
import type { SessionStore } from './session-store.js';

const t = messages('host');
const DAY_SECONDS = 86_400;

/** Forgets sessions that nobody can use any more, and log rows that are older than the administrator wants. */
export const purgeSessionsJob = (sessions: () => SessionStore): Contribution =>
  job({
    id: 'purge-sessions',
    title: t('Forget ended sessions and old log entries'),
    cron: '41 * * * *',
    async run(_payload, context) {
      const { data } = context;
      await sessions().purge();
      const { log_maximum_age } = await context.parameters(kernelParameters);
      await data.execute(`delete from core_log where created < ${agoSql(data.dialect, log_maximum_age * DAY_SECONDS)}`);
    },
  });
