import { type Delivery, type Denial, isProblem } from '@posthorn/sdk';
import type { ExtensionError, Report } from '../watch/attribution.js';
import { type BoundListener, enter, failed, isThenable } from './listener.js';

/** A guard's refusal with the extension that gave it. */
export interface AttributedDenial extends Denial {
  readonly from: string;
  /** The guard refused by failing: its words are for the log and for those who can switch it off. */
  readonly failure?: ExtensionError;
}

export interface Collected {
  readonly from: string;
  readonly value: unknown;
}

/**
 * The five kinds as plain loops. A listener that keeps failing is left out for a while, except in guards: a guard that is
 * left out would let everything pass. tapable keeps the order and `isUsed`; these replace its generated code, which would
 * cost a promise per listener and overflows the stack at two thousand synchronous ones.
 */
export const signalLoop =
  (listeners: readonly BoundListener[], report: Report) =>
  async (event: unknown, delivery: Delivery): Promise<void> => {
    for (const l of listeners) {
      if (l.breaker.isOpen && l.breaker.isSkipped()) continue;
      try {
        const v = enter(l, event, undefined, 1, delivery);
        if (isThenable(v)) await v;
        if (l.breaker.isOpen) l.breaker.succeeded();
      } catch (e) {
        failed(l, e, report);
      }
    }
  };

export const guardLoop =
  (listeners: readonly BoundListener[], report: Report) =>
  async (event: unknown): Promise<AttributedDenial | undefined> => {
    for (const l of listeners) {
      let denial: unknown;
      try {
        const v = enter(l, event, undefined, 1);
        denial = isThenable(v) ? await v : v;
      } catch (e) {
        // A problem is a refusal with a sentence of its own; anything else is a broken guard, and a broken guard refuses.
        if (isProblem(e)) return { deny: e.text, code: e.code, from: l.from };
        const failure = failed(l, e, report);
        return { deny: failure.message, code: 'E_EXTENSION_FAILED', from: l.from, failure };
      }
      if (denial !== undefined && denial !== null) return { ...(denial as Denial), from: l.from };
    }
    return undefined;
  };

export const filterLoop =
  (listeners: readonly BoundListener[], report: Report) =>
  async (event: unknown, initial: unknown): Promise<unknown> => {
    let value = initial;
    for (const l of listeners) {
      if (l.breaker.isOpen && l.breaker.isSkipped()) continue;
      try {
        const v = enter(l, value, event, 2);
        const next = isThenable(v) ? await v : v;
        if (l.breaker.isOpen) l.breaker.succeeded();
        if (next !== undefined) value = next;
      } catch (e) {
        failed(l, e, report);
      }
    }
    return value;
  };

export const collectLoop =
  (listeners: readonly BoundListener[], report: Report) =>
  async (event: unknown): Promise<readonly Collected[]> => {
    const all: Collected[] = [];
    for (const l of listeners) {
      if (l.breaker.isOpen && l.breaker.isSkipped()) continue;
      try {
        const v = enter(l, event, undefined, 1);
        const got = isThenable(v) ? await v : v;
        if (l.breaker.isOpen) l.breaker.succeeded();
        if (got === undefined) continue;
        if (Array.isArray(got)) for (const value of got) all.push({ from: l.from, value });
        else all.push({ from: l.from, value: got });
      } catch (e) {
        failed(l, e, report);
      }
    }
    return all;
  };

export const firstLoop =
  (listeners: readonly BoundListener[], report: Report) =>
  async (event: unknown): Promise<unknown> => {
    for (const l of listeners) {
      if (l.breaker.isOpen && l.breaker.isSkipped()) continue;
      try {
        const v = enter(l, event, undefined, 1);
        const answer = isThenable(v) ? await v : v;
        if (l.breaker.isOpen) l.breaker.succeeded();
        if (answer !== undefined) return answer;
      } catch (e) {
        failed(l, e, report);
      }
    }
    return undefined;
  };
