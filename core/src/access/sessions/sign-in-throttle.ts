import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Data } from '@posthorn/sdk';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { FailureCounts } from './failure-counts.js';

const WINDOW_MS = 15 * 60_000;
/** Failures within the window until nothing more is tried: by whom, for whom, and both together. */
const LIMITS = { address: 50, account: 30, both: 5 } as const;
type Kind = keyof typeof LIMITS;
const KINDS = Object.keys(LIMITS) as readonly Kind[];
/** An attempt that never ends gives its place back after this long. */
const PENDING_SECONDS = 60;

export interface Attempt {
  /** Seconds to wait; 0 when the attempt may be made. */
  readonly wait: number;
  /** Ends the attempt. A failure counts; a success forgets the failures of this name from this address. */
  end(isRight: boolean): Promise<void>;
}

/**
 * Slows guessing down. Failures are counted in the database; attempts under way are counted in memory, so that many at
 * once cannot all pass before the first has failed. A success without failures before writes nothing.
 */
export class SignInThrottle {
  readonly #failures: FailureCounts;
  readonly #pending = new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: PENDING_SECONDS });

  constructor(data: Data) {
    this.#failures = new FailureCounts(data, WINDOW_MS);
  }

  async begin(username: string, address: string): Promise<Attempt> {
    const keys = keysOf(username, address);
    const all = KINDS.map((kind) => keys[kind]);
    const underWay = await Promise.all(all.map((key) => this.#pending.consume(key)));
    const release = async () => void (await Promise.all(all.map((key) => this.#pending.reward(key))));
    try {
      const failures = await this.#failures.of(all);
      const waits = KINDS.map((kind, i) => {
        const { count, left } = failures.get(keys[kind]) ?? { count: 0, left: 0 };
        if (count >= LIMITS[kind]) return Math.ceil(left / 1000);
        return count + (underWay[i]?.consumedPoints ?? 0) > LIMITS[kind] ? 1 : 0;
      });
      const wait = Math.max(...waits);
      if (wait > 0) {
        await release();
        return { wait, end: async () => {} };
      }
      return {
        wait: 0,
        end: async (isRight) => {
          try {
            if (!isRight) await this.#failures.add(all);
            else if (failures.has(keys.both)) await this.#failures.forget(keys.both);
          } finally {
            await release();
          }
        },
      };
    } catch (error) {
      await release();
      throw error;
    }
  }

  /** Lets an account be tried again from everywhere. */
  async unlock(username: string): Promise<void> {
    const name = digest(nameOf(username));
    await this.#failures.forget(`account:${name}`);
    await this.#failures.forgetBeginning(`both:${name}:`);
  }
}

/** Keys of one length whatever was typed; nothing that was typed into the name field is stored. */
const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

const nameOf = (username: string): string => username.normalize('NFC').toLowerCase();

function keysOf(username: string, address: string): Readonly<Record<Kind, string>> {
  const name = digest(nameOf(username));
  const from = digest(network(address));
  return { address: `address:${from}`, account: `account:${name}`, both: `both:${name}:${from}` };
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
