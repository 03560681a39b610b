import { type Contribution, field, messages, page, type Text, view } from '@posthorn/sdk';
import type { Kernel } from '../kernel.js';
import { observedExtensions } from '../packages/observed-states.js';
import { moment } from '../pages/moment.js';
import { collectFigures, type Place, type PlaceKind } from './collect.js';
import { findingsOf } from './findings.js';

const t = messages('host');

const KINDS: Readonly<Record<PlaceKind, Text>> = {
  hook: t('Hook'),
  page: t('Page'),
  tab: t('Tab'),
  widget: t('Widget'),
  badge: t('Badge'),
  palette: t('Palette'),
  job: t('Job'),
  command: t('Command'),
  check: t('Check'),
  file: t('File'),
  step: t('Step'),
};

const SORTS: Readonly<Record<string, (a: Place, b: Place) => number>> = {
  extension: (a, b) => a.extension.localeCompare(b.extension, 'en') || a.at.localeCompare(b.at, 'en'),
  at: (a, b) => a.at.localeCompare(b.at, 'en'),
  calls: (a, b) => a.calls - b.calls,
  failures: (a, b) => a.failures - b.failures,
  p95: (a, b) => a.p95 - b.p95,
  statements: (a, b) => a.statements - b.statements,
};
const SORT_NAMES = Object.keys(SORTS).flatMap((name) => [name, `-${name}`]);

/** Rows shown at once; the command has them all. */
const SHOWN = 300;

/** How the extensions fare in the processes that serve now. */
export const doctorPage = (kernel: () => Kernel): Contribution =>
  page({
    path: '/core/extensions/doctor/',
    permission: 'core.manage_extensions',
    query: {
      extension: field.string({ label: t('Extension'), max: 40 }).default(''),
      sort: field.choice({ label: t('Order'), choices: ['', ...SORT_NAMES] }).default(''),
    },
    async load(request) {
      const { extension, sort } = request.query;
      const { packages } = kernel();
      const states = await observedExtensions(kernel());
      const seen = await collectFigures(kernel(), { isServing: true });
      const { places, errors, processes } = seen;
      const isMeant = (one: { readonly extension: string }): boolean => extension === '' || one.extension === extension;
      const findings = findingsOf({ states, packages }, seen).filter(isMeant);
      const wrong = new Set(findings.map((f) => `${f.extension} ${f.at}`));
      return view('doctor', t('Doctor'), {
        url: request.url,
        extension,
        extensions: ['core', ...states.map(({ id }) => id)],
        sort: sort === '' ? '-failures' : sort,
        findings: findings.map((f) => ({ ...f, label: f.level === 'error' ? t('Error') : t('Warning') })),
        places: sorted(places.filter(isMeant), sort)
          .slice(0, SHOWN)
          .map((p) => ({ ...p, kind: KINDS[p.kind], isWrong: wrong.has(`${p.extension} ${p.at}`) })),
        errors: errors.filter(isMeant).map((e) => ({ ...e, time: moment(new Date(e.time), request) })),
        processes: processes.map((p) => ({ ...p, startedAt: moment(p.startedAt, request) })),
      });
    },
  });

/** Unless asked otherwise: what fails first, then what takes longest. */
function sorted(places: readonly Place[], sort: string): readonly Place[] {
  const compare = SORTS[sort.replace(/^-/, '')];
  if (compare === undefined) return places.toSorted((a, b) => b.failures - a.failures || b.p95 - a.p95);
  return places.toSorted((a, b) => (sort.startsWith('-') ? compare(b, a) : compare(a, b)));
}
