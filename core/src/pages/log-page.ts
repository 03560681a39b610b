import {
  type Contribution,
  field,
  menuEntry,
  messages,
  page,
  type Text,
  UtcTimestamp,
  VIEW_AUDIT,
  view,
} from '@posthorn/sdk';
import type { Kernel } from '../kernel.js';
import { moment } from './moment.js';

const t = messages('host');

const permission = 'core.view_logs';
const PAGE_SIZE = 50;
const LEVELS = { info: t('info'), warning: t('warning'), error: t('error') };
const COLOURS: Readonly<Record<string, string>> = { info: 'info', warning: 'warning', error: 'danger' };

const OUTCOMES = {
  success: t('signed in'),
  failure: t('failed'),
  throttled: t('refused'),
  'sign-out': t('signed out'),
};
const REASONS: Readonly<Record<string, Text>> = {
  unknown: t('nobody has this name'),
  disabled: t('the account is disabled'),
  password: t('wrong password'),
  throttled: t('too many failures'),
  refused: t('kept out by a rule'),
};

const stored = new UtcTimestamp();

/** What was noted for people: who signed in, who was kept out. */
export const logPage = (kernel: () => Kernel): readonly Contribution[] => [
  menuEntry(
    { area: 'main', label: t('Logs'), href: '/core/logs/', icon: 'list-details', permission, group: t('System') },
    { order: 950 },
  ),
  page({
    path: '/core/logs/',
    permission,
    query: {
      q: field.string({ label: t('Search'), max: 254 }).default(''),
      level: field.choice({ label: t('Level'), choices: ['', 'info', 'warning', 'error'] }).default(''),
      outcome: field.choice({ label: t('Outcome'), choices: ['', ...Object.keys(OUTCOMES)] }).default(''),
      page: field.integer({ label: t('Page'), min: 1, max: 10_000_000 }).default(1),
    },
    async load(request) {
      const { q, level, outcome } = request.query;
      const { database } = kernel();
      const pattern = `%${q.toLowerCase().replace(/[!%_]/g, (c) => `!${c}`)}%`;
      const conditions = [
        ...(q === '' ? [] : [{ sql: "lower(message) like ? escape '!'", value: pattern }]),
        ...(level === '' ? [] : [{ sql: 'level = ?', value: level }]),
        ...(outcome === '' ? [] : [{ sql: 'outcome = ?', value: outcome }]),
      ];
      const where = conditions.length === 0 ? '' : `where ${conditions.map(({ sql }) => sql).join(' and ')}`;
      const params = conditions.map(({ value }) => value);
      const [counted] = await database.execute(`select count(*) as n from core_log ${where}`, params);
      const total = Number(counted?.n ?? 0);
      const pages = Math.max(1, Math.ceil(total / PAGE_SIZE));
      const pageNumber = Math.min(request.query.page, pages);
      const rows = await database.execute(
        `select id, created, level, logger, message, outcome, address, reason from core_log ${where}
         order by id desc limit ${PAGE_SIZE} offset ${(pageNumber - 1) * PAGE_SIZE}`,
        params,
      );
      return view('logs', t('Logs'), {
        rows: rows.map((row) => ({
          id: Number(row.id),
          at: moment(stored.convertToJSValue(row.created as string | Date) ?? new Date(0), request),
          level: String(row.level),
          colour: COLOURS[String(row.level)] ?? 'neutral',
          logger: String(row.logger),
          message: String(row.message),
          address: String(row.address),
          reason: request.t(REASONS[String(row.reason)] ?? ''),
        })),
        filters: { q, level, outcome },
        outcomes: Object.entries(OUTCOMES).map(([value, label]) => ({ value, label: request.t(label) })),
        maySeeAudit: request.actor.can(VIEW_AUDIT),
        levels: Object.entries(LEVELS).map(([value, label]) => ({ value, label: request.t(label) })),
        total,
        pageNumber,
        pages,
        url: request.url,
      });
    },
  }),
];
