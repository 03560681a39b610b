import type { DatabaseTarget, Migration } from '@posthorn/sdk';
import type { Engine, Ledger, Run } from './migrations/engine.js';
import { orderMigrations } from './migrations/order.js';
import { dataProblem } from './problems.js';

export interface MigrationState {
  readonly name: string;
  /** `unknown`: the database has it, but no enabled extension brings it. */
  readonly state: 'applied' | 'pending' | 'unknown';
  readonly appliedAt?: Date;
}

export interface UpOptions {
  /** Restricts the run to some of the pending migrations; default: all. */
  readonly only?: (name: string) => boolean;
  /** Called for each migration once its effect is certain. */
  readonly onStep?: (name: string) => void;
}

async function engineFor(target: DatabaseTarget): Promise<Engine> {
  switch (target.dialect) {
    case 'sqlite':
      return new (await import('./migrations/sqlite.js')).SqliteEngine(target);
    case 'postgresql':
      return new (await import('./migrations/postgresql.js')).PostgresqlEngine(target);
    case 'mariadb':
      return new (await import('./migrations/mariadb.js')).MariadbEngine(target);
  }
}

/**
 * Brings a database's schema up to date, on connections of its own. Several processes may call it at once: each
 * migration runs in one of them, the others wait. When one fails, nothing is changed on SQLite and PostgreSQL; on
 * MariaDB the finished steps stay and the next run continues.
 */
export class Migrations {
  readonly #target: DatabaseTarget;
  readonly #list: readonly Migration[];

  /** Throws E_MIGRATION_ORDER where `after` names something that is not in the list. */
  constructor(target: DatabaseTarget, list: readonly Migration[]) {
    this.#target = target;
    this.#list = orderMigrations(list);
  }

  /** Every known migration in the order of running, then those that only the database knows. */
  async status(): Promise<MigrationState[]> {
    const ledger = await this.#with((engine) => engine.ledger());
    const known = new Set<string>(this.#list.map(({ name }) => name));
    return [
      ...this.#list.map(({ name }): MigrationState => {
        const appliedAt = ledger.get(name);
        return appliedAt === undefined ? { name, state: 'pending' } : { name, state: 'applied', appliedAt };
      }),
      ...[...ledger]
        .filter(([name]) => !known.has(name))
        .map(([name, appliedAt]): MigrationState => ({ name, state: 'unknown', appliedAt })),
    ];
  }

  /**
   * Applies what is pending and returns the names it applied, none where another process was faster. Takes no lock when
   * nothing is pending. Throws E_MIGRATION_FAILED, E_MIGRATION_HALTED (MariaDB) or a temporary problem.
   */
  async up(o: UpOptions = {}): Promise<string[]> {
    const plan = (ledger: Ledger): Run[] => {
      const runs = this.#list.filter(({ name }) => !ledger.has(name) && (o.only?.(name) ?? true));
      const there = new Set<string>([...ledger.keys(), ...runs.map(({ name }) => name)]);
      for (const { name, after = [] } of runs) {
        const missing = after.find((need) => !there.has(need));
        if (missing !== undefined)
          throw dataProblem('E_MIGRATION_ORDER', { name, reason: `${missing} must run before it` });
      }
      return runs.map((migration) => ({ migration, direction: 'up' }));
    };
    return this.#run(plan, o.onStep);
  }

  /**
   * Takes back the named migrations, the last first, and returns those that were applied. Throws E_MIGRATION_NAME for an
   * unknown name and E_MIGRATION_ORDER where another applied migration builds on one of them.
   */
  async down(names: readonly string[]): Promise<string[]> {
    const gone = new Set(names);
    for (const name of gone) {
      if (!this.#list.some((migration) => migration.name === name)) throw dataProblem('E_MIGRATION_NAME', { name });
    }
    const plan = (ledger: Ledger): Run[] => {
      const applied = this.#list.filter(({ name }) => ledger.has(name));
      for (const { name, after = [] } of applied) {
        const needed = gone.has(name) ? undefined : after.find((need) => gone.has(need));
        if (needed !== undefined)
          throw dataProblem('E_MIGRATION_ORDER', { name: needed, reason: `${name} builds on it` });
      }
      return applied
        .filter(({ name }) => gone.has(name))
        .reverse()
        .map((migration) => ({ migration, direction: 'down' }));
    };
    return this.#run(plan);
  }

  async #run(plan: (ledger: Ledger) => readonly Run[], onStep?: (name: string) => void): Promise<string[]> {
    return this.#with(async (engine) => {
      if (plan(await engine.ledger()).length === 0) return [];
      const done: string[] = [];
      await engine.run(plan, (name) => {
        done.push(name);
        onStep?.(name);
      });
      return done;
    });
  }

  async #with<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
    const engine = await engineFor(this.#target);
    try {
      return await work(engine);
    } finally {
      await engine.close();
    }
  }
}
