import { SIMPLE_USERS } from '@posthorn/admin/contract';
import { type ExtensionContext, job, messages, type Row, SUPER_ADMINS } from '@posthorn/sdk';
import { limitsParameters } from '../contract/parameters.js';
import { ACCOUNT_LIMITS, DOMAIN_LIMITS, isUnlimited } from '../contract/resources.js';
import { asNumber, marks } from '../services/rows.js';
import { tally, tallyOfDomains } from '../services/tally.js';

const t = messages('limits');

/** One transaction's worth. */
const BATCH = 100;
const OLD_ROWS = 1_000;
const DAY_MS = 86_400_000;

interface Sample {
  readonly id: number;
  readonly name: string;
  readonly used: number;
  readonly max: number;
}

/** What is used of every limit, once a day; and what is older than the history is to go back. */
export const samples = job({
  id: 'sample-use',
  title: t('Note what is used of limits'),
  cron: '17 3 * * *',
  timeoutMs: 30 * 60_000,
  async run(_payload, context) {
    const { enable_admin_limits: ofAccounts, enable_domain_limits: ofDomains } =
      await context.parameters(limitsParameters);
    const day = context.now().toISOString().slice(0, 10);
    if (ofAccounts) {
      const select = 'select id from core_user where role not in (?, ?) and id > ? order by id';
      await inBatches(context, { select, params: [SUPER_ADMINS, SIMPLE_USERS] }, async (ids) => {
        const levels = await tally(context, ids, ACCOUNT_LIMITS, 'walls');
        // The account's own: what limits somebody further up is noted there.
        await store(
          context,
          'user_id',
          day,
          ids,
          levels.filter(({ depth }) => depth === 0),
        );
      });
    }
    if (ofDomains) {
      await inBatches(
        context,
        { select: 'select id from admin_domain where id > ? order by id', params: [] },
        async (ids) => {
          const levels = await tallyOfDomains(context, ids, DOMAIN_LIMITS);
          await store(
            context,
            'domain_id',
            day,
            ids,
            levels.filter(({ name, max }) => !isUnlimited(name, max)),
          );
        },
      );
    }
    await removeOld(context);
  },
});

async function inBatches(
  context: ExtensionContext & { readonly signal: AbortSignal },
  from: { readonly select: string; readonly params: readonly unknown[] },
  work: (ids: readonly number[]) => Promise<void>,
): Promise<void> {
  for (let after = 0; !context.signal.aborted; ) {
    const rows = await context.data.execute<Row>(`${from.select} limit ${BATCH}`, [...from.params, after]);
    const ids = rows.map((row) => asNumber(row.id));
    if (ids.length === 0) return;
    await work(ids);
    after = ids.at(-1) ?? after;
  }
}

/** Run twice on a day, the later counts. What nothing may be made of has no history. */
async function store(
  context: ExtensionContext,
  column: 'user_id' | 'domain_id',
  day: string,
  ids: readonly number[],
  found: readonly Sample[],
): Promise<void> {
  const rows = found
    .filter(({ max, used }) => max > 0 || used > 0)
    .map(({ id, name, used, max }) => [day, id, name, used, max]);
  const { data } = context;
  await data.write(async () => {
    await data.execute(`delete from limits_sample where day = ? and ${column} in (${marks(ids)})`, [day, ...ids]);
    if (rows.length === 0) return;
    await data.execute(
      `insert into limits_sample (day, ${column}, name, used, max_value) values ${rows.map(() => '(?, ?, ?, ?, ?)').join(', ')}`,
      rows.flat(),
    );
  });
}

async function removeOld(context: ExtensionContext & { readonly signal: AbortSignal }): Promise<void> {
  const { history_days: days } = await context.parameters(limitsParameters);
  const first = new Date(context.now().getTime() - days * DAY_MS).toISOString().slice(0, 10);
  while (!context.signal.aborted) {
    const rows = await context.data.execute(`select id from limits_sample where day < ? limit ${OLD_ROWS}`, [first]);
    if (rows.length === 0) return;
    const ids = rows.map((row) => asNumber(row.id));
    await context.data.execute(`delete from limits_sample where id in (${marks(ids)})`, ids);
  }
}
