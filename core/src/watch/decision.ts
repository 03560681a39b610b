import { type Problem, plainText } from '@posthorn/sdk';
import type { AttributedDenial } from '../hooks/call-loops.js';
import { running } from './attribution.js';

const LONGEST = 100;

/** The name of who asked for what a guard refused: the event says it, or the request around it. */
function askerOf(event: unknown): string {
  const actor = (event as { readonly actor?: { readonly username?: unknown } } | null | undefined)?.actor;
  return typeof actor?.username === 'string' ? actor.username : (running.getStore()?.actor?.username ?? '');
}

/** The decision line: every refusal of a guard, with the sentence that the person reads. */
export const decisionLine = (hook: string, event: unknown, denial: AttributedDenial, told: Problem) => ({
  decision: 'refused',
  asker: askerOf(event),
  hook,
  what: summary(event),
  by: denial.from,
  code: told.code,
  sentence: told.message,
  ...(told.message === plainText(denial.deny) ? {} : { reason: plainText(denial.deny) }),
});

/** The plain members of an event, and of its objects what they are called by. */
function summary(event: unknown): Readonly<Record<string, string | number | boolean>> {
  const found: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(event ?? {})) {
    if (key === 'actor') continue;
    const said = plain(value) ?? plain((value as { name?: unknown } | null)?.name);
    if (said !== undefined) found[key] = said;
  }
  return found;
}

function plain(value: unknown): string | number | boolean | undefined {
  if (typeof value === 'string') return value.slice(0, LONGEST);
  return typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}
