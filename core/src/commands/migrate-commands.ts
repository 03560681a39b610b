import { afterMigration, type Contribution, command, messages } from '@posthorn/sdk';
import type { Kernel } from '../kernel.js';
import { settle } from '../settle.js';

const t = messages('host');

export const migrateCommands = (kernel: () => Kernel): readonly Contribution[] => [
  command({
    noun: 'migrate',
    verb: 'status',
    summary: t('Show which schema steps have run'),
    examples: ['migrate status', 'migrate status --json'],
    permission: 'core.manage_schema',
    input: {},
    run: async (_, c) => {
      const rows = await kernel().migrations().status();
      await c.out.list(
        rows.map((row) => ({ name: row.name, state: row.state, applied_at: row.appliedAt?.toISOString() ?? null })),
      );
    },
  }),
  command({
    noun: 'migrate',
    verb: 'up',
    summary: t('Bring the database to the schema of the enabled extensions'),
    description: t(
      'Several processes may run this at once; each step runs once. A failing step leaves nothing behind, or is continued by the next run.',
    ),
    examples: ['migrate up'],
    permission: 'core.manage_schema',
    input: {},
    run: async (_, c) => {
      const total = (await kernel().migrations().status()).filter((m) => m.state === 'pending').length;
      let done = 0;
      const applied = await kernel()
        .migrations()
        .up({
          onStep: () => {
            done += 1;
            c.out.progress(done, total, t('Schema steps'));
          },
        });
      await settle(kernel());
      await c.out.list(
        applied.map((name) => ({ name, state: 'applied' })),
        ['name', 'state'],
      );
      if (applied.length > 0) {
        c.out.note(t('The schema has changed: reload the programs that hold connections to this database open.'));
        for (const { item } of c.items(afterMigration)) c.out.note(item);
      }
    },
  }),
];
