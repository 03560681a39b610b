import { type Contribution, command, field, messages, type Text, VIEW_AUDIT } from '@posthorn/sdk';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import type { AuditFilter } from './audit-table.js';
import type { Breach, Link } from './chain.js';
import { auditCsv, auditNdjson, printed } from './export.js';
import { auditScope } from './reach.js';

const t = messages('host');
const permission = VIEW_AUDIT;

const text = (label: Text) => field.string({ label, min: 1, max: 254 }).optional();
const filters = {
  actor: text(t('By whom, or a part of the name')),
  name: text(t('What was changed, or a part of its name')),
  kind: text(t('What kind of thing')),
  object: field.integer({ label: t('The number of one thing'), min: 1 }).optional(),
  action: field.choice({ label: t('What happened'), choices: ['created', 'updated', 'deleted'] }).optional(),
  door: field
    .choice({ label: t('By which way'), choices: ['command', 'page', 'api', 'import', 'job', 'system'] })
    .optional(),
  extension: text(t('Of which extension')),
  since: field.timestamp({ label: t('From this moment on') }).optional(),
  before: field.timestamp({ label: t('Before this moment') }).optional(),
};

interface Filters {
  readonly actor?: string | undefined;
  readonly name?: string | undefined;
  readonly kind?: string | undefined;
  readonly object?: number | undefined;
  readonly action?: string | undefined;
  readonly door?: string | undefined;
  readonly extension?: string | undefined;
  readonly since?: Date | undefined;
  readonly before?: Date | undefined;
}

const filterOf = ({ name, object, since, before, ...same }: Filters): AuditFilter => ({
  ...same,
  label: name,
  objectId: object,
  since: since?.getTime(),
  before: before?.getTime(),
});

const REASONS: Readonly<Record<Breach, Text>> = {
  changed: t('it was changed'),
  removed: t('it was removed'),
  inserted: t('it was put in'),
  cut: t('the end was cut off'),
  head: t('the end does not fit, or no key of this instance has sealed it'),
  anchor: t('it is not what was noted'),
};

const HEAD = /^(\d{1,15}):([0-9a-f]{64})$/;
function anchorOf(head: string | undefined): Link | undefined {
  const [, seq, hash] = HEAD.exec(head ?? '') ?? [];
  return seq === undefined || hash === undefined ? undefined : { seq: Number(seq), hash };
}

/** `posthorn audit list`, `show`, `export` and `verify`. */
export const auditCommands = (kernel: () => Kernel): readonly Contribution[] => [
  command({
    noun: 'audit',
    verb: 'list',
    summary: t('List who changed what, the newest first.'),
    examples: ['audit list', 'audit list --actor anna --action deleted', 'audit list --since 2026-01-01 --json'],
    permission,
    input: { ...filters, limit: field.integer({ label: t('At most so many'), min: 1, max: 100_000 }).default(100) },
    async run({ limit, ...given }, { out, actor }) {
      const within = await auditScope(kernel(), actor);
      const records = kernel().audit.table.stream({ ...filterOf(given), within }, limit);
      const columns = ['id', 'at', 'actor', 'door', 'action', 'kind', 'label'];
      await out.list(
        (async function* () {
          for await (const record of records) yield printed(record);
        })(),
        columns,
      );
    },
  }),
  command({
    noun: 'audit',
    verb: 'show',
    summary: t('Show one record with the values before and after.'),
    examples: ['audit show 17'],
    permission,
    positional: ['id'],
    input: { id: field.integer({ label: t('The number of the record'), min: 1 }) },
    async run({ id }, { out, actor }) {
      const record = await kernel().audit.table.find(id, await auditScope(kernel(), actor));
      if (record === undefined) throw problem('E_AUDIT_NOT_FOUND', { id });
      const changes = Object.entries(record.changes).flatMap(([name, change]): [string, string][] =>
        'secret' in change
          ? [[`${name}.changed`, 'secret']]
          : Object.entries(change).map(([when, value]) => [
              `${name}.${when}`,
              typeof value === 'string' ? value : JSON.stringify(value),
            ]),
      );
      out.item({ ...printed(record), ...Object.fromEntries(changes) });
    },
  }),
  command({
    noun: 'audit',
    verb: 'export',
    summary: t('Write records to standard output, the newest first.'),
    examples: ['audit export --format ndjson', 'audit export --since 2026-01-01 --format csv'],
    permission,
    input: {
      ...filters,
      format: field.choice({ label: t('Format'), choices: ['csv', 'ndjson'] }).default('csv'),
    },
    async run({ format, ...given }, { out, actor }) {
      const within = await auditScope(kernel(), actor);
      const records = kernel().audit.table.stream({ ...filterOf(given), within });
      await out.stream(format === 'csv' ? auditCsv(records) : auditNdjson(records));
    },
  }),
  command({
    noun: 'audit',
    verb: 'verify',
    summary: t('Check that no record was changed, removed or put in.'),
    description: t(
      'Ends with exit code 1 and names the first record that is not right. A number and hash that the log or syslog has kept (audit-head) shows also whether the end was replaced as a whole.',
    ),
    examples: ['audit verify', 'audit verify --head 17:<hash>'],
    permission: 'core.verify_audit',
    input: {
      head: field.string({ label: t('SEQ:HASH of an audit-head line in the log'), pattern: HEAD, max: 100 }).optional(),
    },
    async run({ head }, { out, setExitCode }) {
      await kernel().audit.seal();
      const { isWhole, checked, unsealed, head: end, broken } = await kernel().audit.chain.verify(anchorOf(head));
      out.item({
        whole: isWhole,
        checked,
        unsealed,
        head_seq: end.seq,
        head_hash: end.hash,
        broken_seq: broken?.seq ?? null,
        broken_id: broken?.id ?? null,
        reason: broken?.reason ?? null,
      });
      if (broken === undefined) return;
      setExitCode(1);
      out.warn(t('The record {{seq}} is not right: {{reason}}.', { seq: broken.seq, reason: REASONS[broken.reason] }));
    },
  }),
];
