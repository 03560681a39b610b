import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Contribution, check, type Finding, messages } from '@posthorn/sdk';
import type { Kernel } from '../kernel.js';

const t = messages('host');

/** What the kernel itself looks at: schema, extensions, secrets, jobs, audit, events of signals. */
export const kernelChecks = (kernel: () => Kernel): readonly Contribution[] => [
  check({
    id: 'schema',
    title: t('Database schema'),
    run: async () => {
      const pending = await kernel().pendingMigrations();
      if (pending.length === 0) return [{ level: 'ok', message: t('The schema is up to date.') }];
      return [
        {
          level: 'error',
          message: t(
            {
              one: 'One schema step is missing: {{first}}.',
              other: '{{count}} schema steps are missing, {{first}} first.',
            },
            { count: pending.length, first: pending[0] ?? '' },
          ),
          mend: 'posthorn migrate up',
        },
      ];
    },
  }),
  check({
    id: 'extensions',
    title: t('Extensions'),
    run: async () => {
      const wrong = kernel().states.filter((s) => s.desired === 'enabled' && s.state !== 'enabled');
      if (wrong.length === 0) return [{ level: 'ok', message: t('Every wanted extension is enabled.') }];
      return wrong.map(
        (s): Finding => ({
          level: 'error',
          message: t('{{id}} is wanted but {{state}}: {{reason}}', { id: s.id, state: s.state, reason: s.reason }),
          mend: t('Install a version that fits, or run `posthorn extension disable {{id}}`.', { id: s.id }),
        }),
      );
    },
  }),
  check({
    id: 'secrets',
    title: t('Secrets'),
    run: async () => {
      const directory = join(kernel().config.directory, 'secrets');
      const found = await stat(directory).catch(() => undefined);
      if (found === undefined || (found.mode & 0o077) === 0) {
        return [{ level: 'ok', message: t('Secrets are readable by their owner only.') }];
      }
      return [
        {
          level: 'error',
          message: t('{{directory}} is open to other users.', { directory }),
          mend: `chmod 700 ${directory}`,
        },
      ];
    },
  }),
  check({
    id: 'jobs',
    title: t('Jobs'),
    run: async () => {
      const failed = await kernel().jobs.driver.list({ state: 'failed', limit: 100 });
      if (failed.length === 0) return [{ level: 'ok', message: t('No job has failed.') }];
      return [
        {
          level: 'warning',
          message: t({ one: 'One job has failed.', other: '{{count}} jobs have failed.' }, { count: failed.length }),
          mend: 'posthorn jobs list --state failed',
        },
      ];
    },
  }),
  check({
    id: 'audit',
    title: t('Audit'),
    run: async () => {
      const { broken } = await kernel().audit.chain.verify();
      if (broken === undefined) return [{ level: 'ok', message: t('The chain of the audit is whole.') }];
      // What was changed from outside is evidence: nothing puts it right again.
      return [
        {
          level: 'error',
          message: t('The audit was changed from outside, at record {{seq}}.', { seq: broken.seq }),
          mend: 'posthorn audit verify',
        },
      ];
    },
  }),
  check({
    id: 'outbox',
    title: t('Signals'),
    run: async () => {
      const failed = await kernel().outbox.table.list({ failed: true, limit: 100 });
      if (failed.length === 0) return [{ level: 'ok', message: t('No event was set aside.') }];
      return failed.map(
        ({ id, signal, error }): Finding => ({
          level: 'warning',
          message: t('The event {{id}} of {{signal}} was set aside: {{error}}', { id, signal, error: error ?? '' }),
          mend: `posthorn outbox retry ${id}`,
        }),
      );
    },
  }),
];
