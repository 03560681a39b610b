import type { Data, Log } from '@posthorn/sdk';
import { type Syslog, syslogLine } from '../../watch/syslog.js';

/** Who came in and who was kept out: a log line for machines, a row for the log page, a line for syslog. Never a password. */
export class SignInLog {
  constructor(
    private readonly data: Data,
    private readonly log: Log,
    private readonly syslog: Syslog | undefined,
  ) {}

  async note(o: {
    readonly outcome: 'success' | 'failure' | 'throttled' | 'sign-out';
    readonly username: string;
    readonly address: string;
  }): Promise<void> {
    const username = oneLine(o.username);
    const isWell = o.outcome === 'success' || o.outcome === 'sign-out';
    const event = o.outcome === 'sign-out' ? 'sign-out' : 'sign-in';
    const fields = { event, outcome: o.outcome, username, client: o.address };
    if (isWell) this.log.info(fields, event);
    else this.log.warn(fields, event);
    this.syslog?.write(
      isWell ? 'info' : 'warning',
      syslogLine(event, {
        result: o.outcome === 'sign-out' ? 'success' : o.outcome,
        user: o.username,
        from: o.address,
      }),
    );
    await this.data.execute('insert into core_log (level, logger, message) values (?, ?, ?)', [
      isWell ? 'info' : 'warning',
      'host.auth',
      `${SENTENCES[o.outcome]} ${username} from ${o.address}`,
    ]);
  }

  /** A request of the API brought a token that opens nothing. */
  async wrongToken(address: string): Promise<void> {
    this.log.warn({ event: 'token', outcome: 'failure', client: address }, 'token');
    this.syslog?.write('warning', syslogLine('token', { result: 'failure', from: address }));
    await this.data.execute('insert into core_log (level, logger, message) values (?, ?, ?)', [
      'warning',
      'host.auth',
      `A wrong token came from ${address}`,
    ]);
  }

  /** Somebody ended sessions of another account, or of his own at the command line. */
  async ended(o: { readonly by: string; readonly username: string; readonly count: number }): Promise<void> {
    const [by, username] = [oneLine(o.by), oneLine(o.username)];
    this.log.info({ event: 'sessions-ended', by, username, count: o.count }, 'sessions-ended');
    this.syslog?.write('info', syslogLine('sessions-ended', { user: o.username, by: o.by, count: String(o.count) }));
    await this.data.execute('insert into core_log (level, logger, message) values (?, ?, ?)', [
      'info',
      'host.auth',
      `Sessions ended by ${by}: ${o.count} of ${username}`,
    ]);
  }
}

const SENTENCES = {
  success: 'Signed in:',
  failure: 'Sign-in failed:',
  throttled: 'Sign-in refused after too many failures:',
  'sign-out': 'Signed out:',
} as const;

/** People type passwords into the name field and programs send anything: short, one line, printable. */
const oneLine = (username: string): string => username.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?').slice(0, 254);
