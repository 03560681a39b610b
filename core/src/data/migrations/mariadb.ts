import { createHash } from 'node:crypto';
import type { DatabaseTarget } from '@posthorn/sdk';
import { ddlFor } from '../ddl.js';
import { isAway, isLocked } from '../errors.js';
import { dataProblem } from '../problems.js';
import { LockedError } from '../sqlite/busy.js';
import { type Engine, LEDGER, type Ledger, PATIENCE, type Run, reasonOf, STEPS, statementsOf } from './engine.js';
import { type Ask, Line, readLedger, whileLocked } from './server.js';

const LEDGER_EXISTS = `select 1 from information_schema.tables where table_schema = database() and table_name = '${LEDGER}'`;

const BINARY = 'engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin';

/**
 * MariaDB commits at every change of the schema. So each statement is a step with a row in a second ledger, and a run
 * that was interrupted is continued there. Data changes are in one transaction with their row; a change of the schema
 * may happen twice, which `if [not] exists` makes harmless.
 */
export class MariadbEngine implements Engine {
  readonly #line: Line;
  /** Locks are the whole server's, so the database's name is in it; at most 64 characters. */
  readonly #lock: string;

  constructor(target: DatabaseTarget) {
    this.#line = new Line(target);
    this.#lock = `posthorn-${createHash('sha256').update(target.name).digest('hex').slice(0, 40)}`;
  }

  ledger(): Promise<Ledger> {
    return this.#line.use((ask) => readLedger(ask, LEDGER_EXISTS));
  }

  async run(plan: (ledger: Ledger) => readonly Run[], onStep: (name: string) => void): Promise<void> {
    await this.#line.use(async (ask) => {
      const [got] = await ask(`select get_lock('${this.#lock}', ${PATIENCE / 1000}) as ours`);
      if (Number(got?.['ours']) !== 1) throw new LockedError();
      try {
        await ask('set session lock_wait_timeout = 1');
        await ask(
          `create table if not exists ${LEDGER} (name varchar(200) not null primary key, applied_at datetime not null default (utc_timestamp())) ${BINARY}`,
        );
        await ask(
          `create table if not exists ${STEPS} (migration varchar(200) not null, step int not null, primary key (migration, step)) ${BINARY}`,
        );
        for (const run of plan(await readLedger(ask, LEDGER_EXISTS))) {
          await this.#migrate(ask, run);
          onStep(run.migration.name);
        }
      } finally {
        // fails where the connection is gone, and the lock with it
        await ask(`select release_lock('${this.#lock}')`).catch(() => undefined);
      }
    });
  }

  async close(): Promise<void> {
    await this.#line.close();
  }

  async #migrate(ask: Ask, run: Run): Promise<void> {
    const { name } = run.migration;
    const key = run.direction === 'up' ? name : `down:${name}`;
    const done = new Set(
      (await ask(`select step from ${STEPS} where migration = ?`, [key])).map((row) => Number(row['step'])),
    );
    let step = 0;
    const transaction = (work: () => Promise<unknown>) =>
      whileLocked(async () => {
        await ask('begin');
        try {
          await work();
          await ask('commit');
        } catch (error) {
          await ask('rollback').catch(() => undefined);
          throw error;
        }
      }, performance.now() + PATIENCE);
    try {
      for (const statement of statementsOf(run, ddlFor('mariadb'))) {
        step += 1;
        if (done.has(step)) continue;
        await transaction(async () => {
          await ask(statement);
          await ask(`insert into ${STEPS} (migration, step) values (?, ?)`, [key, step]);
        });
      }
    } catch (error) {
      if (isLocked(error) || isAway(error)) throw error;
      throw dataProblem('E_MIGRATION_HALTED', { name, step, reason: reasonOf(error) }, { cause: error });
    }
    await transaction(async () => {
      if (run.direction === 'up') await ask(`insert into ${LEDGER} (name) values (?)`, [name]);
      else await ask(`delete from ${LEDGER} where name = ?`, [name]);
      await ask(`delete from ${STEPS} where migration = ?`, [key]);
    });
  }
}
