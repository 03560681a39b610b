import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bootKernel,
  createLog,
  type InstanceConfig,
  type Kernel,
  type Logger,
  settle,
  superActor,
} from '@posthorn/core';
import type { Actor, ExtensionContext, ExtensionDefinition } from '@posthorn/sdk';

export interface TestHostOptions {
  /** Extensions as objects; the kernel's own is always there. */
  readonly with: readonly ExtensionDefinition[];
  /** A database of its own, empty; otherwise SQLite in a temporary folder. */
  readonly database?: string;
  readonly clock?: () => Date;
  readonly syslogSocket?: string;
  /** What the kernel logs to; silent otherwise. */
  readonly kernelLog?: Logger;
  /** Called after each SQL statement with its text and duration in milliseconds. */
  readonly onStatement?: (sql: string, ms: number) => void;
}

export interface TestHost extends AsyncDisposable {
  readonly kernel: Kernel;
  readonly config: InstanceConfig;
  /** The super administrator behind nobody's account. */
  readonly system: Actor;
  context(extension: string): ExtensionContext;
  /** The actor behind an existing account. */
  actor(username: string): Promise<Actor>;
}

/** A migrated host in this process, over a real database. Start one after the other, never two side by side. */
export async function testHost(o: TestHostOptions): Promise<TestHost> {
  const directory = await mkdtemp(join(tmpdir(), 'posthorn-host-'));
  await mkdir(join(directory, 'data', 'db'), { recursive: true });
  await writeFile(join(directory, 'package.json'), '{"private":true,"dependencies":{}}\n');
  const config: InstanceConfig = {
    directory,
    databaseUrl: o.database ?? 'sqlite:data/db/posthorn.sqlite',
    hostname: 'mail.example.test',
    baseUrl: 'http://127.0.0.1:8000',
    language: 'en',
    timeZone: 'UTC',
    logLevel: 'silent',
    essential: [],
    poolSize: 10,
    ...(o.syslogSocket === undefined ? {} : { syslogSocket: o.syslogSocket }),
  };
  const kernel = await bootKernel({
    config,
    role: 'command',
    log: o.kernelLog ?? createLog({ level: 'silent', name: 'test', to: 2 }),
    definitions: o.with,
    isLenient: true,
    ...(o.clock === undefined ? {} : { clock: o.clock }),
    ...(o.onStatement === undefined ? {} : { onStatement: o.onStatement }),
  });
  try {
    if (kernel.bootProblem?.kind === 'temporary') throw kernel.bootProblem;
    await kernel.migrations().up();
    for (const d of o.with) {
      await kernel.database.execute(
        "insert into core_extension (id, package, version, desired) values (?, ?, ?, 'enabled')",
        [d.id, d.id, d.version],
      );
    }
    await settle(kernel);
  } catch (error) {
    await kernel[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
  return {
    kernel,
    config,
    system: superActor('system'),
    context: (extension) => kernel.generation.context(extension),
    actor: async (username) => {
      const account = await kernel.accounts.findByUsername(username);
      if (account === null) throw new Error(`there is no account ${username}`);
      return kernel.accounts.actor(account, 'command');
    },
    async [Symbol.asyncDispose]() {
      await kernel[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
