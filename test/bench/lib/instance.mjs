/** A real instance, the program that serves it, and what its processes hold. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { freePort } from '@posthorn/testkit/servers';
import { packageFolder } from './internals.mjs';

/** The kit's `freshInstance`: made by `posthorn init`, all extensions on. */
export const { freshInstance } = await import(
  pathToFileURL(join(packageFolder('@posthorn/testkit'), 'dist/cli/cli.js')).href
);

export const program = join(packageFolder('@posthorn/host'), 'bin/posthorn.js');
const LONGEST_MS = 20_000;

/** Nothing of npm's, and no `POSTHORN_…` that would steer the program. */
export const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/',
  LC_ALL: 'C.UTF-8',
};

const running = new Set();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * One request on a connection of its own.
 * @param {number} port
 * @param {string} path
 * @returns {Promise<{ status: number, body: string }>}
 */
export const fetchOnce = (port, path) =>
  new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false, timeout: 5_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.once('error', reject);
    });
    request.once('timeout', () => request.destroy(new Error('no answer within 5 seconds')));
    request.once('error', reject);
  });

/**
 * Starts a server program and waits until it answers 200. Times are milliseconds since the spawn.
 * @param {readonly string[]} args of node
 * @param {{ port: number, path: string, line: RegExp }} o
 */
export async function startServer(args, { port, path, line }) {
  const begun = performance.now();
  const child = spawn(process.execPath, args, { cwd: '/', env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let printed = '';
  let lineMs;
  let hasEnded = false;
  const watch = (text) => {
    if (lineMs !== undefined) return; // From here on it is only read away.
    printed += text;
    if (line.test(printed)) lineMs = performance.now() - begun;
  };
  child.stdout.setEncoding('utf8').on('data', watch);
  child.stderr.setEncoding('utf8').on('data', watch);
  const ended = new Promise((resolve) =>
    child.once('exit', () => {
      hasEnded = true;
      running.delete(child);
      resolve(undefined);
    }),
  );
  let readyMs;
  while (readyMs === undefined || lineMs === undefined) {
    if (hasEnded) throw new Error(`${args.join(' ')} ended: ${printed}`);
    if (performance.now() - begun > LONGEST_MS) throw new Error(`${args.join(' ')} is not ready: ${printed}`);
    if (readyMs === undefined) {
      const { status } = await fetchOnce(port, path).catch(() => ({ status: 0 }));
      if (status === 200) readyMs = performance.now() - begun;
    }
    await sleep(3);
  }
  return {
    pid: child.pid,
    port,
    lineMs,
    readyMs,
    signal: (name) => void child.kill(name),
    /** Ends it and waits for the end. */
    async stop() {
      if (!hasEnded) child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

/**
 * `posthorn serve` for an instance.
 * @param {string} directory
 * @param {number} [port]
 */
export async function serve(directory, port) {
  const at = port ?? (await freePort());
  return startServer([program, 'serve', '--listen', `127.0.0.1:${at}`, '--instance', directory], {
    port: at,
    path: '/readyz',
    line: / listens on /,
  });
}

/**
 * A Koa that says hello, with that many bytes.
 * @param {number} [bytes]
 */
export async function serveBareKoa(bytes = 6) {
  const port = await freePort();
  return startServer([new URL('./bare-koa.mjs', import.meta.url).pathname, String(port), String(bytes)], {
    port,
    path: '/',
    line: /ready/,
  });
}

/**
 * A Koa that answers `/api/v1/accounts/<pk>/` of this SQLite file by hand, for super administrators.
 * @param {string} file
 */
export async function serveKoaByHand(file) {
  const port = await freePort();
  const program = new URL('./koa-by-hand.mjs', import.meta.url).pathname;
  return startServer([program, String(port), file], { port, path: '/', line: /ready/ });
}

/**
 * Direct children of a process.
 * @param {number} pid
 */
export const childrenOf = (pid) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean).map(Number);

/**
 * Megabytes (10⁶ bytes) a process holds: all its pages, and those with shared ones divided by their users.
 * @param {number} pid
 */
export function memoryOf(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const of = (name) => (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) * 1_024) / 1e6;
  return { rss: of('Rss'), pss: of('Pss'), own: of('Private_Clean') + of('Private_Dirty') };
}
