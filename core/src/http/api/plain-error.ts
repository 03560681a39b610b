import { plainText } from '@posthorn/sdk';
import type { ErrorResponse } from '../error-response.js';

interface Mistakes {
  [name: string]: string[] | Mistakes;
}

/**
 * An error as clients of the reference know it: mistakes of the input by field, each with its sentences; the sentence of
 * a rule that refuses as plain text; everything else under `detail`.
 */
export function plainError(answer: ErrorResponse): unknown {
  const { status, issues, code } = answer;
  const detail = plainText(answer.detail);
  if (status === 400 && issues.length > 0) return byField(issues.map((i) => [i.path, plainText(i.message)]));
  if (status === 400 && answer.isProblem) return { non_field_errors: [detail] };
  const isRule = status === 403 || status === 409 || (status === 404 && issues.length > 0);
  if (answer.isProblem && isRule) return detail;
  return { detail, ...(code.startsWith('E_HTTP_') ? {} : { code }) };
}

/** `a.b` is the field `b` inside of `a`. */
function byField(mistakes: readonly (readonly [path: string, message: string])[]): Mistakes {
  const all = Object.create(null) as Mistakes;
  for (const [path, message] of mistakes) {
    const names = path.split('.');
    const last = names.pop() ?? path;
    let at = all;
    for (const name of names) {
      const found = at[name];
      const next = found === undefined || Array.isArray(found) ? (Object.create(null) as Mistakes) : found;
      at[name] = next;
      at = next;
    }
    const said = at[last];
    if (Array.isArray(said)) said.push(message);
    else at[last] = [message];
  }
  return all;
}
