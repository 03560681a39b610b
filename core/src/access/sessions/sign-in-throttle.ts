import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Data } from '@posthorn/sdk';
import { Attempts } from './attempts.js';
import { FailureCounts, type Failures } from './failure-counts.js';

const WINDOW_MS = 15 * 60_000;
/** Failures within the window until nothing more is tried: by whom, for whom, and both together. */
const LIMITS = { address: 50, account: 30, both: 5 } as const;
type Kind = keyof typeof LIMITS;
const KINDS = Object.keys(LIMITS) as readonly Kind[];
/** An attempt that finds no room waits as long as others end within this time; a slow machine refuses nobody. */
const WAIT_MS = 15_000;
/** Between two looks where no attempt of this process ends. */
const LOOK_MS = 500;
/** More than these do not wait for one name from one address. */
const WAITING = 100;

export interface Attempt {
  /** Seconds to wait; 0 when the attempt may be made. */
  readonly wait: number;
  /**
   * Ends the attempt. A failure counts; a success forgets the failures of this name from this address; undefined, where
   * nobody could say, does neither.
   */
  end(isRight: boolean | undefined): Promise<void>;
}

const refused = (seconds: number): Attempt => ({ wait: seconds, end: async () => {} });

/**
 * Slows guessing down. Failures are counted in the database. Attempts under way are counted in memory as if they were
 * failures, so that many at once cannot all pass before the first has failed; those that find no room wait for the ones
 * before them, so that right passwords are never refused for their number. A success without failures before writes
 * nothing.
 */
export class SignInThrottle {
  readonly #failures: FailureCounts<Kind>;
  readonly #attempts = new Attempts();

  constructor(
    data: Data,
    private readonly waitMs = WAIT_MS,
  ) {
    this.#failures = new FailureCounts(data, LIMITS, WINDOW_MS);
  }

  async begin(username: string, address: string): Promise<Attempt> {
    const keys = keysOf(username, address);
    const attempt = await this.#attempts.inTurn(`both:${keys.both}`, WAITING, async () => {
      let latest = performance.now() + this.waitMs;
      for (;;) {
        const { ended } = this.#attempts;
        const found = await this.#try(keys);
        const left = latest - performance.now();
        if (found !== undefined) return found;
        if (left <= 0) return refused(1);
        await this.#attempts.change(ended, Math.min(left, LOOK_MS));
        if (this.#attempts.ended !== ended) latest = performance.now() + this.waitMs;
      }
    });
    return attempt ?? refused(1);
  }

  /** Undefined where only attempts under way stand against it. */
  async #try(keys: Readonly<Record<Kind, string>>): Promise<Attempt | undefined> {
    const all = KINDS.map((kind) => `${kind}:${keys[kind]}`);
    // Counted first and read then: what ends in between is counted twice rather than not at all.
    const underWay = this.#attempts.begin(all);
    let isOpen = false;
    let isOver = true;
    try {
      const known = await this.#failures.of(keys);
      const wait = Math.max(...KINDS.map((kind) => waitFor(LIMITS[kind], known[kind])));
      if (wait > 0) return refused(wait);
      isOver = KINDS.every((kind, i) => known[kind].count + (underWay[i] ?? 0) <= LIMITS[kind]);
      if (!isOver) return undefined;
      isOpen = true;
      return {
        wait: 0,
        end: async (isRight) => {
          try {
            if (isRight === false) await this.#failures.add(keys);
            else if (isRight === true && known.both.count > 0) await this.#failures.forget('both', keys.both);
          } finally {
            this.#attempts.giveBack(all, true);
          }
        },
      };
    } finally {
      if (!isOpen) this.#attempts.giveBack(all, isOver);
    }
  }

  /** Lets an account be tried again from everywhere. */
  async unlock(username: string): Promise<void> {
    const name = digest(nameOf(username));
    await this.#failures.forget('account', name);
    await this.#failures.forgetBeginning('both', `${name}:`);
  }
}

const waitFor = (limit: number, { count, left }: Failures): number => (count >= limit ? Math.ceil(left / 1000) : 0);

/** Keys of one length whatever was typed; nothing that was typed into the name field is stored. */
const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

const nameOf = (username: string): string => username.normalize('NFC').toLowerCase();

function keysOf(username: string, address: string): Readonly<Record<Kind, string>> {
  const name = digest(nameOf(username));
  const from = digest(network(address));
  return { address: from, account: name, both: `${name}:${from}` };
}

/** Whoever has one IPv6 address has its whole /64. */
export function network(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::', 2);
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...gap, ...right]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
