import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { type FileShape, fieldMeta, messages, type Shape, type Values } from '@posthorn/sdk';
import { parsePosted } from '../forms/read-posted.js';
import { shownName } from '../forms/shown-name.js';
import { readBody } from './body.js';
import { HttpError } from './http-error.js';
import { parseMultipart } from './multipart.js';
import { addTyped, FIELDS_MAX, malformedForm, type SentForm, type Typed } from './sent-form.js';

const t = messages('host');

const nothing = <T>(): Readonly<Record<string, T>> => Object.create(null) as Record<string, T>;

/**
 * Reads `application/x-www-form-urlencoded`, and `multipart/form-data` for a page that takes files, strictly: what
 * cannot be decoded is refused, not guessed.
 */
export async function readForm(
  request: IncomingMessage,
  o: { readonly limit: number; readonly files?: FileShape },
): Promise<SentForm> {
  const bytes = await readBody(request, { limit: o.limit });
  if (bytes.length === 0) return { typed: nothing(), files: nothing(), issues: [] };
  const header = request.headers['content-type'] ?? '';
  const type = header.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'multipart/form-data' && Object.keys(o.files ?? {}).length > 0) {
    return parseMultipart(header, bytes, o.files ?? {});
  }
  if (type !== 'application/x-www-form-urlencoded')
    throw new HttpError(415, t('Send this form as a browser sends it.'));
  if (!isUtf8(bytes)) throw malformedForm();
  return { typed: parseForm(bytes.toString('utf8')), files: nothing(), issues: [] };
}

export function parseForm(text: string): Typed {
  const typed = Object.create(null) as Record<string, string | string[]>;
  const parts = text.split('&').filter((part) => part !== '');
  if (parts.length > FIELDS_MAX) throw malformedForm();
  for (const part of parts) {
    const at = part.indexOf('=');
    const name = decode(at === -1 ? part : part.slice(0, at));
    const value = at === -1 ? '' : decode(part.slice(at + 1));
    addTyped(typed, name, value);
  }
  return typed;
}

/**
 * Checks a body against a page's shape. Names with a dot belong to forms, whose engine reads them itself. A field that
 * was sent twice is refused unless it is a list. Throws one `invalid` problem with every other mistake.
 */
export function readFields<S extends Shape>(shape: S, typed: Typed, from: string): Values<S> {
  const fields = Object.create(null) as Record<string, string | readonly string[]>;
  for (const [name, value] of Object.entries(typed)) {
    const schema = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (schema === undefined && name.includes('.')) continue;
    if (typeof value !== 'string' && (schema === undefined || fieldMeta(schema).kind !== 'list')) {
      throw new HttpError(400, t('The field "{{name}}" was sent twice.', { name: shownName(name) }));
    }
    fields[name] = value;
  }
  return parsePosted(shape, fields, { from });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw malformedForm();
  }
}
