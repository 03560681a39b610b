import { LateAnswer } from '../hooks/deadline-wheel.js';
import { board } from './frame-board.js';
import { type Counts, Histogram } from './histogram.js';

/** The last failures that are kept with their words. */
const ERRORS = 20;
const LONGEST_MESSAGE = 500;

/** Figures of one place in one extension: a hook it listens to, a page, a job. They cost the same however often it runs. */
export class Spot {
  readonly frame: number;
  readonly times = new Histogram();
  calls = 0;
  failures = 0;
  /** Failures for want of an answer in time. */
  late = 0;
  statements = 0;
  sqlMs = 0;
  /** How often the event loop stood still in it, and for how long at most. */
  blocks = 0;
  longestBlockMs = 0;

  constructor(
    readonly all: Spots,
    readonly extension: string,
    readonly at: string,
  ) {
    this.frame = board.numberOf(extension, at);
  }

  failed(error: unknown): void {
    this.failures += 1;
    if (error instanceof LateAnswer) this.late += 1;
    this.all.note({ extension: this.extension, at: this.at, message: messageOf(error) });
  }

  blocked(ms: number): void {
    this.blocks += 1;
    this.longestBlockMs = Math.max(this.longestBlockMs, ms);
  }
}

export interface NotedError {
  /** ISO 8601. */
  readonly time: string;
  readonly extension: string;
  readonly at: string;
  readonly message: string;
}

export interface SpotFigures {
  readonly extension: string;
  readonly at: string;
  readonly calls: number;
  readonly failures: number;
  readonly late: number;
  readonly statements: number;
  readonly sqlMs: number;
  readonly blocks: number;
  readonly longestBlockMs: number;
  readonly times: Counts;
}

/** Something deprecated that an extension uses. */
export interface DeprecatedUse {
  readonly extension: string;
  /** The id of a reference, or the name of a helper or field. */
  readonly name: string;
  readonly since: string;
  readonly gone: string;
  /** What takes its place. */
  readonly use: string;
}

/** What one process has seen since it started. */
export interface ProcessFigures {
  readonly rssMb: number;
  readonly spots: readonly SpotFigures[];
  readonly errors: readonly NotedError[];
  /** Each once for each extension. */
  readonly deprecated: readonly DeprecatedUse[];
}

/** The figures of one process, by extension and place. */
export class Spots {
  readonly #spots = new Map<string, Spot>();
  readonly #errors: NotedError[] = [];
  readonly #deprecated: DeprecatedUse[] = [];

  constructor(private readonly now: () => Date = () => new Date()) {}

  at(extension: string, at: string): Spot {
    const key = `${extension} ${at}`;
    let spot = this.#spots.get(key);
    if (spot === undefined) {
      spot = new Spot(this, extension, at);
      this.#spots.set(key, spot);
    }
    return spot;
  }

  note({ time, extension, at, message }: Omit<NotedError, 'time'> & { readonly time?: Date }): void {
    this.#errors.push({ time: (time ?? this.now()).toISOString(), extension, at, message });
    if (this.#errors.length > ERRORS) this.#errors.shift();
  }

  noteDeprecated(use: DeprecatedUse): void {
    this.#deprecated.push(use);
  }

  figures(): ProcessFigures {
    const seen = [...this.#spots.values()].filter((s) => s.calls > 0 || s.statements > 0 || s.blocks > 0);
    return {
      rssMb: Math.round(process.memoryUsage.rss() / 1_048_576),
      spots: seen.map(({ extension, at, calls, failures, late, statements, sqlMs, blocks, longestBlockMs, times }) => ({
        ...{ extension, at, calls, failures, late, statements, blocks, longestBlockMs },
        sqlMs: Math.round(sqlMs * 100) / 100,
        times: times.toJSON(),
      })),
      errors: [...this.#errors],
      deprecated: [...this.#deprecated],
    };
  }
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split('\n')[0] ?? '').slice(0, LONGEST_MESSAGE);
}
