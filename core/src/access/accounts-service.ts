import { randomBytes } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/core';
import {
  ACCOUNT_KIND,
  Account,
  type AccountChange,
  type AccountEvent,
  type Accounts,
  type Actor,
  accountChanged,
  accountCreated,
  accountDeleted,
  accountRoleChanged,
  accountsLeaving,
  type ExtensionContext,
  instance,
  isPlainLine,
  isProblem,
  mayChangePassword,
  mayCreateAccount,
  maySetRole,
  messages,
  type NewAccount,
  orProblem,
  type Problem,
  passwordChanged,
  passwordGiven,
  SUPER_ADMINS,
} from '@posthorn/sdk';
import { isUniqueViolation } from '../data/errors.js';
import { problem } from '../errors.js';
import { marks } from '../jobs/sql-expressions.js';
import type { AccessService } from './access-service.js';
import { actorOf, type Grants } from './grants.js';
import type { PasswordService } from './password-service.js';
import { hashPassword } from './passwords/hash.js';
import { parseStored } from './passwords/schemes.js';
import { dummyVerify, needsRehash, verifyPassword } from './passwords/verify.js';
import type { RoleRanks } from './role-ranks.js';
import { typedName } from './typed-name.js';

const t = messages('host');

/** Schemes that a hash taken over from elsewhere may have; `verifyPassword` knows each of them. */
const KNOWN_SCHEMES = new Set(
  (
    'ARGON2ID ARGON2I SHA512-CRYPT SHA256-CRYPT BLF-CRYPT MD5-CRYPT DES-CRYPT CRYPT PBKDF2 SSHA SSHA256 SSHA512 SMD5 ' +
    'SHA SHA1 SHA256 SHA512 MD5 PLAIN-MD5 LDAP-MD5 PLAIN CLEAR CLEARTEXT'
  ).split(' '),
);

/** The digest of what nobody knows: for programs that read hashes from the table, another password than any typed one. */
const unusablePassword = (): string => `{SHA256}${randomBytes(32).toString('base64')}`;

/** The row of a new account. */
interface Draft extends Omit<Account, 'id'> {
  /** The password in clear, where it was given so. */
  readonly given: string | undefined;
}

const event = (actor: Actor, account: Account): AccountEvent => ({
  actor: { id: actor.id, username: actor.username },
  account: { id: account.id, username: account.username, role: account.role },
});

export class AccountsService implements Accounts {
  constructor(
    private readonly context: ExtensionContext,
    private readonly access: AccessService,
    private readonly grants: Grants,
    private readonly passwords: PasswordService,
    private readonly ranks: () => RoleRanks,
  ) {}

  async create(actor: Actor, input: NewAccount): Promise<Account> {
    const [made] = await this.createMany(actor, [input]);
    if (made === undefined || isProblem(made)) throw made;
    return made;
  }

  async createMany(actor: Actor, inputs: readonly NewAccount[]): Promise<readonly (Account | Problem)[]> {
    const drafts: (Draft | Problem)[] = [];
    for (const input of inputs) drafts.push(await orProblem(() => this.#draft(actor, input)));
    return this.context.data.write(async () => {
      await this.#ask(actor, drafts);
      const free = await this.#free(drafts);
      const rows = free.flatMap((row) => (isProblem(row) ? [] : [row]));
      // Rows, not entities of this unit of work: each flush compares every entity again.
      const ids = await unique(rows, () =>
        this.context.data.insertRows(
          'core_user',
          rows.map(({ given: _given, ...row }) => row),
        ),
      );
      // Superusers reach everything without a row; everybody else owns what he makes.
      if (actor.id !== null && !actor.isSuperuser && actor.confined?.isSuperuser !== true)
        await this.context.data.insertRows(
          'core_access',
          ids.map((id) => ({ user_id: actor.id, kind: ACCOUNT_KIND, object_id: id, is_owner: true })),
        );
      const made = new Map<Draft, Account>();
      for (const [i, row] of rows.entries()) {
        const { password: _secret, given, ...shown } = row;
        const account = Object.assign(new Account(), shown, { id: ids[i] as number });
        made.set(row, account);
        await this.context.call(accountCreated, event(actor, account));
        await this.#tellPassword(actor, account, given, true);
      }
      return free.map((row) => (isProblem(row) ? row : (made.get(row) as Account)));
    });
  }

  async #draft(actor: Actor, input: NewAccount): Promise<Draft> {
    const username = usernameOf(input.username);
    const role = this.ranks().find(input.role);
    this.#require(actor, 'core.add_user');
    this.#requireRole(actor, role.name);
    const password = input.is_local === false ? unusablePassword() : await this.#hashFor(input, username);
    if (password === undefined) throw problem('E_PASSWORD_REQUIRED', {}, { field: 'password' });
    return {
      given: input.password,
      username,
      password,
      role: role.name,
      is_superuser: role.name === SUPER_ADMINS,
      is_staff: false,
      is_active: input.is_active ?? true,
      is_local: input.is_local ?? true,
      master_user: input.master_user ?? false,
      email: input.email ?? '',
      first_name: input.first_name ?? '',
      last_name: input.last_name ?? '',
      language: input.language ?? this.context.get(instance).language,
      phone_number: input.phone_number ?? null,
      secondary_email: input.secondary_email ?? null,
      date_joined: this.context.now(),
      last_login: null,
    };
  }

  async #ask(actor: Actor, drafts: readonly (Draft | Problem)[]): Promise<void> {
    const roles = drafts.flatMap((draft) => (isProblem(draft) ? [] : [draft.role]));
    for (const [role, { length: count }] of Map.groupBy(roles, (name) => name)) {
      await this.context.call(mayCreateAccount, { actor, role, count });
      await this.context.call(maySetRole, { actor, role, account: null });
    }
  }

  /** The drafts, a problem in the place of each whose name another has, here or in the database. */
  async #free(drafts: readonly (Draft | Problem)[]): Promise<readonly (Draft | Problem)[]> {
    const names = drafts.flatMap((draft) => (isProblem(draft) ? [] : [draft.username]));
    if (names.length === 0) return drafts;
    const found = await this.context.data.execute(
      `select username from core_user where username in (${marks(names)})`,
      names,
    );
    const taken = new Set(found.map(({ username }) => String(username)));
    return drafts.map((draft) => {
      if (isProblem(draft)) return draft;
      const { username } = draft;
      if (taken.has(username)) return problem('E_ACCOUNT_TAKEN', { username }, { field: 'username' });
      taken.add(username);
      return draft;
    });
  }

  async update(actor: Actor, account: Account, change: AccountChange): Promise<Account> {
    const isSelf = actor.id === account.id;
    this.#requireReach(actor, account, 'core.change_user');
    const username = change.username === undefined ? account.username : usernameOf(change.username);
    const isNew = change.password !== undefined || change.passwordHash !== undefined;
    if (isNew && !account.is_local) throw problem('E_PASSWORD_ELSEWHERE', { username }, { field: 'password' });
    const password = await this.#hashFor(change, username);
    return this.context.data.write(async (em) => {
      const current = await em.findOneOrFail(Account, { id: account.id });
      const roleBefore = current.role;
      if (isNew) await this.context.call(mayChangePassword, { actor, account: event(actor, current).account });
      if (change.role !== undefined && change.role !== current.role) {
        const role = this.ranks().find(change.role);
        // Nobody lifts or lowers himself: the role only ever comes from above.
        if (isSelf && !actor.isSuperuser) throw problem('E_FORBIDDEN_ROLE', { role: role.name }, { field: 'role' });
        this.#requireRole(actor, role.name);
        await this.context.call(maySetRole, { actor, role: role.name, account: current });
        await this.#requireOtherSuperuser(em, [current]);
        current.role = role.name;
        current.is_superuser = role.name === SUPER_ADMINS;
      }
      if (change.is_active !== undefined && change.is_active !== current.is_active) {
        if (isSelf && !change.is_active)
          throw problem('E_ACCOUNT_SELF', { verb: t('disable') }, { field: 'is_active' });
        if (!change.is_active) await this.#requireOtherSuperuser(em, [current]);
        current.is_active = change.is_active;
      }
      if (username !== current.username) {
        if ((await em.count(Account, { username, id: { $ne: current.id } })) > 0) {
          throw problem('E_ACCOUNT_TAKEN', { username }, { field: 'username' });
        }
        current.username = username;
      }
      for (const name of [
        'email',
        'first_name',
        'last_name',
        'language',
        'phone_number',
        'secondary_email',
        'master_user',
      ] as const) {
        const value = change[name];
        if (value !== undefined) (current as unknown as Record<string, unknown>)[name] = value;
      }
      if (password !== undefined) current.password = password;
      await unique([{ username }], () => em.flush());
      await this.context.call(accountChanged, event(actor, current));
      if (current.role !== roleBefore)
        await this.context.call(accountRoleChanged, { ...event(actor, current), from: roleBefore });
      if (password !== undefined) await this.context.call(passwordChanged, event(actor, current));
      await this.#tellPassword(actor, current, change.password, false);
      return current;
    });
  }

  async updateMany(
    actor: Actor,
    ids: readonly number[],
    { is_active: isActive }: Pick<AccountChange, 'is_active'>,
  ): Promise<readonly (Account | Problem)[]> {
    return this.context.data.write(async (em) => {
      const answers = await this.#reached(em, ids, (account) => {
        this.#requireReach(actor, account, 'core.change_user');
        if (isActive === false && account.is_active && actor.id === account.id)
          throw problem('E_ACCOUNT_SELF', { verb: t('disable') }, { field: 'is_active' });
      });
      const reached = answers.flatMap((answer) => (isProblem(answer) ? [] : [answer]));
      if (isActive === false) {
        const leaving = reached.filter((account) => account.is_active);
        await this.#requireOtherSuperuser(em, leaving);
      }
      if (isActive !== undefined) for (const account of reached) account.is_active = isActive;
      await em.flush();
      for (const account of reached) await this.context.call(accountChanged, event(actor, account));
      return answers;
    });
  }

  async remove(actor: Actor, account: Account): Promise<void> {
    const [wrong] = await this.removeMany(actor, [account.id]);
    if (wrong !== undefined) throw wrong;
  }

  async removeMany(actor: Actor, ids: readonly number[]): Promise<readonly (Problem | undefined)[]> {
    return this.context.data.write(async (em) => {
      const answers = await this.#reached(em, ids, (account) => {
        if (actor.id === account.id) throw problem('E_ACCOUNT_SELF', { verb: t('delete') });
        this.#requireReach(actor, account, 'core.delete_user');
      });
      const leaving = answers.flatMap((answer) => (isProblem(answer) ? [] : [answer]));
      if (leaving.length > 0) await this.#remove(em, actor, leaving);
      return answers.map((answer) => (isProblem(answer) ? answer : undefined));
    });
  }

  async #remove(em: EntityManager, actor: Actor, leaving: readonly Account[]): Promise<void> {
    const { data } = this.context;
    await this.#requireOtherSuperuser(em, leaving);
    await this.context.call(accountsLeaving, { actor, accounts: leaving });
    const said = leaving.map((account) => event(actor, account));
    const ids = leaving.map(({ id }) => id);
    await this.#handOver(ids);
    await data.execute(`delete from core_access where kind = ? and object_id in (${marks(ids)})`, [
      ACCOUNT_KIND,
      ...ids,
    ]);
    for (const account of leaving) em.remove(account);
    await em.flush();
    for (const one of said) await this.context.call(accountDeleted, one);
  }

  /** The accounts, each with a problem in its place where it is gone or `check` throws one. */
  async #reached(
    em: EntityManager,
    ids: readonly number[],
    check: (account: Account) => void,
  ): Promise<readonly (Account | Problem)[]> {
    const found = await em.find(Account, { id: { $in: [...ids] } }, { orderBy: { id: 'asc' } });
    const byId = new Map(found.map((account) => [account.id, account]));
    const answers: (Account | Problem)[] = [];
    for (const id of ids)
      answers.push(
        await orProblem(() => {
          const account = byId.get(id);
          if (account === undefined) throw problem('E_ACCOUNT_NOT_FOUND', { username: id });
          check(account);
          return account;
        }),
      );
    return answers;
  }

  /** Every page asks this. The ORM takes longer to make its query than the database to answer it. */
  findById(id: number): Promise<Account | null> {
    const { data } = this.context;
    return data.read(async (em) => {
      // There it may have been changed and not been saved yet.
      if (em.isInTransaction()) return em.findOne(Account, { id });
      const [row] = await data.execute('select * from core_user where id = ?', [id]);
      if (row === undefined) return null;
      const { password: _secret, ...shown } = row;
      return em.map(Account, shown);
    });
  }

  findByUsername(username: string): Promise<Account | null> {
    return this.context.data.read((em) => em.findOne(Account, { username: typedName(username) }));
  }

  async verify(username: string, password: string): Promise<Account | null> {
    const [row] = await this.context.data.execute<{ id: number; password: string; is_active: unknown }>(
      'select id, password, is_active from core_user where username = ? and is_local = ?',
      [typedName(username), true],
    );
    const options = await this.passwords.options();
    if (row === undefined) {
      await dummyVerify(password, options);
      return null;
    }
    const isRight = await verifyPassword(password, row.password);
    if (!isRight || !row.is_active) return null;
    if ((await this.passwords.isRehashWanted()) && needsRehash(row.password, options)) {
      const renewed = await hashPassword(password, options);
      // The password stays what it is. Only if nobody changed it meanwhile.
      await this.context.data.derived(() =>
        this.context.data.execute('update core_user set password = ? where id = ? and password = ?', [
          renewed,
          row.id,
          row.password,
        ]),
      );
    }
    return this.findById(Number(row.id));
  }

  actor(account: Account, door: Actor['door']): Promise<Actor> {
    return actorOf(this.grants, account, door);
  }

  hash(password: string, context: { readonly username?: string } = {}): Promise<string> {
    return this.passwords.hash(password, context);
  }

  randomPassword(): Promise<string> {
    return this.passwords.random();
  }

  async #hashFor(input: { password?: string; passwordHash?: string }, username: string): Promise<string | undefined> {
    if (input.passwordHash !== undefined) {
      const parsed = parseStored(input.passwordHash);
      if (parsed === undefined || !KNOWN_SCHEMES.has(parsed.scheme) || !isPlainLine(input.passwordHash)) {
        throw problem('E_PASSWORD_SCHEME', {}, { field: 'password' });
      }
      return input.passwordHash;
    }
    return input.password === undefined ? undefined : this.passwords.hash(input.password, { username });
  }

  async #tellPassword(actor: Actor, account: Account, password: string | undefined, isNew: boolean): Promise<void> {
    if (password !== undefined) await this.context.call(passwordGiven, { ...event(actor, account), password, isNew });
  }

  #require(actor: Actor, permission: string): void {
    if (!actor.can(permission)) throw problem('E_FORBIDDEN', { permission });
  }

  #requireRole(actor: Actor, role: string): void {
    if (!this.ranks().isBelow(actor, role)) throw problem('E_FORBIDDEN_ROLE', { role }, { field: 'role' });
  }

  /**
   * Rank only: an account at or above the actor's own rank is out of reach, except himself. Whether an account of lower
   * rank is his to manage is the scope's question, answered by the service that calls.
   */
  #requireReach(actor: Actor, account: Account, permission: string): void {
    if (actor.id === account.id) return;
    this.#require(actor, permission);
    if (!this.ranks().isBelow(actor, account.role))
      throw problem('E_FORBIDDEN_ACCOUNT', { username: account.username });
  }

  /** Refuses to lose these where one is a super administrator and no other is left. */
  async #requireOtherSuperuser(em: EntityManager, leaving: readonly Account[]): Promise<void> {
    if (!leaving.some((account) => account.is_superuser)) return;
    const ids = leaving.map(({ id }) => id);
    const others = await em.count(Account, { is_superuser: true, is_active: true, id: { $nin: ids } });
    if (others === 0) throw problem('E_ACCOUNT_LAST');
  }

  /** What accounts owned goes to their heirs; where there is none, superusers reach it anyway. */
  async #handOver(ids: readonly number[]): Promise<void> {
    const heirs = await this.access.heirs(ids);
    if (heirs.size === 0) return;
    const owners = [...heirs.keys()];
    const owned = await this.context.data.execute<{ user_id: number; kind: string; object_id: number }>(
      `select user_id, kind, object_id from core_access where is_owner = true and user_id in (${marks(owners)})
       order by user_id, kind, object_id`,
      owners,
    );
    const leaving = new Set(ids);
    for (const { user_id: owner, kind, object_id: object } of owned) {
      if (kind === ACCOUNT_KIND && leaving.has(Number(object))) continue;
      await this.access.grant(heirs.get(Number(owner)) as number, kind, Number(object), { owner: true });
    }
  }
}

const USERNAME_MAX = 254;
// Whitespace, quotes and characters that begin an expansion or a path in the programs that read usernames.
const FORBIDDEN = /[\s"`%\\/<>|;$(){}[\]*?]/;

/** A username in its stored form: NFC, lower case. */
function usernameOf(raw: string): string {
  const username = typedName(raw);
  const reason =
    username === ''
      ? t('must not be empty')
      : username.length > USERNAME_MAX || Buffer.byteLength(username) > USERNAME_MAX
        ? t('must not be longer than {{max}} bytes', { max: USERNAME_MAX })
        : !isPlainLine(username) || FORBIDDEN.test(username)
          ? t('contains a character that is not allowed in a username')
          : username.startsWith('-') || username.startsWith('.') || username.includes('..')
            ? t('must not begin with a dash or a dot, nor contain two dots in a row')
            : undefined;
  if (reason !== undefined) throw problem('E_USERNAME', { reason }, { field: 'username' });
  return username;
}

/** The database has the last word where two ask for one name at once. Of many it does not say which. */
async function unique<T>(rows: readonly { readonly username: string }[], write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const [only, ...more] = rows;
    if (only === undefined || more.length > 0 || !isUniqueViolation(error)) throw error;
    throw problem('E_ACCOUNT_TAKEN', { username: only.username }, { field: 'username', cause: error });
  }
}
