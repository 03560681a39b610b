import {
  ACCOUNT_KIND,
  type Actor,
  access,
  accountCreated,
  type ExtensionContext,
  mayCreateAccount,
  type Row,
  secrets,
} from '@posthorn/sdk';
import {
  aliasCreated,
  type DomainRef,
  domainAliasCreated,
  domainCreated,
  mailboxCreated,
  mayCreate,
  mayGiveQuota,
  type ObjectKind,
  restoring,
} from '../contract/hooks.js';
import type { Restored } from '../contract/trash.js';
import { Policy } from '../policy/policy.js';
import { problem } from '../problems.js';
import { aliasTaken } from '../services/alias-rows.js';
import { DomainFinder } from '../services/domain-finder.js';
import { DomainRows } from '../services/domain-rows.js';
import { mailboxTaken } from '../services/mailbox-creation.js';
import { MailboxOperations } from '../services/mailbox-operations.js';
import { requireFreeNames } from '../services/names-taken.js';
import { giveBackAliases } from '../services/object-owners.js';
import { QuotaPool } from '../services/quota-pool.js';
import { saidBy } from '../services/said-by.js';
import { SelfAliases } from '../services/self-alias.js';
import { asBoolean, asNumber, asNumberOrNull, asText, idIn } from '../services/sql.js';
import { type Deleted, purposeOf, ROOTS, TRASH_KIND, type TrashContent } from './bin.js';
import { chunks, RowWriter } from './row-writer.js';
import { decode, tablesOf } from './snapshot.js';

const MANY = 500;

/** An entry of the trash, locked. */
export interface Entry extends Deleted {
  readonly trashId: number;
  readonly content: string;
}

/** Brings one deletion back. Inside a `write`. */
export class Restorer {
  readonly #context: ExtensionContext;
  readonly #writer: RowWriter;

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.#writer = new RowWriter(context);
  }

  async run(actor: Actor, entry: Entry): Promise<Restored> {
    const { kind, id, name, trashId } = entry;
    const content = decode(this.#context.get(secrets).open(entry.content, purposeOf(kind, id))) as TrashContent;
    const names = [
      ...(content.rows.admin_domain ?? []).map((row) => asText(row.name)),
      ...(content.rows.admin_domainalias ?? []).map((row) => asText(row.name)),
    ];
    await requireFreeNames(this.#context, names, { field: 'name' });
    const domain = await this.#domainOf(entry);
    const back = new Map<string, readonly Row[]>();
    let leftOut = 0;
    for (const table of tablesOf(this.#context)) {
      const rows = this.#withoutLonely(table, content.rows[table] ?? [], content, back);
      const fit = await this.#withOwners(await this.#writer.fitting(table, rows));
      if (ROOTS[kind] === table) this.#requireRoot(entry, rows, fit);
      await this.#ask(actor, table, fit, domain);
      await this.#writer.insert(table, fit);
      if (table === 'admin_aliasrecipient') await this.#relink(rows, fit);
      back.set(table, fit);
      leftOut += (content.rows[table] ?? []).length - fit.length;
    }
    leftOut += await this.#dropEmpty(entry, back.get('admin_alias') ?? []);
    await this.#mend(entry, content, back, domain);
    const accounts = (back.get('core_user') ?? []).map((row) => asNumber(row.id));
    await this.#context.call(restoring, { actor, kind, pk: id, name, accounts });
    await this.#say(actor, entry, back, domain);
    const restored = { kind, pk: id, name, left_out: leftOut };
    await this.#context.get(access).forget(TRASH_KIND, trashId);
    await this.#context.data.execute('delete from admin_trash where id = ?', [trashId]);
    return restored;
  }

  /** The domain that it lies in; undefined where that comes back now, or there is none. */
  async #domainOf({ kind, domainId, name }: Entry): Promise<DomainRef | undefined> {
    if (kind === 'domain' || domainId === null) return undefined;
    const [row] = await this.#context.data.execute('select name from admin_domain where id = ?', [domainId]);
    if (row === undefined) throw problem('E_ADMIN_TRASH_PARENT', { name });
    const ref = { pk: domainId, name: asText(row.name) };
    const at = name.lastIndexOf('@');
    // Of an account, the name may be of another domain than its mailbox.
    if ((kind === 'mailbox' || kind === 'alias') && name.slice(at + 1) !== ref.name) {
      throw problem('E_ADMIN_TRASH_RENAMED', { name, domain: ref.name });
    }
    return ref;
  }

  /** The internal alias of a mailbox that does not come back has nothing to do. */
  #withoutLonely(
    table: string,
    rows: readonly Row[],
    { rows: all }: TrashContent,
    back: ReadonlyMap<string, readonly Row[]>,
  ): readonly Row[] {
    if (table !== 'admin_alias') return rows;
    const there = new Set((back.get('admin_mailbox') ?? []).map((row) => asNumber(row.id)));
    const gone = new Set(
      (all.admin_aliasrecipient ?? [])
        .filter((row) => asNumberOrNull(row.r_mailbox_id) !== null && !there.has(asNumber(row.r_mailbox_id)))
        .map((row) => `${asNumber(row.alias_id)} ${asText(row.address)}`),
    );
    return rows.filter((row) => !asBoolean(row.internal) || !gone.has(`${asNumber(row.id)} ${asText(row.address)}`));
  }

  /** An owner who is gone is nobody. */
  async #withOwners(rows: readonly Row[]): Promise<readonly Row[]> {
    const owners = new Set(rows.flatMap(({ owner_id: id }) => (id === null || id === undefined ? [] : [asNumber(id)])));
    if (owners.size === 0) return rows;
    const { data } = this.#context;
    const among = idIn(data.dialect, 'id', owners);
    const there = new Set(
      (await data.execute(`select id from core_user where ${among.sql}`, among.params)).map(({ id }) => asNumber(id)),
    );
    return rows.map((row) => ({ ...row, owner_id: there.has(asNumber(row.owner_id)) ? row.owner_id : null }));
  }

  #requireRoot({ kind, id, name }: Entry, rows: readonly Row[], fit: readonly Row[]): void {
    if (fit.some((row) => asNumber(row.id) === id)) return;
    if (kind === 'account') throw problem('E_ADMIN_ACCOUNT_TAKEN', { username: name }, { field: 'username' });
    if (kind === 'mailbox') throw mailboxTaken(name);
    if (kind === 'alias' && rows.length > 0) throw aliasTaken(name);
    throw problem('E_ADMIN_TRASH_CONFLICT', { name });
  }

  /** What comes back counts like what is made anew. */
  async #ask(actor: Actor, table: string, rows: readonly Row[], domain: DomainRef | undefined): Promise<void> {
    const asked = COUNTED[table];
    const counted = table === 'admin_alias' ? rows.filter((row) => !asBoolean(row.internal)) : rows;
    if (asked !== undefined && counted.length > 0) {
      const place = domain === undefined ? {} : { domain };
      await this.#context.call(mayCreate, { actor, kind: asked, count: counted.length, ...place });
    }
    for (const row of table === 'admin_domain' ? rows : []) {
      await this.#context.call(mayGiveQuota, {
        actor,
        of: 'domain',
        quota: asNumber(row.quota),
        default_mailbox_quota: asNumber(row.default_mailbox_quota),
        previous: 0,
      });
    }
    for (const row of table === 'admin_mailbox' && domain !== undefined ? rows : []) {
      const facts = await new DomainFinder(this.#context).lock(asNumber(row.domain_id));
      const wanted = { quota: asNumber(row.quota), use_domain_quota: asBoolean(row.use_domain_quota) };
      await new QuotaPool(this.#context, actor).take(facts, wanted, undefined);
    }
    if (table !== 'core_user') return;
    for (const role of new Set(rows.map((row) => asText(row.role)))) {
      new Policy(this.#context).requireRole(actor, role);
      const count = rows.filter((row) => asText(row.role) === role).length;
      await this.#context.call(mayCreateAccount, { actor, role, count });
    }
  }

  /** Recipients that stayed, and lead to the mailbox of the same address meanwhile. */
  async #relink(rows: readonly Row[], fit: readonly Row[]): Promise<void> {
    const { data } = this.#context;
    const inserted = new Set(fit.map((row) => asNumber(row.id)));
    for (const row of rows) {
      if (inserted.has(asNumber(row.id)) || asNumberOrNull(row.r_alias_id) === null) continue;
      await data.execute(
        `update admin_aliasrecipient set r_mailbox_id = null, r_alias_id = ? where id = ? and address = ?
         and exists (select 1 from admin_alias a where a.id = ?)`,
        [row.r_alias_id, row.id, row.address, row.r_alias_id],
      );
    }
  }

  /** Aliases whose recipients are all gone by now. */
  async #dropEmpty({ kind, id, name }: Entry, aliases: readonly Row[]): Promise<number> {
    const { data } = this.#context;
    const among = idIn(
      data.dialect,
      'id',
      aliases.map((row) => asNumber(row.id)),
    );
    const empty = `${among.sql} and not exists (select 1 from admin_aliasrecipient r where r.alias_id = admin_alias.id)`;
    const rows = await data.execute(`select id from admin_alias where ${empty}`, among.params);
    if (rows.length === 0) return 0;
    if (kind === 'alias' && rows.some((row) => asNumber(row.id) === id)) {
      throw problem('E_ADMIN_TRASH_RECIPIENTS', { name });
    }
    const gone = idIn(
      data.dialect,
      'id',
      rows.map((row) => asNumber(row.id)),
    );
    await data.execute(`delete from admin_alias where ${gone.sql}`, gone.params);
    return rows.length;
  }

  /** Everything that carries no number of what came back, or is kept in step with it. */
  async #mend(
    { kind, id, name, trashId }: Entry,
    content: TrashContent,
    back: ReadonlyMap<string, readonly Row[]>,
    domain: DomainRef | undefined,
  ): Promise<void> {
    const { data } = this.#context;
    const mailboxes = back.get('admin_mailbox') ?? [];
    const place = kind === 'domain' ? name : domain?.name;
    const addresses = new Set(mailboxes.map((row) => `${asText(row.address)}@${place}`));
    const quotas = content.quotas.filter((row) => addresses.has(asText(row.username)));
    for (const some of chunks(
      quotas.map((row) => asText(row.username)),
      MANY,
    )) {
      // Counted at the address by somebody else since.
      await data.execute(`delete from admin_quota where username in (${some.map(() => '?').join(', ')})`, some);
    }
    await this.#writer.insert('admin_quota', quotas);
    if (kind === 'domain') await new DomainRows(this.#context).setEmails(id, name);
    if (kind === 'mailbox') {
      const user = mailboxes[0]?.user_id;
      await data.execute('update core_user set email = ? where id = ?', [name, user]);
    }
    await this.#giveBack(content);
    const forwards = (back.get('admin_alias') ?? []).filter((row) => !asBoolean(row.internal));
    for (const some of chunks(
      forwards.map((row) => asText(row.address)),
      MANY,
    )) {
      await new SelfAliases(this.#context).refresh(some);
    }
    if (mailboxes.length > 0) {
      await new MailboxOperations(this.#context).bringBack(
        trashId,
        mailboxes.map((row) => asNumber(row.id)),
      );
    }
  }

  /** What became its owner's when an account left is the account's again. */
  async #giveBack({ access: rows, owned = [] }: TrashContent): Promise<void> {
    const heirs = new Map(
      rows
        .filter((row) => asText(row.kind) === ACCOUNT_KIND && asBoolean(row.is_owner))
        .filter((row) => asNumber(row.user_id) !== asNumber(row.object_id))
        .map((row) => [asNumber(row.object_id), asNumber(row.user_id)] as const),
    );
    for (const row of rows.toSorted((one, other) => asNumber(other.is_owner) - asNumber(one.is_owner))) {
      await this.#grant(row, heirs.get(asNumber(row.user_id)));
    }
    await giveBackAliases(this.#context, owned, heirs);
  }

  /** Whoever got the thing meanwhile in another way stays its owner. */
  async #grant(row: Row, heir: number | undefined): Promise<void> {
    const { data } = this.#context;
    const rows = this.#context.get(access);
    const [account, kind, object] = [asNumber(row.user_id), asText(row.kind), asNumber(row.object_id)];
    const [there] = await data.execute('select id from core_user where id = ?', [account]);
    if (there === undefined) return;
    const present = (await rows.holders(kind, object)).find(({ isOwner }) => isOwner)?.accountId;
    const owner = asBoolean(row.is_owner) && (present === undefined || present === heir);
    if (owner && present !== undefined) await rows.revoke(present, kind, object);
    await rows.grant(account, kind, object, { owner });
  }

  /** Listeners make what hangs on it, as for something new. */
  async #say(
    actor: Actor,
    { kind, id, name }: Entry,
    back: ReadonlyMap<string, readonly Row[]>,
    domain: DomainRef | undefined,
  ): Promise<void> {
    const by = saidBy(actor);
    const user = back.get('core_user')?.[0];
    if (kind === 'domain') await this.#context.call(domainCreated, { ...by, domain: { pk: id, name } });
    if (kind === 'alias') await this.#context.call(aliasCreated, { ...by, alias: { pk: id, address: name } });
    if (kind === 'domain-alias' && domain !== undefined) {
      await this.#context.call(domainAliasCreated, { ...by, domain_alias: { pk: id, name }, target: domain });
    }
    if (kind === 'account' && user !== undefined) {
      const account = { id, username: name, role: asText(user.role) };
      await this.#context.call(accountCreated, { ...by, account });
    }
    const mailbox = back.get('admin_mailbox')?.[0];
    if (kind === 'domain' || mailbox === undefined || domain === undefined) return;
    const pk = asNumber(mailbox.user_id);
    const [owner] = await this.#context.data.execute('select username from core_user where id = ?', [pk]);
    await this.#context.call(mailboxCreated, {
      ...by,
      account: { pk, username: asText(owner?.username) },
      mailbox: { pk: asNumber(mailbox.id), full_address: `${asText(mailbox.address)}@${domain.name}` },
      domain,
    });
  }
}

const COUNTED: Readonly<Record<string, ObjectKind>> = {
  admin_domain: 'domain',
  admin_domainalias: 'domain-alias',
  admin_mailbox: 'mailbox',
  admin_alias: 'alias',
};
