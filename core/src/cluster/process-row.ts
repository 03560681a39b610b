import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Data, Log } from '@posthorn/sdk';
import type { ProcessRole } from '../config.js';
import { within } from '../forms/deadline.js';
import { ANSWER_MS } from './answer-limit.js';
import { agoSql, nowSql } from './database-clock.js';
import type { Revisions } from './revision.js';

export const BEAT_MS = 2_000;
/** Figures are written with every second beat, where they have changed. */
const BEATS_PER_FIGURES = 2;

/** Three missed beats, and one second because stored moments are whole seconds. */
export const DEAD_AFTER_SECONDS = (3 * BEAT_MS) / 1_000 + 1;

export interface ProcessFacts extends Revisions {
  readonly role: ProcessRole;
  /** Extension id → package version. */
  readonly versions: Readonly<Record<string, string>>;
  /** What the process has seen so far. */
  readonly figures?: () => object;
}

type Database = Pick<Data, 'dialect' | 'execute'>;

/** This process as others see it: one row, refreshed every two seconds, dropped by anyone once it stops beating. */
export class ProcessRow {
  readonly id = randomUUID();
  #facts: ProcessFacts;
  #problems: readonly string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;
  #isRemoved = false;
  #beats = 0;
  #figures = '';

  constructor(
    private readonly database: Database,
    facts: ProcessFacts,
    private readonly log: Log,
  ) {
    this.#facts = facts;
  }

  /** Writes the row and keeps it alive. Never throws: while the database is away, beats are missed. */
  async start(): Promise<void> {
    await this.beat();
    this.#timer = setInterval(() => void this.beat(), BEAT_MS);
    this.#timer.unref();
  }

  /** Changes what the row says; visible with the next beat, which follows at once. */
  async report(change: Partial<Revisions> & { readonly problems?: readonly string[] }): Promise<void> {
    const { problems, ...revisions } = change;
    this.#facts = { ...this.#facts, ...revisions };
    if (problems !== undefined) this.#problems = problems;
    await this.#beating;
    await this.beat();
  }

  /** One beat; a database that is away only makes it a missed one. */
  beat(): Promise<void> {
    this.#beating ??= within(ANSWER_MS, () => this.#write())
      .catch((error: unknown) => this.log.debug({ err: error }, 'heartbeat missed'))
      .finally(() => {
        this.#beating = undefined;
      });
    return this.#beating;
  }

  async #write(): Promise<void> {
    if (this.#isRemoved) return;
    const { dialect } = this.database;
    const now = nowSql(dialect);
    const changing = ['seen_at', 'revision', 'assembly', 'versions', 'problems'];
    const upsert =
      dialect === 'mariadb'
        ? `on duplicate key update ${changing.map((c) => `${c} = values(${c})`).join(', ')}`
        : `on conflict (id) do update set ${changing.map((c) => `${c} = excluded.${c}`).join(', ')}`;
    const { role, revision, assembly, versions } = this.#facts;
    await this.database.execute(
      `insert into core_process (id, role, host, pid, revision, assembly, versions, problems, seen_at, started_at)
       values (?, ?, ?, ?, ?, ?, ?, ?, ${now}, ${now}) ${upsert}`,
      [
        this.id,
        role,
        hostname(),
        process.pid,
        revision,
        assembly,
        JSON.stringify(versions),
        JSON.stringify(this.#problems),
      ],
    );
    if (this.#beats++ % BEATS_PER_FIGURES === 0) await this.#writeFigures();
    await this.database.execute(`delete from core_process where seen_at < ${agoSql(dialect, DEAD_AFTER_SECONDS)}`);
  }

  async #writeFigures(): Promise<void> {
    const figures = JSON.stringify(this.#facts.figures?.() ?? null);
    if (figures === this.#figures || figures === 'null') return;
    await this.database.execute('update core_process set figures = ? where id = ?', [figures, this.id]);
    this.#figures = figures;
  }

  /** Ends the beat and takes the row away; from then on nobody waits for this process. */
  async remove(): Promise<void> {
    this.#isRemoved = true;
    clearInterval(this.#timer);
    await this.#beating;
    try {
      await this.database.execute('delete from core_process where id = ?', [this.id]);
    } catch (error) {
      this.log.debug({ err: error }, 'the row of this process could not be removed; it will be dropped as dead');
    }
  }
}
