/**
 * The order of mailboxes by what they use. What is used stands in a table that mail servers write at every delivery; an
 * index there would make each of them dearer, so the order is kept beside it and brought up to date now and then.
 */
import type { Data, Row } from '@posthorn/sdk';
import { MEGABYTE } from '../contract/quota.js';
import { asNumber, asNumberOrNull } from './sql.js';

/** Rows of one look and, where they changed, of one transaction. */
const CHUNK = 1_000;

const SELECT = `select m.id, m.quota, coalesce(q.bytes, 0) as bytes, k.bytes as kept_bytes, k.share as kept_share
  from admin_mailbox m inner join admin_domain d on d.id = m.domain_id
  left join admin_quota q on q.username = m.address || '@' || d.name
  left join admin_mailboxuse k on k.mailbox_id = m.id
  where m.id > ? order by m.id limit ${CHUNK}`;

interface Use {
  readonly id: number;
  readonly bytes: number;
  readonly share: number;
}

/** Thousandths of the quota, which is in megabytes; nothing is full without one. As much as a column holds. */
const shareOf = (bytes: number, quota: number): number =>
  quota > 0 ? Math.min(Math.floor((bytes * 1_000) / (quota * MEGABYTE)), 2 ** 31 - 1) : 0;

const useOf = (row: Row): Use => {
  const bytes = asNumber(row.bytes);
  return { id: asNumber(row.id), bytes, share: shareOf(bytes, asNumber(row.quota)) };
};

const isKept = (row: Row, use: Use): boolean =>
  asNumberOrNull(row.kept_bytes) === use.bytes && asNumberOrNull(row.kept_share) === use.share;

/** Brings the order up to date. */
export async function refreshMailboxUse(data: Data, signal?: AbortSignal): Promise<void> {
  for (let after = 0; ; ) {
    signal?.throwIfAborted();
    const rows = await data.execute(SELECT, [after]);
    const changed = rows.flatMap((row) => {
      const use = useOf(row);
      return isKept(row, use) ? [] : [use];
    });
    if (changed.length > 0) await data.write(() => keep(data, changed));
    const last = rows.at(-1);
    if (last === undefined || rows.length < CHUNK) return;
    after = asNumber(last.id);
  }
}

async function keep(data: Data, uses: readonly Use[]): Promise<void> {
  const otherwise =
    data.dialect === 'mariadb'
      ? 'on duplicate key update bytes = values(bytes), share = values(share)'
      : 'on conflict (mailbox_id) do update set bytes = excluded.bytes, share = excluded.share';
  // A mailbox that went since it was read has no use any more.
  const there = new Set(
    (await data.execute(`select id from admin_mailbox where id >= ? and id <= ?`, [uses[0]?.id, uses.at(-1)?.id])).map(
      ({ id }) => asNumber(id),
    ),
  );
  const left = uses.filter(({ id }) => there.has(id));
  if (left.length === 0) return;
  await data.execute(
    `insert into admin_mailboxuse (mailbox_id, bytes, share) values ${left.map(() => '(?, ?, ?)').join(', ')} ${otherwise}`,
    left.flatMap(({ id, bytes, share }) => [id, bytes, share]),
  );
}
