import { type Data, JOB_REPORT_MAX, type JobReportRow, type JobStarter, type Row, type Text } from '@posthorn/sdk';
import { isUniqueViolation } from '../data/errors.js';
import { due, turn } from './claim-conditions.js';
import type {
  Claim,
  ClaimedJob,
  JobDriver,
  JobName,
  JobRow,
  JobState,
  JobWish,
  Lease,
  NewJob,
  Progress,
  StoredReportRow,
} from './driver.js';
import { fullName } from './job-catalog.js';
import { epochMs, marks, nowMs } from './sql-expressions.js';
import { ONCE, storedKey } from './unique-key.js';

const MAX_PAYLOAD_BYTES = 65_536;
const MAX_INTEGER = 2_147_483_647;
const MAX_WORKER = 36;
/** Rows forgotten in one transaction: on SQLite it holds everybody else up. */
const PURGE_BATCH = 500;

/** What every ending of a job has in common. The key stays where the job may exist once only. */
const FINISHED = `finished_at = current_timestamp, unique_key = case when unique_key like '${ONCE}%' then unique_key end`;
const FREE = 'locked_by = null, locked_until = null, held_key = null';
const ENDED = `${FREE}, ${FINISHED}`;
const HELD = `id = ? and locked_by = ? and attempts = ? and state = 'active'`;
const heldBy = (lease: Lease): unknown[] => [lease.id, lease.worker, lease.attempt];

const CLAIMED =
  'id, extension, name, queue, payload, attempts, priority, run_at, started_by_id, started_by, started_by_token, exclusive_key';
/** How often a claim begins anew because another process has just taken one of the keys. */
const CLAIM_TRIES = 3;

/** A job that waits in the table. */
export interface WaitingJob extends JobName {
  readonly id: number;
  readonly queue: string;
  readonly priority: number;
  /** Milliseconds by the database's clock; 0 or less where it is due. */
  readonly dueInMs: number;
}

/** Jobs in the table `core_job`. Every method joins the caller's transaction where there is one. */
export class SqlJobDriver implements JobDriver {
  readonly #data: Data;
  /** SQL for the database's clock. */
  readonly #now: string;

  constructor(data: Data) {
    this.#data = data;
    this.#now = nowMs[data.dialect];
  }

  async enqueue(job: NewJob): Promise<number | null> {
    check(job);
    const key =
      job.onceKey !== undefined
        ? storedKey('once', job.extension, job.onceKey)
        : job.uniqueKey !== undefined
          ? storedKey('key', job.extension, job.uniqueKey)
          : null;
    const isMariadb = this.#data.dialect === 'mariadb';
    // `ignore` would also swallow values that do not fit: they were checked above
    const rows = await this.#data.write(() =>
      this.#data.execute(
        `insert ${isMariadb ? 'ignore ' : ''}into core_job (queue, extension, name, payload, priority, run_at, unique_key, exclusive_key, started_by_id, started_by, started_by_token)
         values (?, ?, ?, ?, ?, ${job.runAt === undefined ? this.#now : '?'}, ?, ?, ?, ?, ?)
         ${isMariadb ? '' : 'on conflict (unique_key) do nothing'} returning id`,
        [
          job.queue,
          job.extension,
          job.name,
          job.payload,
          job.priority,
          ...(job.runAt === undefined ? [] : [job.runAt.getTime()]),
          key,
          job.exclusiveKey === undefined ? null : storedKey('run', job.extension, job.exclusiveKey),
          job.by?.id ?? null,
          job.by?.username ?? null,
          job.by?.token ?? null,
        ],
      ),
    );
    return rows[0] === undefined ? null : Number(rows[0].id);
  }

  async isPending(job: JobName & { readonly queue: string }): Promise<boolean> {
    const rows = await this.#data.execute(
      `select id from core_job where queue = ? and state in ('ready', 'active') and extension = ? and name = ?
       and unique_key like '${ONCE}%' limit 1`,
      [job.queue, job.extension, job.name],
    );
    return rows.length > 0;
  }

  async claim(wish: Claim): Promise<ClaimedJob[]> {
    checkWorker(wish.worker);
    if (wish.limit < 1 || wish.queues.length === 0 || wish.known.length === 0) return [];
    const { lapsed, isDue } = await this.#look(wish);
    if (lapsed.length === 0 && !isDue) return [];
    const rows = await this.#taking(() =>
      this.#data.write(async () => {
        if (lapsed.length > 0) await this.#free(lapsed);
        return this.#lease(wish);
      }),
    );
    return (rows ?? [])
      .map((row) => ({ job: claimed(row, wish.worker), priority: Number(row.priority), runAt: Number(row.run_at) }))
      .sort((a, b) => b.priority - a.priority || a.runAt - b.runAt || a.job.id - b.job.id)
      .map(({ job }) => job);
  }

  async claimOne(id: number, o: { readonly worker: string; readonly leaseMs: number }): Promise<ClaimedJob | null> {
    checkWorker(o.worker);
    const [known] = await this.#data.execute('select queue from core_job where id = ?', [id]);
    if (known === undefined) return null;
    // Its key may be held by a job whose worker is gone.
    await this.freeLapsed([String(known.queue)]);
    const free = `id = ? and state in ('ready', 'failed') and held_key is null`;
    // MariaDB assigns from left to right, so `attempts` must come while `state` is still the old one
    const set = `attempts = case when state = 'failed' then 1 else attempts + 1 end, state = 'active', locked_by = ?,
      locked_until = ${this.#now} + ?, held_key = exclusive_key, done = 0, total = null, reported = 0, finished_at = null`;
    const isChanged = await this.#taking(() => this.#change(set, [o.worker, o.leaseMs], free, [id]));
    if (isChanged !== true) return null;
    const [row] = await this.#data.execute(`select ${CLAIMED} from core_job where id = ? and locked_by = ?`, [
      id,
      o.worker,
    ]);
    return row === undefined ? null : claimed(row, o.worker);
  }

  async extend(leases: readonly Lease[], leaseMs: number): Promise<ReadonlySet<number>> {
    if (leases.length === 0) return new Set();
    const where = `state = 'active' and (${leases.map(() => '(id = ? and locked_by = ? and attempts = ?)').join(' or ')})`;
    const values = leases.flatMap(heldBy);
    const rows = await this.#data.write(async () => {
      const renew = `update core_job set locked_until = ${this.#now} + ? where ${where}`;
      if (this.#data.dialect !== 'mariadb') return this.#data.execute(`${renew} returning id`, [leaseMs, ...values]);
      await this.#data.execute(renew, [leaseMs, ...values]);
      return this.#data.execute(`select id from core_job where ${where}`, values);
    });
    return new Set(rows.map((row) => Number(row.id)));
  }

  progress(lease: Lease, progress: Progress): Promise<boolean> {
    return this.#change('done = ?, total = ?', [progress.done, progress.total], HELD, heldBy(lease));
  }

  report(lease: Lease, rows: readonly JobReportRow[], reported: number): Promise<boolean> {
    return this.#data.write(async () => {
      // Rows of a run before go when this one has something to say; until then the count of 0 hides them.
      if (reported === 0) await this.#data.execute('delete from core_job_report where job_id = ?', [lease.id]);
      const isHeld = await this.#change('reported = ?', [reported + rows.length], HELD, heldBy(lease));
      if (!isHeld) return false;
      for (const { subject, text } of rows.slice(0, Math.max(0, JOB_REPORT_MAX - reported))) {
        await this.#data.execute('insert into core_job_report (job_id, subject, said) values (?, ?, ?)', [
          lease.id,
          subject,
          JSON.stringify(text),
        ]);
      }
      return true;
    });
  }

  complete(lease: Lease, progress?: Progress): Promise<boolean> {
    const [set, values] = withProgress(progress);
    return this.#change(`${set}state = 'done', error = null, ${ENDED}`, values, HELD, heldBy(lease));
  }

  fail(
    lease: Lease,
    o: { readonly error: string; readonly retryInMs: number | null; readonly progress?: Progress },
  ): Promise<boolean> {
    const [set, values] = withProgress(o.progress);
    return o.retryInMs === null
      ? this.#change(`${set}state = 'failed', error = ?, ${ENDED}`, [...values, o.error], HELD, heldBy(lease))
      : this.#change(
          `${set}state = 'ready', error = ?, ${FREE}, run_at = ${this.#now} + ?`,
          [...values, o.error, Math.round(o.retryInMs)],
          HELD,
          heldBy(lease),
        );
  }

  release(lease: Lease): Promise<boolean> {
    return this.#change(`state = 'ready', ${FREE}, attempts = attempts - 1`, [], HELD, heldBy(lease));
  }

  cancel(id: number): Promise<boolean> {
    return this.#change(
      `state = 'failed', error = 'cancelled', locked_by = null, ${FINISHED},
       locked_until = case when held_key is null then null else locked_until end`,
      [],
      `id = ? and state in ('ready', 'active')`,
      [id],
    );
  }

  retry(id: number): Promise<boolean> {
    return this.#change(
      `state = 'ready', attempts = 0, run_at = ${this.#now}, error = null, finished_at = null, done = 0, total = null`,
      [],
      `id = ? and state = 'failed'`,
      [id],
    );
  }

  async reportRows(
    id: number,
    o: { readonly after: number; readonly limit: number },
  ): Promise<readonly StoredReportRow[]> {
    const rows = await this.#data.execute(
      `select r.id, r.subject, r.said from core_job_report r inner join core_job j on j.id = r.job_id
       where r.job_id = ? and r.id > ? and j.reported > 0 order by r.id limit ?`,
      [id, o.after, o.limit],
    );
    return rows.map((row) => ({
      id: Number(row.id),
      subject: String(row.subject),
      text: JSON.parse(String(row.said)) as Text,
    }));
  }

  async find(id: number): Promise<JobRow | null> {
    const [row] = await this.#data.execute(`${this.#rows()} where id = ?`, [id]);
    return row === undefined ? null : shown(row);
  }

  async list({ state, by, isOldestFirst = false, after, limit }: JobWish): Promise<JobRow[]> {
    const wanted = Object.entries({
      'state = ?': state,
      'started_by_id = ?': by?.id,
      'started_by_token = ?': by?.token,
      [`id ${isOldestFirst ? '>' : '<'} ?`]: after,
    }).filter(([, value]) => value !== undefined);
    const where = wanted.length === 0 ? '' : `where ${wanted.map(([condition]) => condition).join(' and ')}`;
    const rows = await this.#data.execute(
      `${this.#rows()} ${where} order by id ${isOldestFirst ? 'asc' : 'desc'} limit ?`,
      [...wanted.map(([, value]) => value), limit],
    );
    return rows.map(shown);
  }

  async purge(o: { readonly doneMs: number; readonly failedMs: number }): Promise<number> {
    const ended = epochMs(this.#data.dialect, 'finished_at');
    let count = 0;
    for (;;) {
      const rows = await this.#data.execute(
        `select id from core_job where (state = 'done' and ${ended} < ${this.#now} - ?)
         or (state = 'failed' and ${ended} < ${this.#now} - ?) order by id limit ${PURGE_BATCH}`,
        [o.doneMs, o.failedMs],
      );
      const ids = rows.map((row) => Number(row.id));
      if (ids.length === 0) return count;
      // a failed one may be running again by now
      await this.#data.write(() =>
        this.#data.execute(`delete from core_job where id in (${marks(ids)}) and state in ('done', 'failed')`, ids),
      );
      count += ids.length;
      if (ids.length < PURGE_BATCH) return count;
    }
  }

  /**
   * Waiting jobs by their ids, the next that may have an exclusive key, or those of some queues that have been due for a
   * while, the longest first. Those that are due and have to wait for their key are left out.
   */
  async waiting(
    o:
      | { readonly ids: readonly number[] }
      | { readonly exclusiveKey: string }
      | { readonly queues: readonly string[]; readonly dueSinceMs: number; readonly limit: number },
  ): Promise<readonly WaitingJob[]> {
    if ('ids' in o && o.ids.length === 0) return [];
    const hasTurn = `(run_at > ${this.#now} or ${turn(this.#now)})`;
    const [where, values] =
      'ids' in o
        ? [`id in (${marks(o.ids)}) and state = 'ready' and ${hasTurn}`, o.ids]
        : 'exclusiveKey' in o
          ? [
              `exclusive_key = ? and state = 'ready' and run_at <= ${this.#now} and ${turn(this.#now)}`,
              [o.exclusiveKey],
            ]
          : [
              `queue in (${marks(o.queues)}) and state = 'ready' and run_at <= ${this.#now} - ? and ${turn(this.#now)} order by run_at limit ?`,
              [...o.queues, o.dueSinceMs, o.limit],
            ];
    const rows = await this.#data.execute(
      `select id, queue, extension, name, priority, run_at - ${this.#now} as due_in from core_job where ${where}`,
      values,
    );
    return rows.map((row) => ({
      id: Number(row.id),
      queue: String(row.queue),
      extension: String(row.extension),
      name: String(row.name),
      priority: Number(row.priority),
      dueInMs: Number(row.due_in),
    }));
  }

  /** Puts jobs of these queues back whose workers were not heard of in time, and returns their ids; frees their keys. */
  async freeLapsed(queues: readonly string[]): Promise<readonly number[]> {
    const lapsed = await this.#lapsed(queues);
    if (lapsed.length > 0) await this.#data.write(() => this.#free(lapsed));
    return lapsed;
  }

  /** Looks without taking a lock, since mostly there is nothing to do. */
  async #look(wish: Claim): Promise<{ lapsed: number[]; isDue: boolean }> {
    const lapsed = await this.#lapsed(wish.queues);
    const { where, values } = due(wish, this.#now);
    const ready = await this.#data.execute(`select id from core_job where ${where} limit 1`, values);
    return { lapsed, isDue: ready.length > 0 };
  }

  async #lapsed(queues: readonly string[]): Promise<number[]> {
    const rows = await this.#data.execute(
      `select id from (
         select id from core_job where queue in (${marks(queues)}) and state = 'active' and locked_until < ${this.#now}
         union all select id from core_job where held_key is not null and state <> 'active' and locked_until < ${this.#now}
       ) lapsed limit 100`,
      queues,
    );
    return rows.map((row) => Number(row.id));
  }

  /** Puts jobs back whose workers were not heard of in time. By id, so that the servers lock nothing else. */
  async #free(lapsed: readonly number[]): Promise<void> {
    await this.#data.execute(
      // MariaDB assigns from left to right
      `update core_job set error = case when state = 'active' then 'its worker ended before it did' else error end,
       state = case when state = 'active' then 'ready' else state end, ${FREE}
       where id in (${marks(lapsed)}) and locked_until < ${this.#now}`,
      lapsed,
    );
  }

  async #lease(wish: Claim): Promise<Row[]> {
    const { where, values } = due(wish, this.#now);
    const most = 'order by priority desc, run_at, id limit ?';
    const set = `state = 'active', locked_by = ?, locked_until = ${this.#now} + ?, held_key = exclusive_key, attempts = attempts + 1, done = 0, total = null, reported = 0`;
    switch (this.#data.dialect) {
      case 'sqlite':
        return this.#data.execute(
          `update core_job set ${set} where id in (select id from core_job where ${where} ${most}) returning ${CLAIMED}`,
          [wish.worker, wish.leaseMs, ...values, wish.limit],
        );
      case 'postgresql':
        // in a `with`, because a subselect may be run more than once, each time with other rows
        return this.#data.execute(
          `with due as materialized (select id as due_id from core_job where ${where} ${most} for update skip locked)
           update core_job set ${set} from due where id = due_id returning ${CLAIMED}`,
          [...values, wish.limit, wish.worker, wish.leaseMs],
        );
      case 'mariadb': {
        // A sorted locking read would lock every due row: look first, then lock what is wanted by its id.
        for (let attempt = 1; attempt <= 3; attempt += 1) {
          const seen = await this.#data.execute(`select id from core_job where ${where} ${most}`, [
            ...values,
            wish.limit * 4 + 16,
          ]);
          if (seen.length === 0) return [];
          const ids = seen.map((row) => Number(row.id));
          const locked = await this.#data.execute(
            `select ${CLAIMED} from core_job force index (primary) where id in (${marks(ids)}) and state = 'ready' ${most}
             for update skip locked`,
            [...ids, wish.limit],
          );
          if (locked.length === 0) continue;
          const mine = locked.map((row) => Number(row.id));
          await this.#data.execute(`update core_job set ${set} where id in (${marks(mine)})`, [
            wish.worker,
            wish.leaseMs,
            ...mine,
          ]);
          return locked.map((row) => ({ ...row, attempts: Number(row.attempts) + 1 }));
        }
        return [];
      }
    }
  }

  /** Undefined where another process keeps taking the same exclusive key: only one can have it. */
  async #taking<T>(take: () => Promise<T>): Promise<T | undefined> {
    for (let attempt = 1; attempt <= CLAIM_TRIES; attempt += 1) {
      try {
        return await take();
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
      }
    }
    return undefined;
  }

  /** One row changed, or false. MariaDB cannot return what an update changed. */
  #change(set: string, values: readonly unknown[], where: string, whereValues: readonly unknown[]): Promise<boolean> {
    return this.#data.write(async () => {
      const update = `update core_job set ${set} where ${where}`;
      if (this.#data.dialect !== 'mariadb') {
        return (await this.#data.execute(`${update} returning id`, [...values, ...whereValues])).length > 0;
      }
      const found = await this.#data.execute(`select id from core_job where ${where} for update`, whereValues);
      if (found.length > 0) await this.#data.execute(update, [...values, ...whereValues]);
      return found.length > 0;
    });
  }

  #rows(): string {
    const dialect = this.#data.dialect;
    return `select id, extension, name, queue, state, priority, attempts, run_at, done, total, error,
      started_by_id, started_by, started_by_token, reported,
      case when state = 'ready' then (select held.id from core_job held where held.held_key = core_job.exclusive_key) end as waits_for,
      ${epochMs(dialect, 'created_at')} as created_ms, ${epochMs(dialect, 'finished_at')} as finished_ms from core_job`;
  }
}

function withProgress(progress: Progress | undefined): [set: string, values: unknown[]] {
  return progress === undefined ? ['', []] : ['done = ?, total = ?, ', [progress.done, progress.total]];
}

function check(job: NewJob): void {
  const bytes = Buffer.byteLength(job.payload);
  if (bytes > MAX_PAYLOAD_BYTES) {
    throw new RangeError(
      `the payload of ${fullName(job)} has ${bytes} bytes and may have ${MAX_PAYLOAD_BYTES}: store it elsewhere and pass its id`,
    );
  }
  if (!Number.isInteger(job.priority) || Math.abs(job.priority) > MAX_INTEGER) {
    throw new RangeError(`the priority of ${fullName(job)} must be a whole number`);
  }
  if (job.runAt !== undefined && Number.isNaN(job.runAt.getTime())) {
    throw new RangeError(`the time at which ${fullName(job)} should run is not valid`);
  }
}

function checkWorker(worker: string): void {
  if (worker === '' || worker.length > MAX_WORKER)
    throw new RangeError(`a worker's id has 1 to ${MAX_WORKER} characters`);
}

const claimed = (row: Row, worker: string): ClaimedJob => ({
  id: Number(row.id),
  worker,
  attempt: Number(row.attempts),
  extension: String(row.extension),
  name: String(row.name),
  queue: String(row.queue),
  payload: String(row.payload),
  startedBy: starter(row),
  exclusiveKey: row.exclusive_key === null ? null : String(row.exclusive_key),
});

function starter(row: Row): JobStarter | undefined {
  if (row.started_by === null || row.started_by === undefined) return undefined;
  const token = numberOrNull(row.started_by_token);
  const by = { id: numberOrNull(row.started_by_id), username: String(row.started_by) };
  return token === null ? by : { ...by, token };
}

const numberOrNull = (value: unknown): number | null => (value === null || value === undefined ? null : Number(value));

function shown(row: Row): JobRow {
  const finished = numberOrNull(row.finished_ms);
  return {
    id: Number(row.id),
    extension: String(row.extension),
    name: String(row.name),
    queue: String(row.queue),
    state: row.state as JobState,
    priority: Number(row.priority),
    attempts: Number(row.attempts),
    runAt: new Date(Number(row.run_at)),
    done: Number(row.done),
    total: numberOrNull(row.total),
    error: row.error === null || row.error === undefined ? null : String(row.error),
    waitsFor: numberOrNull(row.waits_for),
    startedBy: starter(row),
    reported: Number(row.reported),
    createdAt: new Date(Number(row.created_ms)),
    finishedAt: finished === null ? null : new Date(finished),
  };
}
