/** Which mailboxes and domains have come above, or fallen below, a threshold of their quota since they were looked at. */
import type { Data, Row } from '@posthorn/sdk';
import { MEGABYTE } from '../contract/quota.js';
import { asNumber, asNumberOrNull, asText } from './sql.js';

/** Rows of one look. */
const PAGE = 500;

export interface Filled {
  readonly kind: 'mailbox' | 'domain';
  /** Of the mailbox or the domain. */
  readonly id: number;
  /** Address or domain name. */
  readonly name: string;
  readonly usedBytes: number;
  /** Megabytes. */
  readonly quota: number;
  readonly percent: number;
  /** The highest threshold that is reached; 0 below all. */
  readonly threshold: number;
  /** The one that was told; 0 for none. */
  readonly before: number;
  /** Of a mailbox. */
  readonly secondary: string;
  readonly language: string;
}

interface Source {
  readonly kind: Filled['kind'];
  /** A select with the placeholders: after which id, true, true, the least threshold. */
  readonly sql: string;
}

const SOURCES: readonly Source[] = [
  {
    kind: 'mailbox',
    sql: `select m.id as id, m.address || '@' || d.name as name, m.quota as quota, coalesce(q.bytes, 0) as bytes,
        w.threshold as before_now, u.secondary_email as secondary, u.language as language
      from admin_mailbox m inner join admin_domain d on d.id = m.domain_id inner join core_user u on u.id = m.user_id
      left join admin_quota q on q.username = m.address || '@' || d.name
      left join admin_quotawarning w on w.mailbox_id = m.id
      where m.id > ? and (w.id is not null or (m.quota > 0 and u.is_active = ? and d.enabled = ?
        and q.bytes * 100.0 >= m.quota * ${MEGABYTE}.0 * ?)) order by m.id limit ${PAGE}`,
  },
  {
    kind: 'domain',
    sql: `select x.id as id, x.name as name, x.quota as quota, x.bytes as bytes, x.before_now as before_now,
        '' as secondary, '' as language
      from (select d.id as id, d.name as name, d.quota as quota, d.enabled as enabled, w.threshold as before_now,
          (select coalesce(sum(q.bytes), 0) from admin_mailbox m
            inner join admin_quota q on q.username = m.address || '@' || d.name where m.domain_id = d.id) as bytes
        from admin_domain d left join admin_quotawarning w on w.domain_id = d.id
        where d.quota > 0 or w.id is not null) x
      where x.id > ? and (x.before_now is not null or (x.quota > 0 and true = ? and x.enabled = ?
        and x.bytes * 100.0 >= x.quota * ${MEGABYTE}.0 * ?)) order by x.id limit ${PAGE}`,
  },
];

/** All that is above a threshold or was told of, page by page. `thresholds` are percents, in any order. */
export async function* filledUp(data: Data, thresholds: readonly number[]): AsyncGenerator<readonly Filled[]> {
  const least = Math.min(...thresholds, 101);
  for (const { kind, sql } of SOURCES) {
    for (let after = 0; ; ) {
      const rows = await data.execute(sql, [after, true, true, least]);
      if (rows.length > 0) yield rows.map((row) => filledOf(kind, row, thresholds));
      if (rows.length < PAGE) break;
      after = asNumber(rows.at(-1)?.id);
    }
  }
}

function filledOf(kind: Filled['kind'], row: Row, thresholds: readonly number[]): Filled {
  const quota = asNumber(row.quota);
  const usedBytes = asNumber(row.bytes);
  const percent = quota === 0 ? 0 : Math.floor((usedBytes * 100) / (quota * MEGABYTE));
  return {
    kind,
    id: asNumber(row.id),
    name: asText(row.name),
    usedBytes,
    quota,
    percent,
    threshold: Math.max(0, ...thresholds.filter((one) => percent >= one)),
    before: asNumberOrNull(row.before_now) ?? 0,
    secondary: asText(row.secondary),
    language: asText(row.language),
  };
}

/** Keeps what is told from now on. Inside the transaction of the letter. */
export async function keepThreshold(data: Data, { kind, id, threshold }: Filled): Promise<void> {
  const column = kind === 'mailbox' ? 'mailbox_id' : 'domain_id';
  await data.execute(`delete from admin_quotawarning where ${column} = ?`, [id]);
  if (threshold > 0)
    await data.execute(`insert into admin_quotawarning (${column}, threshold) values (?, ?)`, [id, threshold]);
}
