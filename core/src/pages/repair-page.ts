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
import { type Repairable, repairable, runRepair } from '../repair.js';

const t = messages('host');
const PATH = '/core/repair/';
const permission = 'core.manage_extensions';

/** Rows of a report that are shown of each check; the command shows all. */
const SHOWN = 200;

interface Done {
  readonly dryRun: boolean;
  /** What each check that was run found, by its id. */
  readonly reports: ReadonlyMap<string, readonly Repaired[]>;
}

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
      return show(kernel(), request, await run(kernel(), [found], dryRun));
    },
  }),
  action({
    path: `${PATH}look/`,
    permission,
    body: {},
    run: async (request) => show(kernel(), request, await run(kernel(), repairable(kernel()), true)),
  }),
];

async function run(kernel: Kernel, which: readonly Repairable[], dryRun: boolean): Promise<Done> {
  const reports = new Map<string, readonly Repaired[]>();
  for (const one of which) reports.set(one.id, await runRepair(kernel, one, { dryRun, progress: () => {} }));
  return { dryRun, reports };
}

function show(kernel: Kernel, request: PageRequest, done?: Done): ViewAnswer {
  const checks = repairable(kernel).map(({ id, part }) => ({
    id,
    title: request.t(part.item.title),
    found: done?.reports.get(id)?.length,
    rows: (done?.reports.get(id) ?? [])
      .slice(0, SHOWN)
      .map(({ subject, text }) => ({ subject, text: request.t(text) })),
  }));
  return view('repair', t('Repair'), {
    checks,
    url: request.url,
    ...(done === undefined
      ? {}
      : { done: { dryRun: done.dryRun, count: checks.reduce((sum, { found = 0 }) => sum + found, 0) } }),
  });
}
