import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type InstanceConfig, superActor } from '@posthorn/core';
import { type ExtensionDefinition, type HookKind, type HookRef, SUPER_ADMINS } from '@posthorn/sdk';
import { Browsers } from './host/browser.js';
import { runCommand } from './host/command.js';
import { definitionIn, folderOf } from './host/extension-package.js';
import { HostKernel } from './host/host-kernel.js';
import type { HookProbe } from './host/probe.js';
import { startProcesses } from './host/processes.js';
import type { TestHost, TestHostOptions } from './host/test-host-types.js';
import { Visitor } from './host/visitor.js';
import { WebServer } from './host/web.js';
import { startMariadb } from './servers/mariadb.js';
import { startPostgres } from './servers/postgres.js';

export type { JobOutcome, TestHost, TestHostOptions, TestJobs } from './host/test-host-types.js';

/** A migrated host in this process, over a real database. Start one after the other, never two side by side. */
export async function testHost(o: TestHostOptions): Promise<TestHost> {
  const given = await Promise.all(
    o.with.map(async (each) => {
      if (!(typeof each === 'string' || each instanceof URL)) return { definition: each, folder: undefined };
      const folder = folderOf(each);
      return { definition: await definitionIn(folder), folder };
    }),
  );
  const definitions = given.map(({ definition }) => definition);
  const stack = new AsyncDisposableStack();
  try {
    const directory = await mkdtemp(join(tmpdir(), 'posthorn-host-'));
    stack.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }));
    await mkdir(join(directory, 'data', 'db'), { recursive: true });
    await writeFile(join(directory, 'package.json'), '{"private":true,"dependencies":{}}\n');
    const config: InstanceConfig = {
      directory,
      databaseUrl: await databaseUrl(o.database, stack),
      hostname: 'mail.example.test',
      baseUrl: 'http://127.0.0.1:8000',
      language: o.language ?? 'en',
      timeZone: 'UTC',
      logLevel: 'silent',
      essential: [],
      poolSize: 10,
      ...(o.syslogSocket === undefined ? {} : { syslogSocket: o.syslogSocket }),
    };
    const host = new HostKernel(config, definitions, o);
    stack.use(host);
    await host.begin();
    return assembled(host, given, stack.move());
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function databaseUrl(wanted: string | undefined, stack: AsyncDisposableStack): Promise<string> {
  if (wanted === undefined || wanted === 'sqlite') return 'sqlite:data/db/posthorn.sqlite';
  if (wanted !== 'postgresql' && wanted !== 'mariadb') return wanted;
  const server = stack.use(await (wanted === 'postgresql' ? startPostgres() : startMariadb()));
  return (await server.createDatabase()).url;
}

interface Given {
  readonly definition: ExtensionDefinition;
  readonly folder: string | undefined;
}

function assembled(host: HostKernel, given: readonly Given[], stack: AsyncDisposableStack): TestHost {
  const web = stack.use(
    new WebServer(
      () => host.kernel,
      (error) => host.reports.push(error),
    ),
  );
  const browsers = stack.use(new Browsers(web.base));
  let count = 0;
  const as = async (username: string): Promise<Visitor> => {
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
    return new Visitor(username, web.base, { posthorn: token });
  };
  const account: TestHost['account'] = async ({ role, username = `visitor-${++count}` }) => {
    const passwordHash = '{PLAIN}Toto1234';
    await host.kernel.accounts.create(superActor('system'), { username, role, passwordHash });
    return as(username);
  };
  const runner = () =>
    host.kernel.jobs.runner([...new Set(host.kernel.jobs.known().map(({ item }) => item.queue)), 'default']);
  return {
    get kernel() {
      return host.kernel;
    },
    config: host.config,
    system: superActor('system'),
    context: (extension) => host.kernel.generation.context(extension),
    actor: async (username) => {
      const found = await host.kernel.accounts.findByUsername(username);
      if (found === null) throw new Error(`there is no account ${username}`);
      return host.kernel.accounts.actor(found, 'command');
    },
    admin: () => account({ role: SUPER_ADMINS }),
    account,
    as,
    guest: new Visitor('', web.base),
    url: web.base,
    browser: (visitor) => browsers.open(visitor),
    hook: <K extends HookKind, A, R>(ref: HookRef<K, A, R>) => host.hook(ref as never) as unknown as HookProbe<K, A, R>,
    sent: host.sent,
    reports: host.reports,
    enable: (id) => host.enable(id),
    disable: (id) => host.disable(id),
    clock: host.clock,
    jobs: {
      run: async (job, payload = {}) => {
        const id = await host.kernel.jobs.queue.enqueue(job, payload);
        return id === null ? undefined : runner().runOne(id);
      },
      drain: () => runner().drain(),
    },
    command: (argv) => runCommand(host.kernel, argv),
    processes: async (n) => {
      const started = await startProcesses(host.config, given, n);
      for (const each of started) stack.use(each);
      return started;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
