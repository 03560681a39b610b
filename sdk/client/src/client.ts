import { ApiError } from './api-error.js';
import type { Calls } from './calls.js';

export interface ClientOptions {
  /** Where the installation is, such as `https://mail.example.org`. */
  readonly url: string;
  readonly token: string;
  /** Default: the runtime's. */
  readonly fetch?: typeof fetch;
}

type Name = keyof Calls;
/** Names of calls that answer rows. */
type Collection = { [N in Name]: Calls[N]['answer'] extends readonly unknown[] ? N : never }[Name];
type Row<N extends Collection> = Calls[N]['answer'] extends readonly (infer R)[] ? R : never;

type Part<K extends string, T> = [T] extends [undefined]
  ? { readonly [_ in K]?: undefined }
  : Record<never, never> extends T
    ? { readonly [_ in K]?: T }
    : { readonly [_ in K]: T };

/** What goes along with a call: what its address, its query and its body need. */
export type Sent<N extends Name> = Part<'params', Calls[N]['params']> &
  Part<'query', Calls[N]['query']> &
  Part<'body', Calls[N]['body']> & {
    /** Such as `If-Match` and `Idempotency-Key`. */
    readonly headers?: Readonly<Record<string, string>>;
    readonly signal?: AbortSignal;
  };
type Rest<N extends Name> = Record<never, never> extends Sent<N> ? [o?: Sent<N>] : [o: Sent<N>];

export interface Client {
  /** The answer; undefined where the call answers nothing. Throws an `ApiError` for every status from 400 on. */
  call<N extends Name>(name: N, ...rest: Rest<N>): Promise<Calls[N]['answer']>;
  /** Every row, asked for in parts of 500. */
  rows<N extends Collection>(name: N, ...rest: Rest<N>): AsyncGenerator<Row<N>, undefined>;
}

interface Loose {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

const PART = 500;

export function createClient(o: ClientOptions): Client {
  const send = async (method: string, url: URL, { body, headers, signal }: Loose): Promise<Response> => {
    const answer = await (o.fetch ?? fetch)(url, {
      method,
      headers: {
        accept: 'application/json, application/problem+json',
        authorization: `Bearer ${o.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (!answer.ok) throw await ApiError.of(answer);
    return answer;
  };

  const call = async (name: string, sent: Loose = {}): Promise<unknown> => {
    const [method, url] = addressOf(o.url, name, sent);
    const text = await (await send(method, url, sent)).text();
    return text === '' ? undefined : JSON.parse(text);
  };

  async function* rows(name: string, sent: Loose = {}): AsyncGenerator<unknown, undefined> {
    const limited = { ...sent, query: { limit: PART, ...sent.query } };
    const [method, first] = addressOf(o.url, name, limited);
    let next: URL | undefined = first;
    while (next !== undefined) {
      const answer: Response = await send(method, next, sent);
      yield* (await answer.json()) as unknown[];
      const [, path] = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '') ?? [];
      next = path === undefined ? undefined : new URL(path, next);
    }
    return undefined;
  }

  return { call, rows } as Client;
}

/** `GET /domains/{pk}/` → the method and the whole address. */
function addressOf(base: string, name: string, { params = {}, query = {} }: Loose): readonly [string, URL] {
  const [method = '', path = ''] = name.split(' ');
  const filled = path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(String(params[key])));
  const url = new URL(`/api/v1${filled}`, base);
  for (const [key, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) url.searchParams.append(key, String(one));
    }
  }
  return [method, url];
}
