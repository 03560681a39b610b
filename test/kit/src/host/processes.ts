import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { InstanceConfig } from '@posthorn/core';
import type { ExtensionDefinition } from '@posthorn/sdk';
import { freePort } from '../servers/free-port.js';
import { sleep, until } from '../servers/wait.js';
import { manifestOf } from './extension-package.js';

export interface HostProcess extends AsyncDisposable {
  readonly pid: number;
  /** Where it serves. */
  readonly url: string;
  /** Both of its streams so far. */
  output(): string;
  /** Sends a signal and waits for the end; the exit code, or null where the signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

interface Given {
  readonly definition: ExtensionDefinition;
  readonly folder: string | undefined;
}

/** What a process may take to begin. */
const START_S = 60;
/** What it gets to end in peace. */
const GRACE_MS = 5_000;

const manifestPath = (name: string): string => createRequire(import.meta.url).resolve(`${name}/package.json`);

/** The program `posthorn` that the test kit came with. */
export const program = (): string => join(dirname(manifestPath('@posthorn/host')), 'bin', 'posthorn.js');

/** Makes the folder of a test host an instance with its extensions, and serves it that many times. */
export async function startProcesses(
  config: InstanceConfig,
  given: readonly Given[],
  count: number,
): Promise<readonly HostProcess[]> {
  await makeInstance(config, given);
  const started: HostProcess[] = [];
  try {
    for (let n = 0; n < count; n += 1) started.push(await start(config.directory));
  } catch (error) {
    await Promise.all(started.map((each) => each[Symbol.asyncDispose]()));
    throw error;
  }
  return started;
}

async function makeInstance(config: InstanceConfig, given: readonly Given[]): Promise<void> {
  const dependencies: Record<string, string> = {};
  for (const { definition, folder } of given) {
    if (folder === undefined)
      throw new Error(`other processes cannot have ${definition.id}: give testHost the folder of its package`);
    const { name, version } = manifestOf(folder);
    dependencies[name] = version;
    const link = join(config.directory, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(folder, link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  await writeFile(join(config.directory, 'package.json'), `${JSON.stringify({ private: true, dependencies })}\n`);
  const settings = { database: config.databaseUrl, hostname: config.hostname, base_url: config.baseUrl };
  // JSON is YAML
  await writeFile(join(config.directory, 'posthorn.yaml'), `${JSON.stringify(settings)}\n`);
}

async function start(directory: string): Promise<HostProcess> {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [program(), 'serve', '--listen', `127.0.0.1:${port}`, '--instance', directory],
    { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'], env: quietEnvironment() },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const made: HostProcess = {
    pid: child.pid ?? 0,
    url: `http://127.0.0.1:${port}`,
    output: () => text,
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
    [Symbol.asyncDispose]: () => end(child, ended),
  };
  try {
    await until('the program to listen', START_S, () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
      return text.includes('listens on');
    });
  } catch (error) {
    await made[Symbol.asyncDispose]();
    throw new Error(`posthorn serve did not start: ${text}`, { cause: error });
  }
  return made;
}

/** Nothing of npm's and of the test runner's, and no `POSTHORN_…` that would steer the program. */
const quietEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|VITEST|POSTHORN_)/i.test(name)));

async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await Promise.race([ended, sleep(GRACE_MS)]);
  if (child.exitCode === null) child.kill('SIGKILL');
  await ended;
}
