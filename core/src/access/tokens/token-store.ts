import type { Data } from '@posthorn/sdk';
import type { RightsHolder } from '../grants.js';
import { hashToken } from '../sessions/tokens.js';
import type { TokenScopes } from './token-scopes.js';
import { newApiToken, PREFIX } from './token-text.js';

/** A token without its secret. Moments are milliseconds. */
export interface TokenRow {
  readonly id: number;
  readonly accountId: number;
  readonly username: string;
  /** How it begins. */
  readonly prefix: string;
  readonly label: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly usedAt: number | null;
  /** Null for all that its owner may do. */
  readonly scopes: TokenScopes | null;
}

/** A token that works, and whose it is. */
export interface FoundToken {
  readonly token: TokenRow;
  readonly account: RightsHolder;
}

export interface NewToken {
  readonly accountId: number;
  readonly label: string;
  readonly expiresAt: Date | undefined;
  readonly scopes?: TokenScopes | undefined;
}

interface Stored extends Record<string, unknown> {
  readonly id: number;
  readonly user_id: number;
  readonly username: string;
  readonly prefix: string;
  readonly label: string;
  readonly created_at: number | string;
  readonly expires_at: number | string | null;
  readonly used_at: number | string | null;
  readonly scopes: string | null;
}

interface StoredWithOwner extends Stored {
  readonly role: string;
  readonly is_superuser: unknown;
}

const COLUMNS = 't.id, t.user_id, u.username, t.prefix, t.label, t.created_at, t.expires_at, t.used_at, t.scopes';
const FROM = 'from core_token t inner join core_user u on u.id = t.user_id';
const SELECT = `select ${COLUMNS} ${FROM}`;
/** One statement says all that lets a call in: what has ended, or was taken from somebody, is so for the next one. */
const FIND = `select ${COLUMNS}, u.role, u.is_superuser ${FROM}
  where t.token_hash = ? and (t.expires_at is null or t.expires_at > ?) and u.is_active = ?`;
/** Use is noted to the minute: a busy token must not write a row for every call. */
const USED_EVERY_MS = 60_000;

const moment = (value: number | string | null): number | null => (value === null ? null : Number(value));

const read = (row: Stored): TokenRow => ({
  id: Number(row.id),
  accountId: Number(row.user_id),
  username: row.username,
  prefix: row.prefix,
  label: row.label,
  createdAt: Number(row.created_at),
  expiresAt: moment(row.expires_at),
  usedAt: moment(row.used_at),
  scopes: row.scopes === null ? null : (JSON.parse(row.scopes) as TokenScopes),
});

/** The rows of `core_token`. Who may do what with them is asked by whoever calls. */
export class TokenStore {
  constructor(
    private readonly data: Data,
    private readonly now: () => Date,
  ) {}

  /** The token itself is known only at this moment. */
  async create({ accountId, label, expiresAt, scopes }: NewToken): Promise<string> {
    const token = newApiToken();
    await this.data.execute(
      'insert into core_token (user_id, token_hash, prefix, label, scopes, created_at, expires_at) values (?, ?, ?, ?, ?, ?, ?)',
      [
        accountId,
        hashToken(token),
        token.slice(0, PREFIX),
        label,
        scopes === undefined ? null : JSON.stringify(scopes),
        this.now().getTime(),
        expiresAt?.getTime() ?? null,
      ],
    );
    return token;
  }

  /** Another token in the place of this one, which works for a while longer. */
  async rotate(row: TokenRow, overlapMs: number): Promise<string> {
    const { accountId, label, expiresAt, scopes } = row;
    const until = this.now().getTime() + overlapMs;
    return this.data.write(async () => {
      await this.data.execute('update core_token set expires_at = ? where id = ?', [
        expiresAt === null ? until : Math.min(expiresAt, until),
        row.id,
      ]);
      return this.create({
        accountId,
        label,
        expiresAt: expiresAt === null ? undefined : new Date(expiresAt),
        scopes: scopes ?? undefined,
      });
    });
  }

  /** Undefined where there is no such token, where it has expired, or where its owner's account is disabled. */
  async find(token: string): Promise<FoundToken | undefined> {
    const [row] = await this.data.execute<StoredWithOwner>(FIND, [hashToken(token), this.now().getTime(), true]);
    if (row === undefined) return undefined;
    const found = read(row);
    const { username, role } = row;
    return { token: found, account: { id: found.accountId, username, role, is_superuser: Boolean(row.is_superuser) } };
  }

  async noteUse({ id, usedAt }: TokenRow): Promise<void> {
    const now = this.now().getTime();
    if (usedAt !== null && now - usedAt < USED_EVERY_MS) return;
    await this.data.execute('update core_token set used_at = ? where id = ?', [now, id]);
  }

  async findById(id: number): Promise<TokenRow | undefined> {
    const [row] = await this.data.execute<Stored>(`${SELECT} where t.id = ?`, [id]);
    return row === undefined ? undefined : read(row);
  }

  /** All of them, or those of one account. */
  async list(accountId?: number): Promise<readonly TokenRow[]> {
    const rows =
      accountId === undefined
        ? await this.data.execute<Stored>(`${SELECT} order by t.id`)
        : await this.data.execute<Stored>(`${SELECT} where t.user_id = ? order by t.id`, [accountId]);
    return rows.map(read);
  }

  async remove(id: number): Promise<void> {
    await this.data.execute('delete from core_token where id = ?', [id]);
  }
}
