import { readFile, symlink, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, request, type Serving, serve } from '../host/serving.js';
import { Browser, tokenIn } from '../http/browser.js';
import { freshInstance, type Instance } from '../kit/src/cli/cli.js';
import { sleep, until } from '../kit/src/servers/index.js';

const example = fileURLToPath(new URL('./example-extension/', import.meta.url));
const EDIT = '/admin/domains/shown.test/edit/';
const TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

let instance: Instance;
let serving: Serving;
let browser: Browser;
let load: Load;

/** Links the package into the instance, as a package manager does. */
async function install(directory: string): Promise<void> {
  await symlink(example, join(directory, 'node_modules', 'posthorn-example'));
  const file = join(directory, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as { dependencies?: Record<string, string> };
  await writeFile(
    file,
    JSON.stringify({ ...manifest, dependencies: { ...manifest.dependencies, 'posthorn-example': '1.0.0' } }),
  );
}

const cookieOf = ({ cookies }: Browser): string => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');

const cookie = (): string => cookieOf(browser);

/** A session of its own: a notice is shown to whoever of a session comes first. */
async function signedIn(): Promise<Browser> {
  const one = new Browser(serving.port);
  expect((await one.signIn(instance.admin.username, instance.admin.password)).status).toBe(303);
  return one;
}

interface Load {
  readonly failures: readonly string[];
  /** How often each page answered which status. */
  readonly seen: ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

/** Signed-in readers, each on a connection of its own that it keeps. */
function startLoad(readers: number, headers: { readonly cookie: string }): Load {
  const failures: string[] = [];
  const seen = new Map<string, number>();
  let isOver = false;
  const lanes = Array.from({ length: readers }, async (_, n) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = n; !isOver; i += 1) {
      const path = i % 2 === 0 ? '/dashboard/' : '/example/';
      try {
        const { status } = await request(serving.port, path, { agent, headers });
        const isRight = status === 200 || (path === '/example/' && status === 404);
        if (!isRight) failures.push(`${path}: ${status}`);
        seen.set(`${path} ${status}`, (seen.get(`${path} ${status}`) ?? 0) + 1);
      } catch (error) {
        failures.push(`${path}: ${(error as Error).message}`);
      }
      await sleep(20);
    }
    agent.destroy();
  });
  return {
    failures,
    seen,
    async stop() {
      isOver = true;
      await Promise.all(lanes);
    },
  };
}

/** Sends a form piece by piece over about two seconds. `begun` resolves once the server has the first piece. */
function sendSlowly(path: string, form: Readonly<Record<string, string>>) {
  const body = new URLSearchParams(form).toString();
  const begun = Promise.withResolvers<void>();
  const answer = new Promise<Answer>((resolve, reject) => {
    const headers = { ...TYPE, cookie: cookie(), 'content-length': String(body.length) };
    const asked = http.request(
      { host: '127.0.0.1', port: serving.port, path, method: 'POST', headers, agent: false },
      (got) => {
        got.resume();
        got.once('end', () => resolve({ status: got.statusCode ?? 0, headers: got.headers, body: '' }));
        got.once('error', reject);
      },
    );
    asked.once('error', reject);
    void (async () => {
      const size = Math.ceil(body.length / 20);
      for (let at = 0; at < body.length; at += size) {
        asked.write(body.slice(at, at + size), () => begun.resolve());
        await sleep(100);
      }
      asked.end();
    })();
  });
  // Whoever only waits for the beginning must not be met by an unhandled rejection.
  answer.catch(() => {});
  return { begun: begun.promise, answer };
}

/** Begins to create a domain, slowly. */
async function createSlowly(name: string) {
  const _token = await browser.token('/admin/domains/new/');
  const sent = sendSlowly('/admin/domains/new/', {
    _token,
    'general.name': name,
    'general.type': 'domain',
    'general.enabled': 'true',
    'general.quota': '0',
    'general.default_mailbox_quota': '0',
  });
  await sent.begun;
  return sent;
}

/** What a reader sees of the extension in his very next requests, on new connections and on the one given. */
async function shown(agent: http.Agent) {
  const kept = (path: string) => serving.ask(path, { agent, headers: { cookie: cookie() } });
  const found = [];
  for (const ask of [kept, (path: string) => browser.ask(path)]) {
    const dashboard = await ask('/dashboard/');
    const page = await ask('/example/');
    const domain = await ask(EDIT);
    const parameters = await ask('/core/parameters/');
    found.push({
      menu: dashboard.body.includes('href="/example/"'),
      page: page.status,
      tab: domain.body.includes('Example notes'),
      parameters: parameters.body.includes('/core/parameters/example/'),
    });
  }
  return found;
}

const on = { menu: true, page: 200, tab: true, parameters: true };
const off = { menu: false, page: 404, tab: false, parameters: false };

/** An agent whose one connection is open already, with the worker that serves now. */
async function keptConnection(): Promise<http.Agent> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  await serving.ask('/dashboard/', { agent, headers: { cookie: cookie() } });
  return agent;
}

const domainNames = async (): Promise<readonly unknown[]> =>
  (await instance.must(['domain', 'list', '--json'])).rows().map((row) => row['name']);
const countings = async () =>
  (await instance.must(['jobs', 'list', '--json'])).rows().filter((row) => row['job'] === 'example.counting');

describe('switching an extension while its instance serves', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    instance = await freshInstance();
    await instance.must(['domain', 'create', 'shown.test']);
    await install(instance.directory);
    serving = await serve(instance.directory, { env: { POSTHORN_LOG_LEVEL: 'warn' } });
    browser = await signedIn();
    load = startLoad(4, { cookie: cookieOf(await signedIn()) });
  });
  afterAll(async () => {
    await load?.stop();
    await serving?.[Symbol.asyncDispose]();
    await instance?.remove();
  });

  it('on, by command: all of it is there when the command returns', async () => {
    const agent = await keptConnection();
    expect(await shown(agent)).toEqual([off, off]);
    const upload = await createSlowly('first.test');
    await instance.must(['extension', 'enable', 'example']);
    expect(await shown(agent)).toEqual([on, on]);
    expect((await upload.answer).status).toBe(303);
    expect(await domainNames()).toContain('first.test');
    agent.destroy();
  });

  it('keeps what is written into its tab, its parameters and its job', async () => {
    const form = (await browser.ask(EDIT)).body;
    const version = /name="_version" value="([^"]*)"/.exec(form)?.[1] ?? '';
    const note = /name="([a-z.-]*note)"/.exec(form)?.[1] ?? '';
    const kept = { _token: tokenIn(form), _version: version, [note]: 'Call back on Monday' };
    expect((await browser.ask(EDIT, { form: kept })).status).toBe(303);
    expect((await browser.ask(EDIT)).body).toContain('Call back on Monday');
    await instance.must(['parameter', 'set', 'example.greeting', 'Good evening']);
    await until('the parameter', 20, async () => (await browser.ask('/example/')).body.includes('Good evening'));
  });

  it('off, by command: all of it is gone, and what had begun ends well', async () => {
    const agent = await keptConnection();
    const begun = await browser.ask('/example/', { form: { _token: await browser.token('/example/') } });
    expect(begun.status).toBe(303);
    await until('the job to run', 20, async () => (await countings())[0]?.['state'] === 'active');
    const upload = await createSlowly('second.test');
    await instance.must(['extension', 'disable', 'example']);
    expect(await shown(agent)).toEqual([off, off]);
    expect((await upload.answer).status).toBe(303);
    expect(await domainNames()).toContain('second.test');
    await until('the job to end', 20, async () => (await countings())[0]?.['state'] === 'done');
    expect(await countings()).toMatchObject([{ state: 'done', attempts: 1, done: 30, total: 30 }]);
    agent.destroy();
  });

  it('on again, by a click: all of it is back, with its data', async () => {
    const agent = await keptConnection();
    const list = '/core/extensions/';
    const upload = await createSlowly('third.test');
    const clicked = await browser.ask(`${list}example/enable/`, { form: { _token: await browser.token(list) } });
    expect([clicked.status, clicked.headers['location']]).toEqual([303, list]);
    expect((await browser.ask(list)).body).toContain('example is enabled.');
    // The worker that answered the click may answer a moment longer, until it hears that it is retired.
    expect(await shown(agent)).toEqual([on, on]);
    expect((await browser.ask(EDIT)).body).toContain('Call back on Monday');
    expect((await browser.ask('/example/')).body).toContain('Good evening');
    expect((await upload.answer).status).toBe(303);
    expect(await domainNames()).toContain('third.test');
    agent.destroy();
  });

  it('off again, by a click', async () => {
    const agent = await keptConnection();
    const question = '/core/extensions/example/disable/';
    const { body } = await browser.ask(question);
    // The name that the page itself gives to its input.
    const name = /name="(confirm[a-z]*)"/.exec(body)?.[1] ?? '';
    const confirm = (typed: string) => browser.ask(question, { form: { _token: tokenIn(body), [name]: typed } });
    expect((await confirm('exampel')).status).toBe(422);
    expect((await confirm('example')).status).toBe(303);
    expect(await shown(agent)).toEqual([off, off]);
    agent.destroy();
  });

  it('and no reader met a failure', async () => {
    await load.stop();
    expect(load.failures).toEqual([]);
    expect([...load.seen.keys()].sort()).toEqual(['/dashboard/ 200', '/example/ 200', '/example/ 404']);
    expect([...load.seen.values()].reduce((sum, n) => sum + n, 0)).toBeGreaterThan(300);
    expect(serving.output()).not.toMatch(/"level":[56]0/);
  });
});
