import { type Contribution, checks, command, type Finding, field, messages, plainText } from '@posthorn/sdk';
import { causeText } from '../text/cause-text.js';
import { callInFrame, frameOf } from '../watch/attribution.js';

const t = messages('host');
const RANK = { ok: 0, warning: 1, error: 2 } as const;

/** `posthorn check`: what extensions find on this machine, and how to mend it. Changes nothing. */
export const checkCommand = (): Contribution =>
  command({
    noun: 'check',
    verb: 'run',
    summary: t('Look at this machine and say what is not right'),
    examples: ['check', 'check --fail-on warning --json'],
    permission: 'core.manage_extensions',
    input: {
      fail_on: field
        .choice({ label: t('Exit with 1 from this level on'), choices: ['warning', 'error', 'never'] })
        .default('never'),
    },
    run: async ({ fail_on }, c) => {
      const rows: { check: string; level: string; message: string; mend: string }[] = [];
      let worst = 0;
      for (const { from, item } of c.items(checks)) {
        let findings: readonly Finding[];
        try {
          findings = await callInFrame(frameOf(from, `check:${item.id}`), () => item.run(c));
        } catch (error) {
          findings = [
            {
              level: 'error',
              message: t('The check of the extension {{from}} failed: {{reason}}', { from, reason: causeText(error) }),
            },
          ];
        }
        for (const f of findings) {
          worst = Math.max(worst, RANK[f.level]);
          rows.push({
            check: `${from}.${item.id}`,
            level: f.level,
            message: plainText(f.message),
            mend: f.mend === undefined ? '' : plainText(f.mend),
          });
        }
      }
      await c.out.list(rows);
      if (fail_on !== 'never' && worst >= RANK[fail_on]) c.setExitCode(1);
    },
  });
