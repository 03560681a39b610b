import { type Issue, isProblem, type Message, messages, type Text } from '@posthorn/sdk';
import { TooManyAttempts } from '../access/sessions/too-many-attempts.js';
import { HttpError } from './http-error.js';

/** What a client may see of an error; sentences are translated where they are shown. */
export interface ErrorResponse {
  readonly status: number;
  readonly code: string;
  readonly title: Text;
  readonly detail: Text;
  readonly hint: Text | undefined;
  readonly issues: readonly Issue[];
  readonly headers: Readonly<Record<string, string>>;
  /** Said by a rule of ours, not by HTTP. */
  readonly isProblem: boolean;
  /** Not the client's doing: goes to the log with its stack. */
  readonly isOurs: boolean;
}

const t = messages('host');

/** The reason phrases of RFC 9110 section 15, and RFC 6585 for 429, as titles of pages. */
const TITLES: Readonly<Record<number, Message>> = {
  400: t('Bad Request'),
  401: t('Unauthorized'),
  403: t('Forbidden'),
  404: t('Not Found'),
  405: t('Method Not Allowed'),
  406: t('Not Acceptable'),
  409: t('Conflict'),
  412: t('Precondition Failed'),
  413: t('Payload Too Large'),
  415: t('Unsupported Media Type'),
  422: t('Unprocessable Entity'),
  429: t('Too Many Requests'),
  500: t('Internal Server Error'),
  503: t('Service Unavailable'),
};
const ERROR = t('Error');
const title = (status: number): Message => TITLES[status] ?? ERROR;

/**
 * The one place where errors become answers. A problem and an `HttpError` were written to be shown; of anything else
 * the client learns that it happened and the request's id, nothing more: messages of unknown errors carry SQL, paths,
 * and worse. Wrong input is 422 for a page and 400 for a call of the API.
 */
export function errorResponse(error: unknown, o: { readonly isApi?: boolean } = {}): ErrorResponse {
  if (isProblem(error)) {
    const { code, text, hint, issues } = error;
    const status = error.kind === 'invalid' && o.isApi === true ? 400 : error.status;
    const headers: Readonly<Record<string, string>> = status === 503 ? { 'Retry-After': '2' } : {};
    return {
      status,
      code,
      title: title(status),
      detail: text,
      hint,
      issues,
      headers,
      isProblem: true,
      isOurs: status === 500,
    };
  }
  const refused = (
    status: number,
    detail: Text,
    headers: Readonly<Record<string, string>> = {},
    code = `E_HTTP_${status}`,
  ): ErrorResponse => ({
    status,
    code,
    title: title(status),
    detail,
    hint: undefined,
    issues: [],
    headers,
    isProblem: false,
    isOurs: false,
  });
  if (error instanceof TooManyAttempts) return refused(429, error.text, { 'Retry-After': String(error.seconds) });
  if (error instanceof HttpError) return refused(error.status, error.text, error.headers, error.code);
  const status = (error as { status?: unknown } | null)?.status;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    // From Koa or the router (a path that is no valid encoding): the status is meant, the words are not ours.
    return refused(status, t('The server could not understand this request.'));
  }
  return {
    status: 500,
    code: 'E_INTERNAL',
    title: t('Something went wrong'),
    detail: t('The server failed to answer this request. Its log has the details under the request id.'),
    hint: undefined,
    issues: [],
    headers: {},
    isProblem: false,
    isOurs: true,
  };
}
