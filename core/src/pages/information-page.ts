import { type Contribution, menuEntry, messages, page, UtcTimestamp, view } from '@posthorn/sdk';
import type { Kernel } from '../kernel.js';
import { moment } from './moment.js';

const t = messages('host');

const permission = 'core.view_logs';

/** What runs here: versions, this installation's settings that are no secrets, and its processes. */
export const informationPage = (kernel: () => Kernel): readonly Contribution[] => [
  menuEntry(
    {
      area: 'main',
      label: t('Information'),
      href: '/core/information/',
      icon: 'info-circle',
      permission,
      group: t('System'),
    },
    { order: 940 },
  ),
  page({
    path: '/core/information/',
    permission,
    async load(request) {
      const { config, version, database, generation } = kernel();
      const processes = await database.execute(
        'select role, host, pid, started_at, assembly from core_process order by host, role, pid limit 200',
      );
      return view('information', t('Information'), {
        facts: [
          { label: t('Version'), value: version },
          { label: t('Node.js'), value: process.versions.node },
          { label: t('Database'), value: database.dialect },
          { label: t('Hostname'), value: config.hostname },
          { label: t('Address'), value: config.baseUrl },
          { label: t('Language'), value: config.language },
          { label: t('Time zone'), value: config.timeZone },
          { label: t('Folder'), value: config.directory },
        ],
        packages: generation.order.map((d) => ({ id: d.id, title: request.t(d.title), version: d.version })),
        processes: processes.map((row) => ({
          role: String(row.role),
          host: String(row.host),
          pid: Number(row.pid),
          assembly: Number(row.assembly),
          startedAt: moment(utc(row.started_at), request),
        })),
        url: request.url,
      });
    },
  }),
];

const stored = new UtcTimestamp();
const utc = (value: unknown): Date => stored.convertToJSValue(value as string | Date) ?? new Date(0);
