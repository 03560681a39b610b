import {
  action,
  type Contribution,
  field,
  menuEntry,
  messages,
  type PageRequest,
  page,
  type Repaired,
  type ViewAnswer,
  view,
} from '@posthorn/sdk';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { repairable, runRepair } from '../repair.js';

const t = messages('host');
const PATH = '/core/repair/';
const permission = 'core.manage_extensions';

/** Rows of a report that are shown; the command shows all. */
const SHOWN = 200;

/** What the checks can mend: first what would be done, then doing it. */
export const repairPage = (kernel: () => Kernel): readonly Contribution[] => [
  menuEntry(
    { area: 'main', label: t('Repair'), href: PATH, icon: 'tool', permission, group: t('System') },
    { order: 930 },
  ),
  page({ path: PATH, permission, load: async (request) => show(kernel(), request) }),
  action({
    path: PATH,
    permission,
    body: {
      check: field.string({ label: t('Check'), max: 120 }),
      dry_run: field.boolean({ label: t('Change nothing') }).default(false),
    },
    run: async (request) => {
      const { check, dry_run: dryRun } = request.body;
      const found = repairable(kernel()).find(({ id }) => id === check);
      if (found === undefined) throw problem('E_REPAIR_NOT_FOUND', { id: check });
      const report = await runRepair(kernel(), found, { dryRun, progress: () => {} });
      return show(kernel(), request, { check, dryRun, report });
    },
  }),
];

function show(
  kernel: Kernel,
  request: PageRequest,
  done?: { readonly check: string; readonly dryRun: boolean; readonly report: readonly Repaired[] },
): ViewAnswer {
  return view('repair', t('Repair'), {
    checks: repairable(kernel).map(({ id, part }) => ({ id, title: request.t(part.item.title) })),
    url: request.url,
    ...(done === undefined
      ? {}
      : {
          done: {
            ...done,
            count: done.report.length,
            rows: done.report.slice(0, SHOWN).map(({ subject, text }) => ({ subject, text: request.t(text) })),
          },
        }),
  });
}
