import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '@posthorn/sdk';

/** Facility `auth` of RFC 5424, section 6.2.1; `authpriv` is for what only root may read, and a sign-in log is not. */
const AUTH = 4;
const SEVERITIES = { warning: 4, info: 6 } as const;
export type Severity = keyof typeof SEVERITIES;

/** What waits while nobody takes it; the oldest goes first. */
const WAITING_MAX = 1_000;
/** What the pipe to the program may hold before lines wait here. */
const PIPE_MAX = 65_536;
const RETRY_MS = { first: 1_000, last: 60_000 };
/** A program that ran this long was well: its end begins a new count of attempts. */
const WELL_MS = 10_000;
const END_MS = 2_000;
/** Bytes; the longest line of `syslogLine` is shorter, so that none is cut into two. */
const LINE_MAX = 8_192;

export interface SyslogOptions {
  /** The datagram socket of the daemon, `/dev/log`. */
  readonly socket: string;
  readonly log: Log;
  /** The program of util-linux that writes to the socket, since Node has no datagram sockets of that kind. */
  readonly program?: string;
  readonly retryMs?: { readonly first: number; readonly last: number };
}

/**
 * Lines for the daemon of syslog(3), by one long-living `logger`. It starts with the first line and again, with growing
 * pauses, when it ends. Writing neither waits nor fails: what cannot be delivered is told once in the log.
 */
export class Syslog implements AsyncDisposable {
  readonly #o: SyslogOptions;
  readonly #retryMs: { readonly first: number; readonly last: number };
  readonly #waiting: string[] = [];
  #child: ChildProcess | undefined;
  #retry: NodeJS.Timeout | undefined;
  #pause: number;
  #isTold = false;
  #isClosed = false;

  constructor(o: SyslogOptions) {
    this.#o = o;
    this.#retryMs = o.retryMs ?? RETRY_MS;
    this.#pause = this.#retryMs.first;
  }

  /** `line` must be one line; `syslogLine` makes such. */
  write(severity: Severity, line: string): void {
    if (this.#isClosed) return;
    this.#waiting.push(`<${AUTH * 8 + SEVERITIES[severity]}>${line}\n`);
    if (this.#waiting.length > WAITING_MAX) this.#waiting.shift();
    if (this.#child === undefined && this.#retry === undefined) this.#start();
    this.#pass();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    const child = this.#child;
    if (child === undefined) return;
    this.#pass();
    child.stdin?.end();
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const timer = new AbortController();
    await Promise.race([ended, sleep(END_MS, undefined, { signal: timer.signal }).catch(() => {})]);
    timer.abort();
    child.kill('SIGKILL');
  }

  #start(): void {
    const { socket, program = 'logger' } = this.#o;
    if (!existsSync(socket)) {
      this.#fail(`${socket} is not there`);
      return;
    }
    const options = [
      '--prio-prefix',
      '--skip-empty',
      '--tag=posthorn',
      `--id=${process.pid}`,
      `--size=${LINE_MAX}`,
      '--socket-errors=on',
      `--socket=${socket}`,
    ];
    // In a session of its own: Ctrl C ends us first, and what we say about that still arrives.
    const child = spawn(program, options, { stdio: ['pipe', 'ignore', 'pipe'], detached: true });
    const startedAt = performance.now();
    let said = '';
    this.#child = child;
    child.stderr.on('data', (text: Buffer) => {
      said = `${said}${text}`.slice(0, 500);
    });
    child.stdin.on('drain', () => this.#pass());
    // A broken pipe is followed by `close`, which says why.
    child.stdin.on('error', () => {});
    child.once('error', (error: NodeJS.ErrnoException) => {
      said = error.code === 'ENOENT' ? `there is no program ${program}` : error.message;
    });
    child.once('close', (code, signal) => {
      this.#child = undefined;
      if (this.#isClosed) return;
      if (performance.now() - startedAt > WELL_MS) {
        this.#pause = this.#retryMs.first;
        this.#isTold = false;
      }
      this.#fail(said.trim() === '' ? `${program} ended (${signal ?? code})` : said.trim());
    });
    // Nobody waits for it: the process ends when its own work does.
    child.unref();
    for (const stream of [child.stdin, child.stderr]) (stream as unknown as { unref?(): void }).unref?.();
  }

  /** Told once for as long as it lasts. */
  #fail(reason: string): void {
    if (!this.#isTold) this.#o.log.warn({ reason }, 'sign-ins do not reach syslog; trying on');
    this.#isTold = true;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      if (this.#waiting.length === 0) return;
      this.#start();
      this.#pass();
    }, this.#pause).unref();
    this.#pause = Math.min(this.#pause * 2, this.#retryMs.last);
  }

  #pass(): void {
    const stdin = this.#child?.stdin;
    if (stdin === undefined || stdin === null || this.#child?.pid === undefined) return;
    while (stdin.writable && stdin.writableLength < PIPE_MAX) {
      const line = this.#waiting.shift();
      if (line === undefined) return;
      stdin.write(line);
    }
  }
}

/** Characters of one value, so that a line stays far below `LINE_MAX`. */
const VALUE_MAX = 254;

/** `event name="value" …`. Whatever was typed, nobody ends the line, leaves the quotes or turns the text around. */
export const syslogLine = (event: string, values: Readonly<Record<string, string>>): string =>
  [event, ...Object.entries(values).map(([name, value]) => `${name}="${quoted(value)}"`)].join(' ');

const quoted = (value: string): string => {
  const all = [...value];
  const shown = all.slice(0, VALUE_MAX).map((c) => (/["\\]|[^\p{L}\p{N}\p{P}\p{S} ]/u.test(c) ? escaped(c) : c));
  return `${shown.join('')}${all.length > VALUE_MAX ? '…' : ''}`;
};

const escaped = (c: string): string =>
  c === '"' || c === '\\' ? `\\${c}` : `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`;
