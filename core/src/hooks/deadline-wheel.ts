/**
 * One clock for all listeners' deadlines. Entries stand in buckets of one tick; the interval runs only while a listener
 * is really pending, so an idle process holds no timer. A timer per listener cost more than the listeners themselves.
 */
const TICK_MS = 50;
const SLOTS = 2048;

export interface Deadline {
  /** Bucket index, or -1 when not armed. */
  bucket: number;
  /** Full turns of the wheel still to go. */
  turns: number;
  expire(): void;
}

const wheel: Set<Deadline>[] = Array.from({ length: SLOTS }, () => new Set());
let position = 0;
let pending = 0;
let timer: NodeJS.Timeout | undefined;

function tick(): void {
  position = (position + 1) % SLOTS;
  const bucket = wheel[position] as Set<Deadline>;
  for (const entry of [...bucket]) {
    if (entry.turns > 0) {
      entry.turns -= 1;
      continue;
    }
    bucket.delete(entry);
    entry.bucket = -1;
    pending -= 1;
    entry.expire();
  }
  stopWhenIdle();
}

function stopWhenIdle(): void {
  if (pending > 0 || timer === undefined) return;
  clearInterval(timer);
  timer = undefined;
}

/** What a listener or a part of a page fails with that has not answered in time. */
export class LateAnswer extends Error {
  constructor(ms: number) {
    super(`no answer in ${ms} ms`);
  }
}

/** Arms an entry to expire after at least `ms` milliseconds, at most two ticks later. */
export function arm(entry: Deadline, ms: number): void {
  const ticks = 1 + Math.ceil(ms / TICK_MS);
  entry.bucket = (position + ticks) % SLOTS;
  entry.turns = Math.floor((ticks - 1) / SLOTS);
  (wheel[entry.bucket] as Set<Deadline>).add(entry);
  pending += 1;
  timer ??= setInterval(tick, TICK_MS);
}

export function disarm(entry: Deadline): void {
  if (entry.bucket < 0) return;
  if ((wheel[entry.bucket] as Set<Deadline>).delete(entry)) pending -= 1;
  entry.bucket = -1;
  // The interval is left for its next tick to stop: starting and stopping it per call would cost more.
}

/** For tests: how many listeners are pending and whether the interval runs. */
export const wheelState = (): { readonly pending: number; readonly isRunning: boolean } => ({
  pending,
  isRunning: timer !== undefined,
});
