/**
 * Milliseconds after which what a process asks again and again is asked anew: longer than a database lets anybody wait
 * for a lock. A connection that was forgotten on the way, as firewalls do, gives no answer and no error for a quarter of
 * an hour; whoever waited for it would be blind for so long, although the next connection works.
 */
export const ANSWER_MS = 15_000;
