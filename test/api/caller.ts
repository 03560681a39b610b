import { expect } from 'vitest';
import type { TestHost } from '../kit/src/test-host.js';

/** What a call was answered with. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined where nothing was answered, or no JSON. */
  readonly json: unknown;
}
export interface Asked {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls the API with the token of one account. */
export interface ApiCaller {
  ask(method: string, path: string, o?: Asked): Promise<Answered>;
  /** The answer's JSON; the status must be this. */
  must<T = Row>(status: number, method: string, path: string, body?: unknown): Promise<T>;
}
export type Row = Record<string, unknown>;

export async function tokenOf(host: TestHost, username: string): Promise<string> {
  const account = await host.kernel.accounts.findByUsername(username);
  return host.kernel.tokens.create({ accountId: account?.id ?? 0, label: 'test', expiresAt: undefined });
}

/** Paths begin below `/api/v1/`, or with a slash. */
export function apiCaller(base: string, token: string | undefined, scheme = 'Token'): ApiCaller {
  const ask: ApiCaller['ask'] = async (method, path, { body, headers = {} } = {}) => {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array;
    const answer = await fetch(path.startsWith('/') ? `${base}${path}` : `${base}/api/v1/${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `${scheme} ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: (isRaw ? body : JSON.stringify(body)) as string }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') === true;
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      json:
        isJson && text !== '' && !answer.headers.get('content-type')?.includes('ndjson') ? JSON.parse(text) : undefined,
    };
  };
  return {
    ask,
    async must<T>(status: number, method: string, path: string, body?: unknown) {
      const answer = await ask(method, path, body === undefined ? {} : { body });
      expect({ status: answer.status, text: answer.status === status ? '' : answer.text }).toEqual({
        status,
        text: '',
      });
      return answer.json as T;
    },
  };
}
