import { type ExtensionContext, type Row, type SignOutCause, signedIn, signedOut } from '@posthorn/sdk';
import { marks } from '../../jobs/sql-expressions.js';
import type { Notice, OpenedSession, Session } from './session.js';
import { hashToken, newToken, TOKEN } from './tokens.js';

const HOUR = 3_600_000;
/** Without "remember me" a session ends when nobody uses it for this long, or with the browser. */
const IDLE_MS = 12 * HOUR;
const REMEMBERED_MS = 30 * 24 * HOUR;
/** A page more within this time writes nothing. */
const SEEN_EVERY_MS = 60_000;
const NOTICES_MAX = 20;
/** Ended in one transaction: on SQLite it holds everybody else up. */
const BATCH = 500;

const COLUMNS =
  's.id, s.user_id, s.role, s.created_at, s.seen_at, s.expires_at, s.proved_at, s.is_remembered, s.ip, s.user_agent, s.form_secret, s.notices';

interface SessionRow extends Row {
  readonly id: number;
  readonly user_id: number;
  readonly role: string;
  readonly created_at: number | string;
  readonly seen_at: number | string;
  readonly expires_at: number | string;
  readonly proved_at: number | string;
  readonly is_remembered: unknown;
  readonly ip: string;
  readonly user_agent: string;
  readonly form_secret: string;
  readonly notices: string;
}

type EndingRow = Pick<SessionRow, 'id' | 'user_id' | 'role' | 'ip'> & { readonly username: string };

export interface NewSession {
  readonly accountId: number;
  readonly username: string;
  readonly role: string;
  readonly isRemembered: boolean;
  readonly address: string;
  readonly userAgent: string;
}

/**
 * The sessions of the installation, in its database: every worker knows them, and ending one counts at once. Whatever
 * opens or ends one raises `signedIn` or `signedOut` in the same transaction.
 */
export class SessionStore {
  constructor(private readonly context: ExtensionContext) {}

  open(o: NewSession): Promise<OpenedSession> {
    return this.context.data.write(() => this.#open(o));
  }

  async #open(o: NewSession): Promise<OpenedSession> {
    const token = newToken();
    const now = this.context.now().getTime();
    await this.context.data.execute(
      'insert into core_session (token_hash, user_id, role, created_at, seen_at, expires_at, proved_at, is_remembered,' +
        ' ip, user_agent, form_secret, notices) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      [
        hashToken(token),
        o.accountId,
        o.role,
        now,
        now,
        now + (o.isRemembered ? REMEMBERED_MS : IDLE_MS),
        now,
        o.isRemembered,
        o.address.slice(0, 45),
        printable(o.userAgent),
        newToken(),
        '[]',
      ],
    );
    const session = await this.find(token);
    if (session === undefined) throw new Error('a session that was just opened is not there');
    const { username, role } = o;
    const account = { id: o.accountId, username, role };
    await this.context.call(signedIn, { account, session: session.id, address: session.address });
    return { session, token };
  }

  /** The living session behind a token. The account must be active, or the session is as good as ended. */
  async find(token: string): Promise<Session | undefined> {
    if (!TOKEN.test(token)) return undefined;
    const [row] = await this.context.data.execute<SessionRow>(
      `select ${COLUMNS} from core_session s inner join core_user u on u.id = s.user_id` +
        ' where s.token_hash = ? and s.expires_at > ? and u.is_active = ?',
      [hashToken(token), this.context.now().getTime(), true],
    );
    return row === undefined ? undefined : sessionOf(row);
  }

  /** Notes that the session is in use, at most once a minute. */
  async touch(session: Session): Promise<void> {
    const now = this.context.now().getTime();
    if (now - session.seenAt < SEEN_EVERY_MS) return;
    const expiresAt = session.isRemembered ? session.expiresAt : now + IDLE_MS;
    await this.context.data.execute('update core_session set seen_at = ?, expires_at = ? where id = ?', [
      now,
      expiresAt,
      session.id,
    ]);
  }

  /** Gives the session another id, so that one which was known before is worth nothing after a change of rights. */
  async renew(session: Session, o: { readonly role: string; readonly isProved?: boolean }): Promise<OpenedSession> {
    const token = newToken();
    const provedAt = o.isProved === true ? this.context.now().getTime() : session.provedAt;
    await this.context.data.execute(
      'update core_session set token_hash = ?, form_secret = ?, role = ?, proved_at = ? where id = ?',
      [hashToken(token), newToken(), o.role, provedAt, session.id],
    );
    const renewed = await this.find(token);
    return { session: renewed ?? session, token };
  }

  async end(id: number, cause: SignOutCause): Promise<void> {
    await this.#end('s.id = ?', [id], cause);
  }

  /** Ends one session of an account; others' ids do nothing. Returns whether there was one. */
  async endOne(accountId: number, id: number): Promise<boolean> {
    return (await this.#end('s.id = ? and s.user_id = ?', [id, accountId], 'ended')) > 0;
  }

  /** Signs an account out everywhere, except in one session where that is given. */
  async endAll(accountId: number, cause: SignOutCause, except?: number): Promise<void> {
    await this.#end('s.user_id = ? and s.id <> ?', [accountId, except ?? 0], cause);
  }

  /** Signs an account out everywhere if it is disabled. */
  async endDisabled(accountId: number): Promise<void> {
    await this.#end('s.user_id = ? and u.is_active = false', [accountId], 'disabled');
  }

  /** Signs accounts out everywhere. */
  async endLeaving(accountIds: readonly number[]): Promise<void> {
    await this.#end(`s.user_id in (${marks(accountIds)})`, accountIds, 'deleted');
  }

  /** Ends every session that this holds for, and returns how many they were. */
  async #end(where: string, values: readonly unknown[], cause: SignOutCause): Promise<number> {
    let count = 0;
    for (;;) {
      // Most accounts have none, and then nobody has to wait for this.
      const found = await this.context.data.execute<EndingRow>(
        `select s.id, s.user_id, s.ip, u.username, u.role from core_session s inner join core_user u on u.id = s.user_id
         where ${where} order by s.id limit ${BATCH}`,
        values,
      );
      const ended = found.length === 0 ? 0 : await this.context.data.write(() => this.#endThese(found, cause));
      count += ended;
      if (found.length < BATCH || ended === 0) return count;
    }
  }

  async #endThese(rows: readonly EndingRow[], cause: SignOutCause): Promise<number> {
    const { data } = this.context;
    let ended = 0;
    for (const row of rows) {
      // Another process may be ending the same one.
      if ((await data.execute('delete from core_session where id = ? returning id', [row.id])).length === 0) continue;
      ended += 1;
      const account = { id: Number(row.user_id), username: row.username, role: row.role };
      await this.context.call(signedOut, { account, session: Number(row.id), address: row.ip, cause });
    }
    return ended;
  }

  /** The living sessions of an account, latest use first. */
  async list(accountId: number): Promise<readonly Session[]> {
    const rows = await this.context.data.execute<SessionRow>(
      `select ${COLUMNS} from core_session s where s.user_id = ? and s.expires_at > ? order by s.seen_at desc, s.id desc`,
      [accountId, this.context.now().getTime()],
    );
    return rows.map(sessionOf);
  }

  /** Keeps sentences for the next page. */
  async leaveNotices(session: Session, added: readonly Notice[]): Promise<void> {
    const all = [...session.notices, ...added].slice(-NOTICES_MAX);
    await this.context.data.execute('update core_session set notices = ? where id = ?', [
      JSON.stringify(all),
      session.id,
    ]);
  }

  async clearNotices(session: Session): Promise<void> {
    await this.context.data.execute("update core_session set notices = '[]' where id = ?", [session.id]);
  }

  /** Forgets sessions that have expired and counts of failures that no longer matter. */
  async purge(): Promise<void> {
    const now = this.context.now().getTime();
    await this.#end('s.expires_at <= ?', [now], 'expired');
    await this.context.data.execute('delete from core_throttle where expires_at <= ?', [Date.now()]);
  }
}

const sessionOf = (row: SessionRow): Session => ({
  id: Number(row.id),
  accountId: Number(row.user_id),
  role: row.role,
  createdAt: Number(row.created_at),
  seenAt: Number(row.seen_at),
  expiresAt: Number(row.expires_at),
  provedAt: Number(row.proved_at),
  isRemembered: Boolean(row.is_remembered),
  address: row.ip,
  userAgent: row.user_agent,
  formSecret: row.form_secret,
  notices: JSON.parse(row.notices) as readonly Notice[],
});

/** A header is shown to people later: one line of printable ASCII, no longer than its column. */
const printable = (userAgent: string): string => userAgent.replace(/[^\x20-\x7e]/g, '').slice(0, 255);
