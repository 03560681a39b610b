/**
 * The record of what was written: lines `name:dialect:md5`. A file whose sum is not among its lines was edited by
 * hand. A name may stand twice: while files are being replaced, the old and the new sum are both ours.
 */
import { createHash } from 'node:crypto';
import type { Dialect } from '@posthorn/sdk';

export interface Checksum {
  readonly dialect: Dialect;
  readonly md5: string;
}

export type Checksums = Map<string, readonly Checksum[]>;

// The second spelling is what records of older tools hold.
const DIALECTS: ReadonlyMap<string, Dialect> = new Map([
  ['sqlite', 'sqlite'],
  ['postgresql', 'postgresql'],
  ['postgres', 'postgresql'],
  ['mariadb', 'mariadb'],
  ['mysql', 'mariadb'],
]);

const LINE = /^([A-Za-z0-9][A-Za-z0-9._-]*):([a-z]+):([0-9a-f]{32})$/;

/** Not a safeguard against forgery, only against overwriting somebody's edit. */
export const md5 = (content: string | Uint8Array): string => createHash('md5').update(content).digest('hex');

/** Lines that make no sense are skipped: their files then count as edited by hand, which is the safe reading. */
export function parseChecksums(text: string): Checksums {
  const found: Checksums = new Map();
  for (const line of text.split(/\r?\n/)) {
    const [, name, word, sum] = LINE.exec(line.trim()) ?? [];
    const dialect = DIALECTS.get(word ?? '');
    if (name === undefined || sum === undefined || dialect === undefined) continue;
    found.set(name, [...(found.get(name) ?? []), { dialect, md5: sum }]);
  }
  return found;
}

export function formatChecksums(checksums: Checksums): string {
  const lines = [...checksums].flatMap(([name, sums]) => sums.map((sum) => `${name}:${sum.dialect}:${sum.md5}\n`));
  return [...new Set(lines)].sort().join('');
}
