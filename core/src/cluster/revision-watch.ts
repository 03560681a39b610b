import type { Log } from '@posthorn/sdk';
import { within } from '../forms/deadline.js';
import { ANSWER_MS } from './answer-limit.js';
import type { Revisions } from './revision.js';

export const LOOK_MS = 1_000;

export interface RevisionWatchOptions {
  read(): Promise<Revisions>;
  /** What this process was built from. */
  readonly built: Revisions;
  /** Parameters changed: read them again. */
  onParameters(revision: number): Promise<void> | void;
  /** This process is of a generation that is not wanted any more. Called at every look until it is replaced. */
  onAssembly(assembly: number): void;
  /** Called at every look that the database answers; not waited for. */
  onLook?(): void;
  readonly log: Log;
  readonly everyMs?: number;
  /** How long an answer is waited for before it is asked for anew. Default 15,000. */
  readonly answerMs?: number;
}

/**
 * Looks at the revision row every second. The poll is the truth: a hint from elsewhere (a signal, a message) only makes
 * it look sooner, so nothing is lost when a hint is.
 */
export class RevisionWatch {
  #seen: number;
  /** The assembly that the row asked for when it was last read. */
  #wanted: number;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #isLost = false;

  constructor(private readonly o: RevisionWatchOptions) {
    this.#seen = o.built.revision;
    this.#wanted = o.built.assembly;
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), this.o.everyMs ?? LOOK_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Looks now. Never throws: a database that is away is looked at again a second later. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /**
   * Brings this process up to what a client knows of. Nothing where it is there already; otherwise a promise of whether
   * another generation is on its way, for which it can only wait.
   */
  catchUp(known: Revisions): Promise<boolean> | undefined {
    if (known.revision <= this.#seen && known.assembly <= this.o.built.assembly) return undefined;
    return this.#catchUp(known);
  }

  async #catchUp(known: Revisions): Promise<boolean> {
    await this.look();
    // The look that was joined may have begun before the change.
    if (known.revision > this.#seen || known.assembly > this.#wanted) await this.look();
    return known.assembly > this.o.built.assembly && known.assembly <= this.#wanted;
  }

  async #look(): Promise<void> {
    let now: Revisions;
    try {
      now = await within(this.o.answerMs ?? ANSWER_MS, () => this.o.read());
      if (this.#isLost) this.o.log.info({}, 'the database answers again');
      this.#isLost = false;
      this.#wanted = now.assembly;
      this.o.onLook?.();
    } catch (error) {
      if (!this.#isLost) this.o.log.warn({ err: error }, 'the database does not answer; serving on without it');
      this.#isLost = true;
      return;
    }
    try {
      if (now.revision !== this.#seen) {
        await this.o.onParameters(now.revision);
        this.#seen = now.revision;
      }
      if (now.assembly !== this.o.built.assembly) this.o.onAssembly(now.assembly);
    } catch (error) {
      this.o.log.error({ err: error }, 'a changed revision could not be followed; trying again');
    }
  }
}
