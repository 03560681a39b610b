import type { Ddl, Migration } from '@posthorn/sdk';

/** Migrations that have run, with the moment. */
export type Ledger = ReadonlyMap<string, Date>;

export interface Run {
  readonly migration: Migration;
  readonly direction: 'up' | 'down';
}

/** How one kind of database runs migrations: alone, on a connection of its own. */
export interface Engine {
  /** The ledger as it is now, without waiting for a lock; empty where there is none yet. */
  ledger(): Promise<Ledger>;
  /**
   * Waits until no other process migrates, asks `plan` what to do with the ledger as it is then, and does it. Calls
   * `onStep` when a migration's effect is certain. Throws E_MIGRATION_FAILED, E_MIGRATION_HALTED or a temporary problem.
   */
  run(plan: (ledger: Ledger) => readonly Run[], onStep: (name: string) => void): Promise<void>;
  close(): Promise<void>;
}

export const LEDGER = 'core_migration';
export const STEPS = 'core_migration_step';

/** Milliseconds that a migration waits for other migrations and for transactions that hold its tables. */
export const PATIENCE = 60_000;

/** The statements of a migration, in order. */
export const statementsOf = ({ migration, direction }: Run, ddl: Ddl): readonly string[] =>
  direction === 'up' ? migration.up(ddl) : migration.down(ddl);

/** A database's message, short enough to show. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 300) ?? '';
