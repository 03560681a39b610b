import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What a worker's watchdog has written about it. */
export interface Stuck {
  readonly pid: number;
  readonly extension: string;
  /** The hook, page, job or step. */
  readonly at: string;
}

const STUCK = /^stuck-\d+-(\d+)\.json$/;

/**
 * The supervisor's side of the watchdog: workers that stand still cannot say so, but a thread of theirs writes a file in
 * `DIR/data/watchdog`. Files that name a worker's end stay, for the worker that comes after it.
 */
export class StuckWorkers {
  readonly #folder: string;
  readonly #seen = new Set<string>();
  readonly #given = new Map<number, Stuck>();

  constructor(directory: string) {
    this.#folder = join(directory, 'data', 'watchdog');
    for (const name of this.#names()) this.#seen.add(name);
  }

  /** Those that have been given up since the last look. */
  look(): readonly Stuck[] {
    return this.#names().flatMap((name) => {
      const pid = STUCK.exec(name)?.[1];
      if (pid === undefined || this.#seen.has(name)) return [];
      this.#seen.add(name);
      const stuck = { extension: 'unknown', at: '', ...this.#read(name), pid: Number(pid) };
      this.#given.set(stuck.pid, stuck);
      return [stuck];
    });
  }

  /** What a worker is standing still in, or was ended for, for a sentence; empty where that is nothing. */
  heldUp(pid: number): string {
    const found = this.#given.get(pid) ?? this.#read(`slow-${pid}.json`);
    return found === undefined ? '' : `, held up by ${found.extension} (${found.at})`;
  }

  forget(pid: number): void {
    rmSync(join(this.#folder, `slow-${pid}.json`), { force: true });
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#folder);
    } catch {
      return []; // Nothing has ever stood still here.
    }
  }

  #read(name: string): Stuck | undefined {
    try {
      return JSON.parse(readFileSync(join(this.#folder, name), 'utf8')) as Stuck;
    } catch {
      return undefined;
    }
  }
}
