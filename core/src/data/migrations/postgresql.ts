import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseTarget } from '@posthorn/sdk';
import { ddlFor } from '../ddl.js';
import { isAway, isLocked } from '../errors.js';
import { dataProblem } from '../problems.js';
import { LockedError } from '../sqlite/busy.js';
import { type Engine, LEDGER, type Ledger, PATIENCE, type Run, reasonOf, statementsOf } from './engine.js';
import { type Ask, Line, readLedger, whileLocked } from './server.js';

/** "Post", "horn": nobody else's advisory lock in this database. */
const LOCK = [0x506f7374, 0x686f726e] as const;

const LEDGER_EXISTS = `select 1 from pg_tables where schemaname = current_schema() and tablename = '${LEDGER}'`;

/** All migrations in one transaction, under an advisory lock. */
export class PostgresqlEngine implements Engine {
  readonly #line: Line;

  constructor(target: DatabaseTarget) {
    this.#line = new Line(target);
  }

  ledger(): Promise<Ledger> {
    return this.#line.use((ask) => readLedger(ask, LEDGER_EXISTS));
  }

  async run(plan: (ledger: Ledger) => readonly Run[], onStep: (name: string) => void): Promise<void> {
    const deadline = performance.now() + PATIENCE;
    const done = await this.#line.use((ask) => whileLocked(() => this.#once(ask, plan, deadline), deadline));
    done.forEach(onStep);
  }

  async close(): Promise<void> {
    await this.#line.close();
  }

  async #once(ask: Ask, plan: (ledger: Ledger) => readonly Run[], deadline: number): Promise<string[]> {
    let at = '';
    const done: string[] = [];
    await ask('begin');
    try {
      while ((await ask(`select pg_try_advisory_xact_lock(${LOCK.join(', ')}) as ours`))[0]?.['ours'] !== true) {
        if (performance.now() >= deadline) throw new LockedError();
        await sleep(50);
      }
      await ask(`set local lock_timeout = '1s'`);
      await ask(
        `create table if not exists ${LEDGER} (name varchar(200) not null primary key, applied_at timestamptz not null default now())`,
      );
      for (const run of plan(await readLedger(ask, LEDGER_EXISTS))) {
        at = run.migration.name;
        for (const statement of statementsOf(run, ddlFor('postgresql'))) await ask(statement);
        await ask(
          run.direction === 'up' ? `insert into ${LEDGER} (name) values ($1)` : `delete from ${LEDGER} where name = $1`,
          [at],
        );
        done.push(at);
      }
      await ask('commit');
      return done;
    } catch (error) {
      await ask('rollback').catch(() => undefined);
      if (at === '' || isLocked(error) || isAway(error)) throw error;
      throw dataProblem('E_MIGRATION_FAILED', { name: at, reason: reasonOf(error) }, { cause: error });
    }
  }
}
