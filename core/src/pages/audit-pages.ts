import {
  type Contribution,
  download,
  field,
  menuEntry,
  messages,
  type PageRequest,
  page,
  type Shape,
  type Text,
  type Values,
  VIEW_AUDIT,
  view,
} from '@posthorn/sdk';
import type { AuditFilter, AuditRecord } from '../audit/audit-table.js';
import { auditCsv, auditNdjson } from '../audit/export.js';
import { auditScope } from '../audit/reach.js';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { withQuery } from '../views/href.js';
import { moment } from './moment.js';

const t = messages('host');

const permission = VIEW_AUDIT;
const LIST = '/core/audit/';
const PAGE_SIZE = 50;

const ACTIONS = { created: t('created'), updated: t('changed'), deleted: t('deleted') };
const COLOURS = { created: 'success', updated: 'info', deleted: 'danger' } as const;
const DOORS: Readonly<Record<string, Text>> = {
  command: t('Command line'),
  page: t('Page'),
  api: t('API'),
  import: t('Import'),
  job: t('Job'),
  system: t('System'),
};

const text = (label: Text, max: number) => field.string({ label, max }).default('');
const day = (label: Text) => field.string({ label, pattern: /^(?:\d{4}-\d{2}-\d{2})?$/ }).default('');
const id = (label: Text) => field.integer({ label, min: 1 }).optional();

const query = {
  q: text(t('Search'), 254),
  actor: text(t('By'), 254),
  kind: text(t('Kind'), 60),
  action: field.choice({ label: t('Action'), choices: ['', ...Object.keys(ACTIONS)] }).default(''),
  door: field.choice({ label: t('Way'), choices: ['', ...Object.keys(DOORS)] }).default(''),
  extension: text(t('Extension'), 40),
  since: day(t('From')),
  until: day(t('Until')),
  history: field.string({ label: t('History'), pattern: /^(?:[a-z0-9_-]{1,60}:\d{1,15})?$/ }).default(''),
} satisfies Shape;

const DAY_MS = 86_400_000;

/** Days are those of UTC, like the moments that are kept. */
async function filterOf(kernel: Kernel, request: PageRequest<unknown, Values<typeof query>>): Promise<AuditFilter> {
  const { q, actor, since, until, history, ...same } = request.query;
  const [kind = '', number] = history.split(':');
  const given = Object.fromEntries(Object.entries(same).filter(([name, value]) => name in query && value !== ''));
  const at = (date: string): number | undefined => {
    const ms = Date.parse(`${date}T00:00:00Z`);
    return Number.isNaN(ms) ? undefined : ms;
  };
  const end = at(until);
  return {
    ...given,
    label: q === '' ? undefined : q,
    actor: actor === '' ? undefined : actor,
    since: at(since),
    before: end === undefined ? undefined : end + DAY_MS,
    history: number === undefined ? undefined : { kind, id: Number(number) },
    within: await auditScope(kernel, request.actor),
  };
}

const kindTitle = (kernel: Kernel, request: PageRequest, kind: string): string =>
  request.t(kernel.audit.tables.byKind(kind)?.title ?? kind);

const shown = (kernel: Kernel, request: PageRequest, r: AuditRecord) => ({
  id: r.id,
  href: `${LIST}${r.id}/`,
  at: moment(new Date(r.at), request),
  actor: r.actor,
  action: request.t(ACTIONS[r.action]),
  colour: COLOURS[r.action],
  kind: kindTitle(kernel, request, r.kind),
  label: r.rows === 1 ? r.label : request.t(t({ one: '{{count}} row', other: '{{count}} rows' }, { count: r.rows })),
  door: request.t(DOORS[r.door] ?? r.door),
  address: r.address,
});

const said = (value: unknown): string =>
  value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);

/** Who changed what: a list, one record with the values before and after, and files. */
export const auditPages = (kernel: () => Kernel): readonly Contribution[] => [
  menuEntry(
    { area: 'main', label: t('Audit'), href: LIST, icon: 'history', permission, group: t('System') },
    { order: 945 },
  ),
  page({
    path: LIST,
    permission,
    query: { ...query, older: id(t('Before')), newer: id(t('After')) },
    async load(request) {
      const { older, newer } = request.query;
      const filter = await filterOf(kernel(), request as never);
      const found = await kernel().audit.table.list(filter, { before: older, after: newer, size: PAGE_SIZE + 1 });
      const isBack = newer !== undefined && older === undefined;
      const rows = isBack ? found.slice(-PAGE_SIZE) : found.slice(0, PAGE_SIZE);
      const hasMore = found.length > PAGE_SIZE;
      const to = (more: object) => withQuery(request.url, { older: undefined, newer: undefined, ...more });
      const { tables } = kernel().audit;
      const kinds = [...new Map(tables.all.map((table) => [table.kind, request.t(table.title)]))];
      return view('audit', t('Audit'), {
        rows: rows.map((record) => shown(kernel(), request, record)),
        filters: request.query,
        kinds: kinds.map(([value, label]) => ({ value, label })).sort((a, b) => a.label.localeCompare(b.label)),
        actions: Object.entries(ACTIONS).map(([value, label]) => ({ value, label: request.t(label) })),
        doors: Object.entries(DOORS).map(([value, label]) => ({ value, label: request.t(label) })),
        extensions: kernel().generation.order.map((d) => ({ value: d.id, label: request.t(d.title) })),
        newer: (isBack ? hasMore : older !== undefined) && rows.length > 0 ? to({ newer: rows[0]?.id }) : '',
        older: (isBack || hasMore) && rows.length > 0 ? to({ older: rows.at(-1)?.id }) : '',
        csv: `${LIST}export/csv/${to({}).replace(/^[^?]*/, '')}`,
        ndjson: `${LIST}export/ndjson/${to({}).replace(/^[^?]*/, '')}`,
        maySeeLogs: request.actor.can('core.view_logs'),
        url: request.url,
      });
    },
  }),
  page({
    path: `${LIST}:id/`,
    permission,
    async load(request) {
      const number = /^\d{1,15}$/.test(request.params.id) ? Number(request.params.id) : 0;
      const record = await kernel().audit.table.find(number, await auditScope(kernel(), request.actor));
      if (record === undefined) throw problem('E_AUDIT_NOT_FOUND', { id: request.params.id });
      const table = kernel().audit.tables.byKind(record.kind);
      const { objectId } = record;
      return view('audit-record', t('Record {{id}}', { id: record.id }), {
        record: {
          ...record,
          ...shown(kernel(), request, record),
          utc: new Date(record.at).toISOString(),
          kindName: record.kind,
        },
        fields: Object.entries(record.changes).map(([name, change]) =>
          'secret' in change
            ? { name, isSecret: true, before: '', after: '' }
            : { name, isSecret: false, before: said(change.before), after: said(change.after) },
        ),
        history: objectId === null ? '' : `${LIST}?history=${encodeURIComponent(`${record.kind}:${objectId}`)}`,
        object:
          objectId === null || record.action === 'deleted'
            ? ''
            : (table?.href?.({ id: objectId, label: record.label }) ?? ''),
        url: request.url,
      });
    },
  }),
  ...(['csv', 'ndjson'] as const).map((format) =>
    page({
      path: `${LIST}export/${format}/`,
      permission,
      query,
      async load(request) {
        const records = kernel().audit.table.stream(await filterOf(kernel(), request as never));
        return download({
          filename: `audit.${format}`,
          type: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
          content: format === 'csv' ? auditCsv(records) : auditNdjson(records),
        });
      },
    }),
  ),
];
