import { STATUS_CODES } from 'node:http';
import { type Issue, isProblem, plainText } from '@posthorn/sdk';
import { TooManyAttempts } from '../access/sessions/too-many-attempts.js';
import { HttpError } from './http-error.js';

/** What a client may see of an error. */
export interface ErrorResponse {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly hint: string | undefined;
  readonly issues: readonly { readonly path: string; readonly message: string }[];
  readonly headers: Readonly<Record<string, string>>;
  /** Not the client's doing: goes to the log with its stack. */
  readonly isOurs: boolean;
}

const title = (status: number): string => STATUS_CODES[status] ?? 'Error';

const showIssue = (issue: Issue) => ({ path: issue.path, message: plainText(issue.message) });

/**
 * The one place where errors become answers. A problem and an `HttpError` were written to be shown; of anything else
 * the client learns that it happened and the request's id, nothing more: messages of unknown errors carry SQL, paths,
 * and worse.
 */
export function errorResponse(error: unknown): ErrorResponse {
  const none = { hint: undefined, issues: [], headers: {} };
  if (isProblem(error)) {
    const { status } = error;
    return {
      status,
      code: error.code,
      title: title(status),
      detail: plainText(error.text),
      hint: error.hint === undefined ? undefined : plainText(error.hint),
      issues: error.issues.map(showIssue),
      headers: status === 503 ? { 'Retry-After': '2' } : {},
      isOurs: status === 500,
    };
  }
  if (error instanceof TooManyAttempts) {
    const headers = { 'Retry-After': String(error.seconds) };
    return {
      ...none,
      status: 429,
      code: 'E_HTTP_429',
      title: title(429),
      detail: error.message,
      headers,
      isOurs: false,
    };
  }
  if (error instanceof HttpError) {
    const { status, message, headers } = error;
    return { ...none, status, code: `E_HTTP_${status}`, title: title(status), detail: message, headers, isOurs: false };
  }
  const status = (error as { status?: unknown } | null)?.status;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    // From Koa or the router (a path that is no valid encoding): the status is meant, the words are not ours.
    const detail = 'The server could not understand this request.';
    return { ...none, status, code: `E_HTTP_${status}`, title: title(status), detail, isOurs: false };
  }
  return {
    ...none,
    status: 500,
    code: 'E_INTERNAL',
    title: 'Something went wrong',
    detail: 'The server failed to answer this request. Its log has the details under the request id.',
    isOurs: true,
  };
}
