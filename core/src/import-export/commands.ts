import { basename } from 'node:path';
import {
  type Actor,
  type Contributed,
  type Contribution,
  command,
  type Exporter,
  exporters,
  field,
  messages,
} from '@posthorn/sdk';
import { withOrigin } from '../audit/origin.js';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { writeCsv } from './csv-writer.js';
import { ImportFiles } from './import-files.js';
import { ImportRows } from './import-rows.js';
import { writeNdjson } from './ndjson-writer.js';
import { rowsDone, shownVerdict } from './shown-verdict.js';

const t = messages('host');

const SEPARATOR = field
  .string({ label: t('Separator'), help: t('One character between two cells'), min: 1, max: 1, pattern: /^[^"\r\n']$/ })
  .default(';');

/** `posthorn import` and `posthorn export`, over whatever extensions contribute. */
export const importExportCommands = (kernel: () => Kernel): readonly Contribution[] => [
  command({
    noun: 'import',
    verb: 'run',
    summary: t('Import CSV files, all of their rows or none'),
    description: t('Without a file, lists the kinds of rows and their columns.'),
    examples: ['import', 'import accounts.csv', 'import --dry-run --continue-if-exists all.csv'],
    permission: 'core.import',
    positional: ['file'],
    input: {
      file: field.list(field.string({ label: t('File'), max: 4_096 }), { label: t('Files') }).default([]),
      sepchar: SEPARATOR,
      continue_if_exists: field
        .boolean({ label: t('Go on'), help: t('Leave what is there already as it is') })
        .default(false),
      crypt_password: field
        .boolean({ label: t('Hash passwords'), help: t('Passwords in the file are in clear text') })
        .default(false),
      per_row: field.boolean({ label: t('Row by row'), help: t('Keep the rows that can be imported') }).default(false),
      dry_run: field.boolean({ label: t('Dry run'), help: t('Do everything and take it back') }).default(false),
    },
    run: async (input, c) => {
      const rows = new ImportRows(kernel());
      if (input.file.length === 0) {
        await c.out.list(
          rows.kinds.map(({ from, item }) => ({
            kind: item.kind,
            extension: from,
            columns: Object.keys(item.columns),
          })),
        );
        return;
      }
      const actor: Actor = { ...c.actor, door: 'import' };
      const importing = new ImportFiles(kernel(), rows, {
        files: input.file.map((path) => ({ path, name: basename(path) })),
        separator: input.sepchar,
        request: { actor, areClearPasswords: input.crypt_password, signal: c.signal },
        continueIfExists: input.continue_if_exists,
        isPerRow: input.per_row,
        isDryRun: input.dry_run,
      });
      const { verdicts, accepted, count } = await withOrigin({ door: actor.door }, () => importing.run());
      if (verdicts.length > 0) await c.out.list(verdicts.map((verdict) => shownVerdict(verdict)));
      const refused = verdicts.find(({ isAccepted }) => !isAccepted);
      if (refused !== undefined) c.setExitCode(refused.problem.exitCode);
      if (accepted > 0) c.out.note(rowsLeft(accepted));
      if (refused !== undefined && !input.per_row) c.out.warn(t('Nothing was imported.'));
      else if (input.dry_run) c.out.note(rowsWould(count));
      else c.out.note(rowsDone(count));
    },
  }),
  command({
    noun: 'export',
    verb: 'run',
    summary: t('Write CSV, as import reads it'),
    description: t('Without a name, lists what can be exported.'),
    examples: ['export', 'export --json'],
    permission: 'core.export',
    positional: ['name'],
    input: { name: field.string({ label: t('Name'), min: 1 }).optional(), sepchar: SEPARATOR },
    run: async ({ name, sepchar }, c) => {
      const all = c.items(exporters) as readonly Contributed<Exporter>[];
      if (name === undefined) {
        await c.out.list(all.map(({ from, item }) => ({ name: item.id, extension: from, columns: item.columns })));
        return;
      }
      const found = all.find(({ item }) => item.id === name);
      if (found === undefined) throw problem('E_EXPORT_NOT_FOUND', { name }, { field: 'name' });
      const { from, item } = found;
      if (!c.actor.can(item.permission)) throw problem('E_FORBIDDEN', { permission: item.permission });
      const context = kernel().generation.context(from);
      const rows = item.rows({ context, actor: c.actor, signal: c.signal });
      await c.out.stream(c.out.isJson ? writeNdjson(rows, new ImportRows(kernel())) : writeCsv(rows, sepchar));
    },
  }),
];

const rowsLeft = (count: number) =>
  t(
    { one: '{{count}} row was there already and was left.', other: '{{count}} rows were there already and were left.' },
    { count },
  );
const rowsWould = (count: number) =>
  t({ one: '{{count}} row could be imported.', other: '{{count}} rows could be imported.' }, { count });
