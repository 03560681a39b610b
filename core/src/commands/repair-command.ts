import { type Contribution, command, field, messages, plainText } from '@posthorn/sdk';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { repairable, runRepair } from '../repair.js';
import { causeText } from '../text/cause-text.js';

const t = messages('host');

/** `posthorn repair`: mends what checks find and know how to mend. */
export const repairCommand = (kernel: () => Kernel): Contribution =>
  command({
    noun: 'repair',
    verb: 'run',
    summary: t('Mend what can be mended'),
    description: t('Runs the repairs of the checks, or those named. With --dry-run it says what it would do.'),
    examples: ['repair --dry-run', 'repair acme-spam.policies'],
    permission: 'core.manage_extensions',
    positional: ['checks'],
    input: {
      checks: field
        .list(field.string({ label: t('Check'), max: 120 }), { label: t('Checks'), help: t('As EXTENSION.CHECK.') })
        .default([]),
      dry_run: field.boolean({ label: t('Change nothing') }).default(false),
    },
    run: async ({ checks, dry_run }, c) => {
      const all = repairable(kernel());
      for (const id of checks) if (!all.some((one) => one.id === id)) throw problem('E_REPAIR_NOT_FOUND', { id });
      const rows: { check: string; subject: string; text: string }[] = [];
      for (const one of all.filter(({ id }) => checks.length === 0 || checks.includes(id))) {
        try {
          const done = await runRepair(kernel(), one, {
            dryRun: dry_run,
            progress: (at, total) => c.out.progress(at, total, one.part.item.title),
          });
          rows.push(...done.map(({ subject, text }) => ({ check: one.id, subject, text: plainText(text) })));
        } catch (error) {
          c.out.warn(t('{{id}} could not be repaired: {{reason}}', { id: one.id, reason: causeText(error) }));
          c.setExitCode(1);
        }
      }
      if (rows.length === 0) c.out.note(t('There was nothing to mend.'));
      await c.out.list(rows);
    },
  });
