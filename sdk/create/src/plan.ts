import { licences } from './licences.js';

/** What is made. */
export interface Plan {
  /** The extension's id: prefix of its tables, permissions and paths. */
  readonly id: string;
  readonly title: string;
  /** The folder that is made. */
  readonly directory: string;
  readonly licence: string;
  /** Named in the licence. */
  readonly author: string;
}

/** What cannot be done, in one sentence for the person who asked. */
export class Refusal extends Error {}

export const DEFAULT_ID = 'acme-notes';
const RESERVED = new Set(['core', 'host', 'admin', 'constructor', 'prototype']);

/** Undefined where it will do; otherwise what is wrong with it. */
export function idFault(id: string): string | undefined {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(id) || id.length > 40)
    return 'An id is at most 40 lower case letters, digits and single dashes, beginning with a letter.';
  return RESERVED.has(id) ? `The id ${id} is taken.` : undefined;
}

/** Titles stand in code, pages and documents as they are. */
export const titleFault = (title: string): string | undefined =>
  /^[\p{L}\p{N}][\p{L}\p{N} .,()-]{0,59}$/u.test(title)
    ? undefined
    : 'A title is at most 60 letters, digits, spaces and . , ( ) -, beginning with a letter or a digit.';

export const licenceFault = (licence: string): string | undefined =>
  licence in licences ? undefined : `There is ${Object.keys(licences).join(', ')}; any other can be put in afterwards.`;

/** `acme-notes` gives `Acme notes`. */
export const titleOf = (id: string): string => `${id.charAt(0).toUpperCase()}${id.slice(1).replaceAll('-', ' ')}`;

/** Fills in what was left open. Throws a `Refusal`. */
export function planFrom(given: { readonly [K in keyof Plan]?: string | undefined }): Plan {
  const id = given.id ?? DEFAULT_ID;
  const plan = {
    id,
    title: given.title ?? titleOf(id),
    directory: given.directory ?? `posthorn-${id}`,
    licence: given.licence ?? 'MIT',
    author: (given.author ?? '').trim() || 'the authors',
  };
  const fault = idFault(plan.id) ?? titleFault(plan.title) ?? licenceFault(plan.licence);
  if (fault !== undefined) throw new Refusal(fault);
  return plan;
}
