import { AsyncLocalStorage } from 'node:async_hooks';
import type { OpenedSession, Session } from './session.js';

/** The browser behind the request at work. The kernel's own pages sign in and out through it; extensions never see it. */
export interface Visit {
  readonly address: string;
  readonly userAgent: string;
  /** The session that the request came with, or that it has opened. */
  session: Session | undefined;
  /** What the answer does to the browser's cookie: a new token, or its end. */
  outcome: OpenedSession | 'ended' | undefined;
}

export const visiting = new AsyncLocalStorage<Visit>();

export function currentVisit(): Visit {
  const visit = visiting.getStore();
  if (visit === undefined) throw new Error('this is not a page request');
  return visit;
}
