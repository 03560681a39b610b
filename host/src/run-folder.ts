import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A unix socket's path may have 107 bytes on Linux and 103 elsewhere. */
const LONGEST_SOCKET_PATH = 100;
const SOCKET = /^worker-(\d+)\.sock$/;
const SUPERVISOR = /^serve-(\d+)\.pid$/;

/** Where a worker listens for requests that retired workers pass on. */
export const socketPath = (run: string, pid: number): string => join(run, `worker-${pid}.sock`);

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When this process started, in ticks since boot: with the pid it names one process for good. */
function ownStart(): string {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** `DIR/run`, or a temporary folder where that is too long for sockets or cannot be written. */
export class RunFolder implements Disposable {
  readonly path: string;
  readonly #isTemporary: boolean;
  readonly #pidFile: string | undefined;

  constructor(directory: string) {
    const own = join(directory, 'run');
    let isUsable = false;
    try {
      mkdirSync(own, { recursive: true, mode: 0o700 });
      chmodSync(own, 0o700);
      this.#pidFile = join(own, `serve-${process.pid}.pid`);
      writeFileSync(this.#pidFile, `${process.pid}\n${ownStart()}\n`, { mode: 0o644 });
      isUsable = true;
      this.#sweep(own);
    } catch {
      this.#pidFile = undefined;
    }
    this.#isTemporary = !isUsable || Buffer.byteLength(socketPath(own, 4_194_304)) > LONGEST_SOCKET_PATH;
    this.path = this.#isTemporary ? mkdtempSync(join(tmpdir(), 'posthorn-')) : own;
  }

  /** What processes left behind that were killed. */
  #sweep(own: string): void {
    for (const name of readdirSync(own)) {
      const pid = (SOCKET.exec(name) ?? SUPERVISOR.exec(name))?.[1];
      if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(own, name), { force: true });
    }
  }

  removeSocket(pid: number): void {
    rmSync(socketPath(this.path, pid), { force: true });
  }

  [Symbol.dispose](): void {
    if (this.#isTemporary) rmSync(this.path, { recursive: true, force: true });
    if (this.#pidFile !== undefined) rmSync(this.#pidFile, { force: true });
  }
}
