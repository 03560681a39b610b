import { fieldMeta, type Shape } from '@posthorn/sdk';
import type { SecretBox } from '../secrets/secret-box.js';

export type Stored = Readonly<Record<string, unknown>>;

/** How a secret stands in a stored row. */
interface Sealed {
  readonly sealed: string;
}

export const isSealed = (value: unknown): value is Sealed =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Sealed>).sealed === 'string';

export const isSecret = (shape: Shape, name: string): boolean => {
  const schema = Object.hasOwn(shape, name) ? shape[name] : undefined;
  return schema !== undefined && fieldMeta(schema).kind === 'secret';
};

/** A row as it is stored, and in clear. What cannot be opened is in neither lost nor shown: it is missing in clear. */
export interface OpenedRow {
  readonly stored: Stored;
  readonly clear: Stored;
  /** Names whose secret the key file cannot open any more. */
  readonly closed: readonly string[];
}

/** Bound to its place, so that the secret of one row or field does not open in another. */
export interface Place {
  readonly extension: string;
  readonly level: string;
  readonly subject: number;
}
const purposeOf = ({ extension, level, subject }: Place, name: string): string =>
  `parameter:${extension}/${level}/${subject}/${name}`;

export function openRow(secrets: SecretBox, place: Place, json: string): OpenedRow {
  const stored = JSON.parse(json) as Stored;
  const closed: string[] = [];
  const clear = Object.entries(stored).flatMap(([name, value]) => {
    if (!isSealed(value)) return [[name, value] as const];
    try {
      return [[name, secrets.open(value.sealed, purposeOf(place, name))] as const];
    } catch {
      closed.push(name);
      return [];
    }
  });
  return { stored, clear: Object.fromEntries(clear), closed };
}

/**
 * The row to store for these values. Secrets that stay as they are keep their sealed text; what was sealed and is no field
 * of the shape, or cannot be opened, stays sealed.
 */
export function sealRow(secrets: SecretBox, place: Place, shape: Shape, before: OpenedRow, clear: Stored): Stored {
  const kept = before.closed.filter((name) => !Object.hasOwn(clear, name)).map((name) => [name, before.stored[name]]);
  const sealed = Object.entries(clear).map(([name, value]) => {
    const was = Object.hasOwn(before.stored, name) ? before.stored[name] : undefined;
    if (isSealed(was) && before.clear[name] === value) return [name, was];
    const isOne = isSecret(shape, name) || isSealed(was);
    if (!isOne || typeof value !== 'string' || value === '') return [name, value];
    return [name, { sealed: secrets.seal(value, purposeOf(place, name)) } satisfies Sealed];
  });
  return Object.fromEntries([...kept, ...sealed]);
}

/** The same row with every secret sealed by the current key. Undefined where there is none to seal anew. */
export function resealRow(secrets: SecretBox, place: Place, json: string): Stored | undefined {
  const { stored, clear } = openRow(secrets, place, json);
  const names = Object.keys(clear).filter((name) => isSealed(stored[name]));
  if (names.length === 0) return undefined;
  const anew = names.map((name) => [
    name,
    { sealed: secrets.seal(String(clear[name]), purposeOf(place, name)) } satisfies Sealed,
  ]);
  return { ...stored, ...Object.fromEntries(anew) };
}
