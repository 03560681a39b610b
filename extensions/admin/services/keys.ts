import { isPlainLine } from '@posthorn/sdk';
import type { Key } from '../contract/inputs.js';

const ID_MAX = 2_147_483_647;

/** A number that can be a row's, in the column's range. */
export const isId = (id: unknown): id is number =>
  Number.isInteger(id) && (id as number) > 0 && (id as number) <= ID_MAX;

/** A text that can be a name at all; databases have errors of their own for others. */
export const isKeyText = (text: unknown): text is string =>
  typeof text === 'string' && text !== '' && text.length <= 320 && isPlainLine(text);

export const isKey = (key: unknown): key is Key => isId(key) || isKeyText(key);

export const foldKey = (text: string): string => text.normalize('NFC').toLowerCase();

/** `*@domain` is how people write a catch-all, `@domain` how it is stored. */
export const aliasText = (text: string): string => text.replace(/^\*@/, '@');

/** A key as a message may repeat it. */
export const shownKey = (key: unknown): string => (isKey(key) ? String(key) : '?');

/** The row's number in a list's cursor. */
export const idOf = (cursor: string | undefined): number =>
  cursor !== undefined && /^\d{1,9}$/.test(cursor) ? Number(cursor) : 0;
