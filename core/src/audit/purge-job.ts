import { type Contribution, job, messages } from '@posthorn/sdk';
import { kernelParameters } from '../parameters/kernel-parameters.js';
import type { Audit } from './audit.js';

const t = messages('host');

/** Every night: links what waits, and removes what is older than the administrator wants. */
export const purgeAuditJob = (audit: () => Audit): Contribution =>
  job({
    id: 'purge-audit',
    title: t('Forget old records of the audit'),
    cron: '7 3 * * *',
    timeoutMs: 3_600_000,
    async run(_payload, context) {
      await audit().seal();
      const { audit_maximum_age: days } = await context.parameters(kernelParameters);
      if (days === 0) return;
      const count = await audit().chain.purge(days);
      if (count > 0) context.log.info({ count }, 'old records of the audit were removed');
    },
  });
