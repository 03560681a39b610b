import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type DatabaseTarget, UtcTimestamp } from '@posthorn/sdk';
import { ddlFor } from '../ddl.js';
import { translateError } from '../errors.js';
import { dataProblem } from '../problems.js';
import { whileBusy } from '../sqlite/busy.js';
import { openSqlite } from '../sqlite/file.js';
import { type Engine, LEDGER, type Ledger, PATIENCE, type Run, reasonOf, statementsOf } from './engine.js';

const moment = new UtcTimestamp();

function readLedger(db: DatabaseSync): Ledger {
  const there = db.prepare(`select 1 from sqlite_schema where type = 'table' and name = ?`).get(LEDGER);
  if (there === undefined) return new Map();
  const rows = db.prepare(`select name, applied_at from ${LEDGER} order by applied_at, name`).all();
  return new Map(rows.map((row) => [String(row['name']), moment.convertToJSValue(String(row['applied_at'])) as Date]));
}

/** All migrations in one transaction, under the file's write lock. */
export class SqliteEngine implements Engine {
  readonly #path: string;

  constructor(target: DatabaseTarget) {
    this.#path = target.path;
  }

  async ledger(): Promise<Ledger> {
    if (!existsSync(this.#path)) return new Map();
    return this.#open(true, async (db) => whileBusy(() => readLedger(db), performance.now() + PATIENCE));
  }

  async run(plan: (ledger: Ledger) => readonly Run[], onStep: (name: string) => void): Promise<void> {
    await this.#open(false, async (db) => {
      // has no effect within a transaction; with it on, rebuilding a table would delete the rows that point to it
      db.exec('pragma foreign_keys=off');
      await whileBusy(() => db.exec('begin immediate'), performance.now() + PATIENCE);
      let at = '';
      const done: string[] = [];
      try {
        db.exec(
          `create table if not exists ${LEDGER} (name varchar(200) not null primary key, applied_at datetime not null default current_timestamp)`,
        );
        for (const run of plan(readLedger(db))) {
          at = run.migration.name;
          for (const statement of statementsOf(run, ddlFor('sqlite'))) db.exec(statement);
          db.prepare(
            run.direction === 'up' ? `insert into ${LEDGER} (name) values (?)` : `delete from ${LEDGER} where name = ?`,
          ).run(at);
          done.push(at);
        }
        if (done.length > 0) {
          const broken = db.prepare('pragma foreign_key_check').get();
          if (broken !== undefined)
            throw new Error(`a row of ${broken['table']} points to a row of ${broken['parent']} that is not there`);
        }
        db.exec('commit');
      } catch (error) {
        if (db.isTransaction) db.exec('rollback');
        if (at === '') throw error;
        throw dataProblem('E_MIGRATION_FAILED', { name: at, reason: reasonOf(error) }, { cause: error });
      }
      done.forEach(onStep);
    });
  }

  async close(): Promise<void> {}

  async #open<T>(readOnly: boolean, work: (db: DatabaseSync) => Promise<T>): Promise<T> {
    let db: DatabaseSync | undefined;
    try {
      db = await openSqlite(this.#path, { readOnly, deadline: performance.now() + PATIENCE });
      return await work(db);
    } catch (error) {
      throw translateError(error, { driver: true, path: this.#path });
    } finally {
      db?.close();
    }
  }
}
