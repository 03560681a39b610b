import { connect, createServer, type Server, type Socket } from 'node:net';
import {
  type AuthenticationAnswer,
  accountAutoCreated,
  authenticationBackend,
  defineExtension,
  maySignIn,
  on,
  role,
} from '@posthorn/sdk';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Browser } from './browser.js';
import { PASSWORD, type Site, serve } from './site.js';

/** What the other system says to a line `USER PASSWORD`; nothing means that it never answers. */
const PEOPLE: Readonly<Record<string, string | undefined>> = {
  'anna Winter1!': '{"username":"Anna@Example.TEST","first_name":"Anna","language":"fr"}',
  'anna@example.test Winter1!': '{"username":"anna@example.test"}',
  'twin Winter1!': '{"username":"twin"}',
  'boss Winter1!': '{"username":"boss","role":"SuperAdmins"}',
  'other Winter1!': '{"username":"other","role":"Nobodies"}',
  'thief Winter1!': '{"username":"root"}',
  'odd Winter1!': '{"username":"../odd"}',
  'liar Winter1!': '{"name":"liar"}',
  'yes Winter1!': 'true',
  'hangs Winter1!': undefined,
};
const asked: string[] = [];
const made: object[] = [];
let upstream: Server;
let site: Site;
const open = new Set<Socket>();

async function ask(username: string, password: string, signal: AbortSignal): Promise<AuthenticationAnswer> {
  const { port } = upstream.address() as { port: number };
  const socket = connect({ port, host: '127.0.0.1', signal });
  try {
    socket.write(`${username} ${password}\n`);
    for await (const data of socket) return JSON.parse(String(data)) as AuthenticationAnswer;
    throw new Error(`nothing came for ${username} ${password}`);
  } finally {
    socket.destroy();
  }
}

const directory = defineExtension({
  id: 'directory',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Directory',
  contributes: [
    role({ name: 'Keepers', label: 'Keeper', rank: 50 }),
    role({ name: 'SimpleUsers', label: 'Simple user', rank: 10 }),
    authenticationBackend(
      {
        id: 'second',
        title: 'Second',
        creates: { roles: ['SimpleUsers'] },
        authenticate: async ({ username }) => {
          asked.push(`second ${username}`);
          return username === 'late' ? { username } : 'unknown';
        },
      },
      { order: 2 },
    ),
    authenticationBackend(
      {
        id: 'first',
        title: 'First',
        timeoutMs: 300,
        when: (username) => username !== 'late',
        creates: { roles: ['SimpleUsers', 'Keepers'] },
        authenticate: async ({ username, password, signal }) => {
          asked.push(`first ${username}`);
          return ask(username, password, signal);
        },
      },
      { order: 1 },
    ),
  ],
  taps: [
    on(accountAutoCreated, ({ account, backend }) => void made.push({ ...account, id: 0, backend })),
    on(maySignIn, ({ account }) => (account.username === 'keeper' ? { deny: 'Not on a Sunday.' } : undefined)),
  ],
});

const logged: string[] = [];
const log = Object.fromEntries(
  ['debug', 'info', 'warn', 'error'].map((level) => [
    level,
    (fields: { err?: unknown }, message: string) =>
      void logged.push(`${level} ${JSON.stringify(fields)} ${String(fields.err)} ${message}`),
  ]),
) as unknown as NonNullable<Parameters<typeof serve>[0]['log']>;

const listen = () =>
  new Promise<void>((resolve) => {
    upstream = createServer((socket) => {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => open.delete(socket));
      socket.on('data', (data) => {
        const line = String(data).trim();
        if (Object.hasOwn(PEOPLE, line)) {
          const answer = PEOPLE[line];
          if (answer !== undefined) socket.end(answer);
        } else
          socket.end(Object.keys(PEOPLE).some((p) => p.startsWith(`${line.split(' ')[0]} `)) ? '"wrong"' : '"unknown"');
      });
    }).listen(0, '127.0.0.1', resolve);
  });

beforeAll(async () => {
  await listen();
  site = await serve({ with: [directory], log, kernelLog: log });
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await new Promise((resolve) => upstream.close(resolve));
});
let address = 0;
let browser: Browser;
beforeEach(() => {
  // Everybody from elsewhere, so that no test slows another one down.
  address += 1;
  browser = new Browser(site.port, { 'x-forwarded-for': `198.51.100.${address}` });
});
afterEach(() => {
  expect(logged.filter((line) => line.includes('Winter1!') || line.includes(PASSWORD))).toEqual([]);
  logged.length = 0;
  asked.length = 0;
  made.length = 0;
});
const signIn = async (username: string, password = 'Winter1!') => {
  browser.cookies.clear();
  return (await browser.signIn(username, password)).status;
};
const account = (username: string) => site.host.kernel.accounts.findByUsername(username);

describe('somebody whom another system knows', () => {
  it('comes in under the name that it says, and gets an account the first time', async () => {
    expect(await signIn('Anna')).toBe(303);
    expect(await account('anna@example.test')).toMatchObject({
      is_local: false,
      role: 'SimpleUsers',
      first_name: 'Anna',
      language: 'fr',
    });
    expect(made).toEqual([{ id: 0, username: 'anna@example.test', role: 'SimpleUsers', backend: 'directory.first' }]);
    expect(asked).toEqual(['first anna']);
    expect(await signIn('anna@example.test')).toBe(303);
    expect(made).toHaveLength(1);
  });

  it('is one account when he comes twice at once', async () => {
    const both = [0, 1].map((n) => new Browser(site.port, { 'x-forwarded-for': `198.51.101.${n}` }));
    await Promise.all(both.map((one) => one.ask('/accounts/login/')));
    const answers = await Promise.all(both.map((one) => one.signIn('twin', 'Winter1!')));
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    expect(made).toHaveLength(1);
  });

  it('does not come in with a wrong password, and no later backend is asked', async () => {
    expect(await signIn('anna', 'wrong')).toBe(422);
    expect(asked).toEqual(['first anna']);
    // Nor with what stands in the table.
    const [row] = await site.host.kernel.database.execute<{ password: string }>(
      "select password from core_user where username = 'anna@example.test'",
    );
    expect(await signIn('anna@example.test', row?.password)).toBe(422);
  });

  it('may be known to a later one', async () => {
    expect(await signIn('nobody')).toBe(422);
    expect(asked).toEqual(['first nobody', 'second nobody']);
    expect(await signIn('late')).toBe(303);
    expect(asked.slice(2)).toEqual(['second late']);
  });

  it('does not come in once his account is disabled, and has no password to change here', async () => {
    const { kernel, system } = site.host;
    const found = await account('anna@example.test');
    if (found === null) throw new Error('anna is gone');
    await expect(kernel.accounts.update(system, found, { password: 'Summer22!' })).rejects.toMatchObject({
      code: 'E_PASSWORD_ELSEWHERE',
    });
    await kernel.accounts.update(system, found, { is_active: false });
    expect(await signIn('anna')).toBe(422);
    await kernel.accounts.update(system, found, { is_active: true });
    expect(await signIn('anna')).toBe(303);
  });

  it('is slowed down like everybody', async () => {
    for (let i = 0; i < 5; i += 1) expect(await signIn('anna', 'wrong')).toBe(422);
    expect(await signIn('anna')).toBe(429);
    expect(asked).toHaveLength(5);
    await site.host.kernel.throttle.unlock('anna');
  });
});

describe('an account whose password is kept here', () => {
  it('comes in by it alone, and no backend hears of it', async () => {
    expect(await signIn('root', PASSWORD)).toBe(303);
    expect(await signIn('root', 'wrong')).toBe(422);
    expect(asked).toEqual([]);
  });

  it('is not taken over by a backend that says its name', async () => {
    expect(await signIn('thief')).toBe(422);
    expect(logged.join()).toContain('it says root, whose password is kept here');
  });

  it('may be kept out by a guard, which says why', async () => {
    const answer = await browser.signIn('keeper', PASSWORD);
    expect([answer.status, answer.body]).toEqual([403, expect.stringContaining('Not on a Sunday.')]);
    expect((await browser.ask('/user/')).status).toBe(303);
    const id = (await account('keeper'))?.id ?? 0;
    const token = await site.host.kernel.tokens.create({ accountId: id, label: '', expiresAt: undefined });
    const called = await fetch(`http://127.0.0.1:${site.port}/api/v1/core/me/`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect([called.status, await called.json()]).toEqual([403, 'Not on a Sunday.']);
  });
});

describe('a backend that is not well', () => {
  it.each(['boss', 'other', 'odd'])('makes no account for %s, whom it may not make', async (username) => {
    expect(await signIn(username)).toBe(422);
    expect(await account(username)).toBeNull();
    expect(made).toEqual([]);
  });

  it.each([
    'hangs',
    'liar',
    'yes',
  ])('is away for %s: try again, nobody else is asked, nothing is counted', async (name) => {
    for (let i = 0; i < 6; i += 1) expect(await signIn(name)).toBe(503);
    expect(asked).toEqual(Array.from({ length: 6 }, () => `first ${name}`));
    expect(logged.filter((line) => line.includes('directory: authentication:first')).length).toBe(6);
    await expect.poll(() => open.size).toBe(0);
  });

  it('keeps local accounts and their sessions as they are while it cannot be reached', async () => {
    await new Promise((resolve) => upstream.close(resolve));
    const closed = upstream;
    try {
      upstream = { address: () => ({ port: 1 }) } as unknown as Server;
      const answer = await browser.signIn('anna', 'Winter1!');
      expect([answer.status, answer.body]).toEqual([503, expect.stringContaining('does not answer')]);
      expect(await signIn('root', PASSWORD)).toBe(303);
    } finally {
      upstream = closed;
      await listen();
    }
    expect(await signIn('anna')).toBe(303);
  });
});
