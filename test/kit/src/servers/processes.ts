import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { until } from './wait.js';

/** How a program is run. `uid`/`gid` only work as root; `cwd` must be searchable by that user. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input, which is then closed. */
  readonly input?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Milliseconds before the program is killed; 60 000 unless given. */
  readonly timeoutMs?: number;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment of system programs: plain locale, the usual directories, nothing of npm's. */
export function systemEnv(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LC_ALL: 'C.UTF-8',
    HOME: '/nonexistent',
    ...extra,
  };
}

const identity = (options: { uid?: number; gid?: number }): { uid?: number; gid?: number } => ({
  ...(options.uid === undefined ? {} : { uid: options.uid }),
  ...(options.gid === undefined ? {} : { gid: options.gid }),
});

/** Runs a program to its end and returns its exit code and output, whatever the code (-1 when a signal ended it). */
export function tryRun(program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? '/',
      env: systemEnv(options.env),
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? 60_000,
      ...identity(options),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', reject);
    // 'exit' instead of 'close': a program that leaves a daemon behind hands it its pipes, which then never close
    child.once('exit', (code) => {
      setImmediate(() => resolve({ code: code ?? -1, stdout, stderr }));
    });
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}

/** Like `tryRun`, but any exit code other than 0 is an error that carries the program's output. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const result = await tryRun(program, args, options);
  if (result.code !== 0) {
    throw new Error(`${program} ${args.join(' ')} ended with ${result.code}: ${result.stderr || result.stdout}`);
  }
  return result;
}

/** Whether a process exists; a zombie counts as gone, since whoever should reap it may be slow. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^\d+ \(.*\) Z /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

const own = new Map<number, NodeJS.Signals>();
process.once('exit', () => {
  for (const [pid, signal] of own) signalPid(pid, signal);
});

function signalPid(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it ended in the meantime
  }
}

/** Remembers a process of ours, so that it gets `signal` when the test process exits without having stopped it. */
export function adopt(pid: number, signal: NodeJS.Signals): void {
  own.set(pid, signal);
}

/** Ends one process of ours by its id and waits until it is gone; SIGKILL after `seconds`. */
export async function stopPid(pid: number, signal: NodeJS.Signals, seconds = 15): Promise<void> {
  own.delete(pid);
  signalPid(pid, signal);
  try {
    await until(`the end of process ${pid}`, seconds, () => !isRunning(pid), 20);
  } catch {
    signalPid(pid, 'SIGKILL');
    await until(`the end of process ${pid}`, 5, () => !isRunning(pid), 20);
  }
}

/** A server that stays in the foreground as our child. */
export interface Daemon {
  readonly pid: number;
  /** What it has printed so far, standard output and error mixed, at most the last 64 KiB. */
  output(): string;
  /** Its exit code once it has ended (-1 for a signal), undefined while it runs. */
  exitCode(): number | undefined;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a foreground server. `signal` is the one that ends it, now or when the test process exits. */
export async function startDaemon(
  program: string,
  args: readonly string[],
  options: RunOptions & { readonly signal: NodeJS.Signals },
): Promise<Daemon> {
  const child: ChildProcess = spawn(program, args, {
    cwd: options.cwd ?? '/',
    env: systemEnv(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...identity(options),
  });
  let output = '';
  let code: number | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-65_536);
    });
  }
  child.once('exit', (exitCode) => {
    code = exitCode ?? -1;
    if (child.pid !== undefined) own.delete(child.pid);
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${program} did not start`);
  adopt(pid, options.signal);
  return {
    pid,
    output: () => output,
    exitCode: () => code,
    async stop(signal = options.signal) {
      if (code === undefined) await stopPid(pid, signal);
    },
  };
}
