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

/** JSON lines with the extension and request at work; secrets redacted by name. */
export const createLog = (o: LogOptions): Logger =>
  pino(
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
    },
    pino.destination({ dest: o.to, sync: o.to === 2 }),
  );

export type { Logger } from 'pino';
