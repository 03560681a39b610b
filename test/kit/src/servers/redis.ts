import { freePort } from './free-port.js';
import { startDaemon, tryRun } from './processes.js';
import { programPath } from './programs.js';
import { makeTempDir, removeTempDir } from './temp-dir.js';
import { until } from './wait.js';

/** A private Redis on a loopback port, which keeps nothing on disk; gone with the test. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  /** Forgets everything, as a Redis that lost its memory. */
  forget(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRedis(): Promise<RedisServer> {
  const dir = await makeTempDir('redis');
  const port = await freePort();
  const daemon = await startDaemon(
    programPath('redis-server'),
    ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'no'],
    { cwd: dir, signal: 'SIGKILL' },
  );
  const stop = async (): Promise<void> => {
    await daemon.stop();
    await removeTempDir(dir);
  };
  const ask = (...words: string[]) => tryRun(programPath('redis-cli'), ['-p', String(port), ...words]);
  try {
    await until('Redis to answer', 15, async () => {
      if (daemon.exitCode() !== undefined) throw new Error(`Redis did not start: ${daemon.output()}`);
      return (await ask('ping')).stdout.trim() === 'PONG';
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `redis://127.0.0.1:${port}/0`,
    async forget() {
      await ask('flushall');
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
