import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { freePort, sleep, until } from '@posthorn/testkit/servers';

/** The real program, serving an instance in a process of its own. */

export const program = fileURLToPath(new URL('../../host/bin/posthorn.js', import.meta.url));

const inherited = (name: string): Record<string, string> => {
  const value = process.env[name];
  return value === undefined ? {} : { [name]: value };
};

/** A login shell's environment: nothing of npm's and the test runner's. */
export const environment = (extra: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: process.env['HOME'] ?? '/',
  LC_ALL: 'C.UTF-8',
  ...inherited('TMPDIR'),
  ...inherited('NODE_COMPILE_CACHE'),
  ...extra,
});

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: http.Agent;
  readonly body?: string;
}

export interface Serving extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly port: number;
  /** Everything written so far, both streams. */
  output(): string;
  /** Log lines of that message. */
  logged(message: string): readonly Readonly<Record<string, unknown>>[];
  /** Pids of the workers alive now. */
  workers(): readonly number[];
  ask(path: string, o?: AskOptions): Promise<Answer>;
  readyz(): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }>;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Resolves with the exit code whenever the program ends. */
  readonly ended: Promise<number | null>;
}

export function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return [];
  }
}

export interface ServeOptions {
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly port?: number;
  /** Does not wait for the line that says it listens. */
  readonly isHasty?: boolean;
}

export async function serve(directory: string, o: ServeOptions = {}): Promise<Serving> {
  const port = o.port ?? (await freePort());
  const command = o.command ?? ['serve', '--listen', `127.0.0.1:${port}`];
  const child = spawn(process.execPath, [program, ...command, '--instance', directory], {
    cwd: '/',
    env: environment(o.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const ask = (path: string, more: AskOptions = {}) => request(port, path, more);
  const serving: Serving = {
    child,
    pid: child.pid ?? 0,
    port,
    output: () => text,
    logged: (message) =>
      text
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter((line) => line['msg'] === message),
    workers: () => childrenOf(child.pid ?? 0),
    ask,
    async readyz() {
      const { status, body } = await ask('/readyz');
      return { status, body: JSON.parse(body) as Record<string, unknown> };
    },
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
    ended,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await Promise.race([ended, sleep(3_000)]);
      if (child.exitCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
  if (o.isHasty !== true) {
    try {
      await until('the program to listen', 60, async () => {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
        return /listens on|runs jobs of/.test(text);
      });
    } catch (error) {
      await serving[Symbol.asyncDispose]();
      throw new Error(`posthorn ${command.join(' ')} did not start: ${text}`, { cause: error });
    }
  }
  return serving;
}

export function request(port: number, path: string, o: AskOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = http.request(
      { host: '127.0.0.1', port, path, method: o.method ?? 'GET', headers: o.headers ?? {}, agent: o.agent ?? false },
      (answer) => {
        let body = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          body += chunk;
        });
        answer.once('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
        answer.once('error', reject);
      },
    );
    asked.once('error', reject);
    asked.end(o.body);
  });
}

/** Runs one statement on an instance's SQLite database while the program serves it. */
export function sql(directory: string, statement: string): readonly Readonly<Record<string, unknown>>[] {
  const database = new DatabaseSync(join(directory, 'data', 'db', 'posthorn.db'), { timeout: 5_000 });
  try {
    return database.prepare(statement).all() as Record<string, unknown>[];
  } finally {
    database.close();
  }
}

/** Asks for a new generation, as a switched extension does. */
export const raiseAssembly = (directory: string): void => {
  sql(directory, 'update core_revision set assembly = assembly + 1, revision = revision + 1 where id = 1');
};
