import { writeCsv } from '../import-export/csv-writer.js';
import type { AuditRecord } from './audit-table.js';

/** Names of the API and of exported files. */
export const printed = (r: AuditRecord) => ({
  id: r.id,
  seq: r.seq,
  at: new Date(r.at).toISOString(),
  actor: r.actor,
  actor_id: r.actorId,
  behind: r.behind,
  door: r.door,
  address: r.address,
  request: r.request,
  via: r.via,
  extension: r.extension,
  kind: r.kind,
  object_id: r.objectId,
  label: r.label,
  place: r.place,
  action: r.action,
  rows: r.rows,
  hash: r.hash,
});

const COLUMNS = [
  ...['id', 'seq', 'at', 'actor', 'actor_id', 'behind', 'door', 'address', 'request', 'via', 'extension', 'kind'],
  ...['object_id', 'label', 'place', 'action', 'rows', 'hash', 'changes'],
] as const;

/** One JSON object to a line. */
export async function* auditNdjson(records: AsyncIterable<AuditRecord>): AsyncGenerator<string> {
  for await (const record of records) yield `${JSON.stringify({ ...printed(record), changes: record.changes })}\n`;
}

export const auditCsv = (records: AsyncIterable<AuditRecord>): AsyncGenerator<string> => writeCsv(cells(records), ',');

async function* cells(records: AsyncIterable<AuditRecord>) {
  yield COLUMNS;
  for await (const record of records) {
    yield [...Object.values(printed(record)).map((cell) => cell ?? ''), JSON.stringify(record.changes)];
  }
}
