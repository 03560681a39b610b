import type { ExtensionContext } from '@posthorn/sdk';
import type { Key } from '../contract/inputs.js';
import { Policy } from '../policy/policy.js';
import type { AccountFacts, Scope } from '../policy/scope.js';
import { problem } from '../problems.js';
import { foldKey, isId, isKey, shownKey } from './keys.js';
import { allOf, asBoolean, asNumber, asText, type Fragment, fragment, idIn, textIn } from './sql.js';

export interface MailboxRow {
  readonly id: number;
  /** Before the `@`. */
  readonly address: string;
  readonly full_address: string;
  readonly quota: number;
  readonly use_domain_quota: boolean;
  readonly refuses_mail: boolean;
  readonly domain_id: number;
  readonly domain_name: string;
}

/** An address, taken apart. */
export interface MailboxKey {
  readonly local: string;
  readonly domainId: number;
  readonly address: string;
}

/** What decisions about an account need. */
export interface AccountRow extends AccountFacts {
  readonly username: string;
  readonly is_active: boolean;
  readonly master_user: boolean;
  readonly mailbox: MailboxRow | null;
}

const SELECT = `select u.id, u.username, u.role, u.is_active, u.master_user, m.id as mailbox_id, m.address, m.quota,
  m.use_domain_quota, m.refuses_mail, m.domain_id, d.name as domain_name
  from core_user u left join admin_mailbox m on m.user_id = u.id left join admin_domain d on d.id = m.domain_id`;

function rowOf(row: Readonly<Record<string, unknown>>): AccountRow {
  const mailbox: MailboxRow | null =
    row.mailbox_id === null || row.mailbox_id === undefined
      ? null
      : {
          id: asNumber(row.mailbox_id),
          address: asText(row.address),
          full_address: `${asText(row.address)}@${asText(row.domain_name)}`,
          quota: asNumber(row.quota),
          use_domain_quota: asBoolean(row.use_domain_quota),
          refuses_mail: asBoolean(row.refuses_mail),
          domain_id: asNumber(row.domain_id),
          domain_name: asText(row.domain_name),
        };
  return {
    id: asNumber(row.id),
    username: asText(row.username),
    role: asText(row.role),
    is_active: asBoolean(row.is_active),
    master_user: asBoolean(row.master_user),
    domainId: mailbox?.domain_id ?? null,
    mailbox,
  };
}

/** Finds accounts with their mailboxes. */
export class AccountFinder {
  readonly #context: ExtensionContext;
  readonly #policy: Policy;

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.#policy = new Policy(context);
  }

  async find(key: Key): Promise<AccountRow | undefined> {
    if (!isKey(key)) return undefined;
    return this.#first(typeof key === 'number' ? fragment('u.id = ?', key) : fragment('u.username = ?', foldKey(key)));
  }

  /** By their ids. */
  async findMany(ids: readonly number[]): Promise<ReadonlyMap<number, AccountRow>> {
    const rows = await this.#select(idIn(this.#context.data.dialect, 'u.id', ids));
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** The account, if it is in reach; otherwise it does not exist for this actor. */
  async reach(scope: Scope, key: Key): Promise<AccountRow> {
    return this.reached(scope, key, await this.find(key));
  }

  /** The same for an account that was looked up already. */
  async reached(scope: Scope, key: Key, found: AccountRow | undefined): Promise<AccountRow> {
    if (found === undefined || !(await this.#policy.canSeeAccount(scope, found))) {
      throw problem('E_ADMIN_ACCOUNT_NOT_FOUND', { name: shownKey(key) });
    }
    return found;
  }

  /**
   * Whose mailboxes have these addresses; the map's keys are the addresses. Local part and domain apart, so that the
   * unique key is used.
   */
  async owners(keys: readonly MailboxKey[]): Promise<ReadonlyMap<string, AccountRow>> {
    if (keys.length === 0) return new Map();
    const named = textIn('m.address', [...new Set(keys.map(({ local }) => local))]);
    const inside = idIn(this.#context.data.dialect, 'm.domain_id', new Set(keys.map(({ domainId }) => domainId)));
    const rows = await this.#select(allOf([named, inside]));
    const at = (local: string, domainId: number) => `${local}@${domainId}`;
    const found = new Map(
      rows.flatMap((row) => (row.mailbox === null ? [] : [[at(row.mailbox.address, row.mailbox.domain_id), row]])),
    );
    return new Map(
      keys.flatMap(({ local, domainId, address }) => {
        const row = found.get(at(local, domainId));
        return row === undefined ? [] : [[address, row] as const];
      }),
    );
  }

  /** By the mailbox's whole address. */
  async byAddress(address: string): Promise<AccountRow | undefined> {
    if (!isKey(address)) return undefined;
    const at = address.lastIndexOf('@');
    return this.#first(
      fragment('m.address = ? and d.name = ?', foldKey(address.slice(0, at)), foldKey(address.slice(at + 1))),
    );
  }

  async byMailbox(mailboxId: number): Promise<AccountRow | undefined> {
    return isId(mailboxId) ? this.#first(fragment('m.id = ?', mailboxId)) : undefined;
  }

  async #first(where: Fragment): Promise<AccountRow | undefined> {
    return (await this.#select(where))[0];
  }

  async #select(where: Fragment): Promise<readonly AccountRow[]> {
    const rows = await this.#context.data.execute(`${SELECT} where ${where.sql}`, where.params);
    return rows.map(rowOf);
  }
}
