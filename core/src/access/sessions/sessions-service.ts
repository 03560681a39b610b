import {
  type Account,
  type Actor,
  accounts,
  type ExtensionContext,
  type Sessions,
  type SessionView,
} from '@posthorn/sdk';
import { problem } from '../../errors.js';
import type { RoleRanks } from '../role-ranks.js';
import { deviceName } from './device-name.js';
import type { SessionStore } from './session-store.js';
import type { SignInLog } from './sign-in-log.js';

const PERMISSION = 'core.change_user';

/** Sessions of an account in the hands of those who may change it. */
export class SessionsService implements Sessions {
  constructor(
    private readonly context: ExtensionContext,
    private readonly store: () => SessionStore,
    private readonly log: () => SignInLog,
    private readonly ranks: () => RoleRanks,
  ) {}

  async list(actor: Actor, accountId: number): Promise<readonly SessionView[]> {
    await this.#reach(actor, accountId);
    return (await this.store().list(accountId)).map((session) => ({
      id: session.id,
      device: deviceName(session.userAgent),
      address: session.address,
      createdAt: new Date(session.createdAt),
      seenAt: new Date(session.seenAt),
      isRemembered: session.isRemembered,
    }));
  }

  async end(actor: Actor, accountId: number, id: number): Promise<boolean> {
    const account = await this.#reach(actor, accountId);
    const isEnded = await this.store().endOne(accountId, id);
    if (isEnded) await this.log().ended({ by: actor.username, username: account.username, count: 1 });
    return isEnded;
  }

  async endAll(actor: Actor, accountId: number): Promise<number> {
    const account = await this.#reach(actor, accountId);
    const count = (await this.store().list(accountId)).length;
    await this.store().endAll(accountId, 'ended');
    if (count > 0) await this.log().ended({ by: actor.username, username: account.username, count });
    return count;
  }

  /** The rule of `Accounts.update`: oneself, or with the permission an account of lower rank. */
  async #reach(actor: Actor, accountId: number): Promise<Account> {
    const account = await this.context.get(accounts).findById(accountId);
    if (account === null) throw problem('E_ACCOUNT_NOT_FOUND', { username: String(accountId) });
    if (actor.id === account.id) return account;
    if (!actor.can(PERMISSION)) throw problem('E_FORBIDDEN', { permission: PERMISSION });
    if (!this.ranks().isBelow(actor, account.role)) {
      throw problem('E_FORBIDDEN_ACCOUNT', { username: account.username });
    }
    return account;
  }
}
