import { type Answer, type Fields, TestPage } from './page.js';

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | URLSearchParams | FormData;
}

/** Redirects that lead from one page to another; more are a circle. */
const REDIRECTS_MAX = 10;

/** Somebody who uses the pages: over real HTTP, with cookies and form tokens, without scripts. */
export class Visitor {
  readonly #cookies = new Map<string, string>();
  readonly #base: () => Promise<string>;
  #token: string | undefined;

  constructor(
    /** Empty for a guest. */
    readonly username: string,
    base: () => Promise<string>,
    cookies: Readonly<Record<string, string>> = {},
  ) {
    this.#base = base;
    for (const [name, value] of Object.entries(cookies)) this.#cookies.set(name, value);
  }

  /** Name and value of each cookie, for a browser. */
  get cookies(): ReadonlyMap<string, string> {
    return this.#cookies;
  }

  /** One request and its answer as it comes; nothing is followed. */
  async ask(path: string, o: Ask = {}): Promise<Answer> {
    const base = await this.#base();
    const response = await fetch(new URL(path, base), {
      redirect: 'manual',
      method: o.method ?? 'GET',
      ...(o.body === undefined ? {} : { body: o.body }),
      headers: {
        accept: 'text/html',
        ...(o.method === undefined || o.method === 'GET' ? {} : { origin: base }),
        ...(this.#cookies.size === 0
          ? {}
          : { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') }),
        ...o.headers,
      },
    });
    for (const header of response.headers.getSetCookie()) this.#keep(header);
    const body = await response.text();
    this.#token = /name="_token" value="([^"]+)"/.exec(body)?.[1] ?? this.#token;
    return { status: response.status, headers: response.headers, body, url: path };
  }

  /** Reads a page; redirects are followed. */
  async get(path: string): Promise<TestPage> {
    return this.#page(await this.ask(path));
  }

  /** Sends a form and reads the page that comes then. A token is added where `fields` has none. */
  async post(path: string, fields: Fields = {}): Promise<TestPage> {
    const body = parametersOf(fields);
    if (!body.has('_token')) body.set('_token', await this.#formToken());
    return this.#page(await this.ask(path, { method: 'POST', body }));
  }

  async #formToken(): Promise<string> {
    if (this.#token === undefined) await this.ask(this.username === '' ? '/accounts/login/' : '/user/');
    return this.#token ?? '';
  }

  async #page(first: Answer): Promise<TestPage> {
    let answer = first;
    for (let n = 0; n < REDIRECTS_MAX && answer.status >= 300 && answer.status < 400; n += 1) {
      const to = answer.headers.get('location');
      if (to === null) break;
      const { pathname, search } = new URL(to, await this.#base());
      answer = await this.ask(`${pathname}${search}`);
    }
    return new TestPage(answer, (method, action, fields) =>
      method === 'POST' ? this.post(action, fields) : this.get(withQuery(action, fields)),
    );
  }

  #keep(header: string): void {
    const [pair = '', ...attributes] = header.split('; ');
    const at = pair.indexOf('=');
    const expires = attributes.find((attribute) => attribute.startsWith('Expires='))?.slice('Expires='.length);
    if (expires !== undefined && new Date(expires).getTime() <= Date.now()) this.#cookies.delete(pair.slice(0, at));
    else this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }
}

function parametersOf(fields: Fields): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    for (const one of typeof value === 'string' ? [value] : value) parameters.append(name, one);
  }
  return parameters;
}

function withQuery(action: string, fields: Fields): string {
  const query = parametersOf(fields).toString();
  return query === '' ? action : `${action}${action.includes('?') ? '&' : '?'}${query}`;
}
