import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp, createLog } from '@posthorn/core';
import type { TestHost } from '../kit/src/test-host.js';

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Where a redirect leads. */
  readonly to: string | null;
  /** A file to be saved, which nobody is shown. */
  readonly isFile: boolean;
}

export interface Reader {
  get(path: string): Promise<Answer>;
  /** Sends a form; without a `_token` of its own, one is taken from a page that shows one. */
  post(path: string, fields: Readonly<Record<string, string | readonly string[]>>): Promise<Answer>;
}

export interface Site extends AsyncDisposable {
  readonly base: string;
  /** Somebody who is signed in. */
  as(username: string): Promise<Reader>;
  /** The cookie of somebody who is signed in. */
  cookie(username: string): Promise<string>;
  readonly guest: Reader;
}

/** The pages of a test host, over real HTTP. */
export async function startSite(
  host: TestHost,
  {
    log = createLog({ level: 'silent', name: 'test', to: 2 }),
    ...o
  }: {
    readonly deadlines?: { readonly page: number; readonly action: number };
    readonly log?: ReturnType<typeof createLog>;
  } = {},
): Promise<Site> {
  const app = createApp({
    kernel: () => host.kernel,
    status: () => ({ isDatabaseThere: true, reasons: [], notices: [] }) as never,
    draining: () => false,
    log,
    version: '0.0.0',
    trustedProxies: [],
    ...o,
  });
  const server = createServer(app);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cookie = async (username: string): Promise<string> => {
    const account = await host.kernel.accounts.findByUsername(username);
    if (account === null) throw new Error(`there is no account ${username}`);
    const { token } = await host.kernel.sessions.open({
      accountId: account.id,
      username,
      role: account.role,
      isRemembered: false,
      address: '127.0.0.1',
      userAgent: 'test',
    });
    return `posthorn=${token}`;
  };
  return {
    base,
    cookie,
    as: async (username) => reader(base, await cookie(username)),
    guest: reader(base, undefined),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function reader(base: string, cookie: string | undefined): Reader {
  const headers = cookie === undefined ? {} : { cookie };
  const ask = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const answer = await fetch(`${base}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { ...headers, ...init.headers },
    });
    const isFile = answer.headers.get('content-disposition')?.startsWith('attachment') === true;
    return { status: answer.status, text: await answer.text(), to: answer.headers.get('location'), isFile };
  };
  return {
    get: (path) => ask(path, { headers: { accept: 'text/html' } }),
    post: async (path, fields) => {
      const body = new URLSearchParams();
      if (fields['_token'] === undefined) {
        const { text } = await ask('/user/', { headers: { accept: 'text/html' } });
        body.set('_token', /name="_token" value="([^"]+)"/.exec(text)?.[1] ?? '');
      }
      for (const [name, value] of Object.entries(fields)) {
        for (const one of typeof value === 'string' ? [value] : value) body.append(name, one);
      }
      return ask(path, { method: 'POST', body, headers: { accept: 'text/html', origin: base } });
    },
  };
}
