import { type Logger, pino } from 'pino';
import { running } from './attribution.js';

/** Field names whose values never reach a log line, at the top and one level down. */
const SECRET = ['password', 'passwordHash', 'hash', 'token', 'secret', 'authorization', 'cookie', 'key', 'privateKey'];

export interface LogOptions {
  readonly level: string;
  /** The kind of process: `web`, `worker`, `command`. */
  readonly name: string;
  /** File descriptor: 1 for servers, 2 for commands, whose stdout is data. */
  readonly to: 1 | 2;
}

/** Lines of a server are written together: at this many bytes, after this many milliseconds, or with a warning. */
const TOGETHER = { minLength: 4_096, periodicFlush: 100 };
const WARNING = 40;

/** JSON lines with the extension and request at work; secrets redacted by name. */
export function createLog(o: LogOptions): Logger {
  const isServer = o.to !== 2;
  const destination = pino.destination({ dest: o.to, sync: !isServer, ...(isServer ? TOGETHER : {}) });
  return pino(
    {
      level: o.level,
      base: { process: o.name, pid: process.pid },
      redact: { paths: [...SECRET, ...SECRET.map((name) => `*.${name}`)], censor: '[secret]' },
      mixin() {
        const frame = running.getStore();
        if (frame === undefined) return {};
        return {
          extension: frame.extension,
          at: frame.at,
          ...(frame.request === undefined ? {} : { request: frame.request }),
        };
      },
      hooks: {
        logMethod(args, method, level) {
          method.apply(this, args);
          if (level >= WARNING) destination.flush();
        },
      },
    },
    destination,
  );
}

export type { Logger } from 'pino';
