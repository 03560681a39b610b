import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { messages } from '@posthorn/sdk';
import { readBody } from '../body.js';
import { HttpError } from '../http-error.js';

const t = messages('host');

/** Objects and lists within each other; nobody needs more, and deep ones make everything after them slow. */
export const DEPTH_MAX = 20;

/** An object as it was sent; nothing sent is an empty one. Refuses with 413, 415 and 400 what is no I-JSON (RFC 7493). */
export async function readJson(request: IncomingMessage, limit: number): Promise<Readonly<Record<string, unknown>>> {
  const bytes = await readBody(request, { limit });
  if (bytes.length === 0) return {};
  if (!isJson(request.headers['content-type'] ?? '')) {
    throw new HttpError(415, t('Send JSON, with the content type application/json.'), { Accept: 'application/json' });
  }
  if (!isUtf8(bytes)) throw malformed();
  const value = parseJson(bytes.toString('utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new HttpError(400, t('Send one JSON object.'));
  }
  return value as Readonly<Record<string, unknown>>;
}

/** UTF-8 is the only encoding of JSON (RFC 8259 section 8.1). */
const isJson = (header: string): boolean =>
  /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?;?\s*$/i.test(header.trim());

/** `JSON.parse` without what readers of JSON understand in different ways. */
export function parseJson(text: string): unknown {
  refuseOddities(text);
  try {
    return JSON.parse(text);
  } catch {
    throw malformed();
  }
}

/** A string without its end is a token too: looking for one again from each of its quotes would take for ever. */
const TOKEN = /"[^"\\]*(?:\\.?[^"\\]*)*(?:"|$)|[{}[\],:]/gs;

/** Depth, names that come twice, `__proto__`, and halves of surrogate pairs. Whether it is JSON is asked afterwards. */
function refuseOddities(text: string): void {
  /** The names of each object around the present place; undefined for a list. */
  const around: (Set<string> | undefined)[] = [];
  let isName = false;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      if (around.length === DEPTH_MAX) throw new HttpError(400, t('This JSON is nested too deeply.'));
      around.push(token === '{' ? new Set() : undefined);
      isName = token === '{';
    } else if (token === '}' || token === ']') {
      around.pop();
      isName = false;
    } else if (token === ',') {
      isName = around.at(-1) !== undefined;
    } else if (token === ':') {
      isName = false;
    } else {
      const said = textOf(token);
      if (!isName) continue;
      const names = around.at(-1);
      if (said === '__proto__' || names?.has(said) === true) {
        throw new HttpError(400, t('This JSON has a name twice, or one that is not allowed.'));
      }
      names?.add(said);
    }
  }
}

function textOf(token: string): string {
  let said: unknown;
  try {
    said = JSON.parse(token);
  } catch {
    throw malformed();
  }
  if (typeof said !== 'string' || !said.isWellFormed()) throw malformed();
  return said;
}

const malformed = (): HttpError => new HttpError(400, t('The server could not read this JSON.'));
