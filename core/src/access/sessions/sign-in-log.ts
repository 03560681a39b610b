import type { Data, Log } from '@posthorn/sdk';
import { type Syslog, syslogLine } from '../../watch/syslog.js';
import { typedName } from '../typed-name.js';
import type { SecretStore } from './secret-store.js';
import { mac } from './tokens.js';

/** Why somebody was kept out. */
type Reason = 'unknown' | 'disabled' | 'password' | 'throttled' | 'refused';

/**
 * Who came in and who was kept out: a log line for machines, a row for the log page, a line for syslog. Never a password,
 * and in log and rows also not where somebody typed it as his name: a name that nobody has is told there by a mark only,
 * the same for the same name. Syslog, which only the operator reads, gets the name as it was typed.
 */
export class SignInLog {
  constructor(
    private readonly data: Data,
    private readonly log: Log,
    private readonly syslog: Syslog | undefined,
    private readonly secrets: SecretStore,
  ) {}

  async note(o: {
    readonly outcome: 'success' | 'failure' | 'throttled' | 'sign-out';
    readonly username: string;
    readonly address: string;
    /** A guard kept out somebody whose password was right. */
    readonly isRefused?: boolean;
  }): Promise<void> {
    const [account] = await this.data.execute<{ id: number; is_active: unknown }>(
      'select id, is_active from core_user where username = ?',
      [typedName(o.username)],
    );
    const username = account === undefined ? await this.#mark(o.username) : oneLine(o.username);
    const isWell = o.outcome === 'success' || o.outcome === 'sign-out';
    const reason: Reason | '' = isWell ? '' : reasonOf(o, account);
    const event = o.outcome === 'sign-out' ? 'sign-out' : 'sign-in';
    const fields = { event, outcome: o.outcome, username, client: o.address, ...(isWell ? {} : { reason }) };
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
    await this.data.execute(
      `insert into core_log (level, logger, message, outcome, account_id, username, address, reason)
       values (?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        isWell ? 'info' : 'warning',
        'host.auth',
        `${SENTENCES[o.outcome]} ${username} from ${o.address}`,
        o.outcome,
        account === undefined ? null : Number(account.id),
        username,
        o.address,
        reason,
      ],
    );
  }

  /** By a key of the installation, so that nobody finds the name by trying. */
  async #mark(username: string): Promise<string> {
    const key = await this.secrets.get('names');
    return `unknown name #${mac(key, typedName(username)).slice(0, 8)}`;
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

const reasonOf = (
  o: { readonly outcome: string; readonly isRefused?: boolean },
  account: { readonly is_active: unknown } | undefined,
): Reason => {
  if (o.outcome === 'throttled') return 'throttled';
  if (o.isRefused === true) return 'refused';
  if (account === undefined) return 'unknown';
  return Number(account.is_active) === 0 ? 'disabled' : 'password';
};

const SENTENCES = {
  success: 'Signed in:',
  failure: 'Sign-in failed:',
  throttled: 'Sign-in refused after too many failures:',
  'sign-out': 'Signed out:',
} as const;

/** People type passwords into the name field and programs send anything: short, one line, printable. */
const oneLine = (username: string): string => username.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?').slice(0, 254);
