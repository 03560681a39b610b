/** Resolves after `milliseconds`. */
export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Polls until `probe` returns something other than undefined or false, and returns it. Throws after `seconds`, with
 * `what` in the message; `probe` itself may throw, which ends the wait at once.
 */
export async function until<T>(
  what: string,
  seconds: number,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  pauseMs = 50,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (Date.now() >= deadline) throw new Error(`waited ${seconds} s in vain for ${what}`);
    await sleep(pauseMs);
  }
}
