import { type FieldKind, fromText } from '@posthorn/sdk';
import type { FieldPlan } from './field-plan.js';

/** What was sent under one name. A name that was sent twice has all its values. */
export type Posted = string | readonly string[];

const GIGABYTE = 1024;
const TERABYTE = 1024 * 1024;

/** A value as it stands in its input. A secret never does. `readText` of the result gives the value back. */
export function toText(kind: FieldKind, value: unknown): string {
  if (kind === 'boolean') return value === true ? 'true' : 'false';
  if (kind === 'secret' || value === undefined || value === null) return '';
  switch (kind) {
    case 'size':
      return typeof value === 'number' ? sizeText(value) : String(value);
    case 'list':
      return Array.isArray(value) ? value.join('\n') : String(value);
    case 'timestamp':
      return value instanceof Date ? momentText(value) : String(value);
    default:
      return String(value);
  }
}

function sizeText(megabytes: number): string {
  if (megabytes === 0) return '0';
  if (megabytes % TERABYTE === 0) return `${megabytes / TERABYTE}T`;
  if (megabytes % GIGABYTE === 0) return `${megabytes / GIGABYTE}G`;
  return `${megabytes}M`;
}

/** The format of `<input type=datetime-local>`, in UTC; seconds only where there are some. */
function momentText(at: Date): string {
  if (Number.isNaN(at.getTime())) return '';
  const iso = at.toISOString().replace(/Z$/, '');
  return iso.endsWith(':00.000') ? iso.slice(0, -7) : iso.endsWith('.000') ? iso.slice(0, -4) : iso;
}

/** What was typed, as the text to put back into the input. */
export function typedText(kind: FieldKind, posted: Posted | undefined): string {
  if (kind === 'secret') return '';
  if (kind === 'boolean') return isTicked(posted) ? 'true' : 'false';
  if (posted === undefined) return '';
  if (typeof posted === 'string') return posted;
  return kind === 'list' ? posted.join('\n') : (posted.at(-1) ?? '');
}

/** A box that is not ticked sends nothing; some forms send `false` before it, so the last value counts. */
export function isTicked(posted: Posted | undefined): boolean {
  const last = typeof posted === 'string' ? posted : posted?.at(-1);
  return last !== undefined && !['', 'false', 'off', 'no', '0'].includes(last.trim().toLowerCase());
}

export type Read = { readonly value: unknown } | 'empty' | 'repeated';

/** Turns what was sent into what the schema expects; what cannot be turned is left for the schema to refuse. */
export function readText(plan: FieldPlan, posted: Posted): Read {
  const { kind } = plan.meta;
  if (kind === 'boolean') return { value: isTicked(posted) };
  if (kind === 'list') {
    const lines = (typeof posted === 'string' ? [posted] : posted).flatMap((text) => text.split(/\r\n|\r|\n/));
    const items = lines.map((line) => line.trim()).filter((line) => line !== '');
    return items.length === 0 ? 'empty' : { value: items };
  }
  if (typeof posted !== 'string' && posted.length > 1) return 'repeated';
  const text = typeof posted === 'string' ? posted : (posted[0] ?? '');
  if (text === '' || (kind !== 'string' && kind !== 'text' && kind !== 'secret' && text.trim() === '')) return 'empty';
  // Pasted addresses bring spaces along.
  if (kind === 'email' || kind === 'hostname' || kind === 'colour') return { value: text.trim() };
  // Browsers send every line end of a text area as CR LF.
  const value = fromText(plan.schema, kind === 'text' ? text.replace(/\r\n?/g, '\n') : text);
  return { value: value === 0 ? 0 : value }; // `-0` is zero
}
