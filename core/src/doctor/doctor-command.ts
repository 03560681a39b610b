import { type Contribution, command, field, messages, type PrintableRow, plainText } from '@posthorn/sdk';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { observedExtensions } from '../packages/observed-states.js';
import { collectFigures } from './collect.js';
import { bugsOf, findingsOf } from './findings.js';

const t = messages('host');

/** `posthorn extension doctor`: how the extensions fare in the processes that serve now. */
export const doctorCommand = (kernel: () => Kernel): Contribution =>
  command({
    noun: 'extension',
    verb: 'doctor',
    summary: t('Show how extensions fare: calls, failures, durations, statements, errors'),
    description: t(
      'Figures of all serving processes since each of them started. With --json every line says in `record` what it is: finding, deprecation, place, error or process.',
    ),
    examples: ['extension doctor', 'extension doctor admin --json', 'extension doctor --fail-on error'],
    permission: 'core.manage_extensions',
    positional: ['id'],
    input: {
      id: field.string({ label: t('Extension'), max: 40 }).optional(),
      fail_on: field
        .choice({ label: t('Exit with 1 from this level on'), choices: ['warning', 'error', 'never'] })
        .default('never'),
    },
    run: async ({ id, fail_on }, c) => {
      const { packages } = kernel();
      const states = await observedExtensions(kernel());
      if (id !== undefined && id !== 'core' && !states.some((state) => state.id === id)) {
        throw problem('E_EXTENSION_NOT_FOUND', { id }, { field: 'id' });
      }
      const isMeant = ({ extension }: { readonly extension: string }): boolean => id === undefined || extension === id;
      const seen = await collectFigures(kernel(), { isServing: false });
      const { places, errors, processes, deprecated } = seen;
      const findings = findingsOf({ states, packages }, seen).filter(isMeant);
      const show = async (record: string, rows: readonly PrintableRow[]): Promise<void> => {
        if (rows.length > 0) await c.out.list(rows.map((row) => ({ record, ...row })));
      };
      await show(
        'finding',
        findings.map((f) => ({ level: f.level, extension: f.extension, at: f.at, message: plainText(f.message) })),
      );
      await show(
        'deprecation',
        deprecated.filter(isMeant).map((use) => ({ ...use, bugs: bugsOf(packages, use.extension) ?? null })),
      );
      await show(
        'place',
        places.filter(isMeant).map((p) => ({
          ...{ extension: p.extension, kind: p.kind, at: p.at, calls: p.calls, failures: p.failures, late: p.late },
          ...{ p50_ms: p.p50, p95_ms: p.p95, statements: p.statements, sql_ms: p.sqlMs, blocks: p.blocks },
          longest_block_ms: p.longestBlockMs,
        })),
      );
      await show(
        'error',
        errors.filter(isMeant).map(({ time, extension, at, message }) => ({ time, extension, at, message })),
      );
      await show(
        'process',
        processes.map((p) => ({
          ...{ host: p.host, pid: p.pid, role: p.role, generation: p.assembly, revision: p.revision },
          ...{ rss_mb: p.rssMb ?? null, started_at: p.startedAt.toISOString() },
        })),
      );
      if (processes.length === 0) c.out.note(t('No process is serving, so there are no figures.'));
      const isFailing = findings.some(({ level }) => level === 'error' || fail_on === 'warning');
      if (fail_on !== 'never' && isFailing) c.setExitCode(1);
    },
  });
