import { AsyncLocalStorage } from 'node:async_hooks';
import { ACCOUNT_KIND, type Actor, type ExtensionContext, type Row, secrets } from '@posthorn/sdk';
import type { RemoveOptions } from '../contract/inputs.js';
import { DOMAIN_KIND } from '../contract/names.js';
import { adminParameters } from '../contract/parameters.js';
import type { TrashKind } from '../contract/trash.js';
import { aliasesOwnedBy, type OwnedAlias } from '../services/object-owners.js';
import { asBoolean, asNumber, assignments, type Fragment, fragment, idIn } from '../services/sql.js';
import { encode, type Rows, Snapshot } from './snapshot.js';

/** What is deleted, as the list of the trash shows it. */
export interface Deleted {
  readonly kind: TrashKind;
  readonly id: number;
  readonly name: string;
  readonly domainId: number | null;
  /** Of an account, for its rank. */
  readonly role?: string;
}

export interface TrashContent {
  readonly rows: Rows;
  /** Rows of `core_access`, which have no number. */
  readonly access: readonly Row[];
  readonly quotas: readonly Row[];
  /** What stayed and became somebody else's; older entries lack it. */
  readonly owned?: readonly OwnedAlias[];
}

export const TRASH_KIND = 'admin.trash';
export const purposeOf = (kind: string, objectId: number): string => `admin/trash/${kind}/${objectId}`;

interface OpenBin {
  readonly snapshot: Snapshot;
  readonly options: RemoveOptions;
  readonly access: Row[];
  readonly quotas: Row[];
  readonly owned: OwnedAlias[];
}
const current = new AsyncLocalStorage<OpenBin | undefined>();

/** How a deletion under way was asked for; what belongs to a larger one follows that. */
export const deletionOptions = (): RemoveOptions => current.getStore()?.options ?? {};

/**
 * Where deletions put what they delete. Each says what it is about to take away; whatever is deleted along with it while
 * `work` runs lands in the same entry, so that one undo brings everything back. Inside a `write`.
 */
export class TrashBin {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  /** Rows that the deletion under way is about to take. Nothing happens where the trash is switched off. */
  async take(table: string, where: Fragment): Promise<void> {
    const bin = current.getStore();
    if (bin !== undefined) await this.#take(bin, table, where);
  }

  /** True while rows go to the trash: then the directories wait for its purge. */
  get isOpen(): boolean {
    return current.getStore() !== undefined;
  }

  async collect(actor: Actor, deleted: Deleted, options: RemoveOptions, work: () => Promise<void>): Promise<void> {
    const outer = current.getStore();
    if (outer !== undefined) {
      await this.#take(outer, ROOTS[deleted.kind], fragment('id = ?', deleted.id));
      return work();
    }
    const p = await this.#context.parameters(adminParameters);
    if (p.trash_days === 0) return work();
    const bin: OpenBin = { snapshot: new Snapshot(this.#context), options, access: [], quotas: [], owned: [] };
    const id = await this.#begin(actor, deleted);
    await current.run(bin, async () => {
      await this.#take(bin, ROOTS[deleted.kind], fragment('id = ?', deleted.id));
      await this.#keepReach(id, deleted);
      if (p.handle_mailboxes && options.keepdir !== true) await this.#directories(id, bin.snapshot);
      await work();
    });
    const { snapshot, access, quotas, owned } = bin;
    await this.#close(id, deleted, { rows: snapshot.rows, access, quotas, owned });
  }

  /** Quotas and access rows are found through rows that are still there, so they come now. */
  async #take(bin: OpenBin, table: string, where: Fragment): Promise<void> {
    const { snapshot } = bin;
    const before = new Map<string, ReadonlySet<number>>(
      HOLDERS.map((holder) => [holder, new Set(snapshot.ids(holder))]),
    );
    await snapshot.take(table, where);
    const added = (holder: string) => snapshot.ids(holder).filter((id) => before.get(holder)?.has(id) !== true);
    const accounts = added('core_user');
    bin.access.push(...(await this.#access(accounts, added('admin_domain'))));
    if (accounts.length > 0) bin.owned.push(...(await aliasesOwnedBy(this.#context, accounts)));
    bin.quotas.push(...(await this.#quotas(added('admin_mailbox'))));
  }

  async #begin(actor: Actor, { kind, id, name, domainId, role = '' }: Deleted): Promise<number> {
    const values = {
      kind,
      name,
      object_id: id,
      domain_id: domainId,
      role,
      deleted_at: this.#context.now(),
      deleted_by: actor.username,
      deleted_by_id: actor.id,
    };
    const names = Object.keys(values);
    const { data } = this.#context;
    await data.execute(
      `insert into admin_trash (${names.join(', ')}) values (${names.map(() => '?').join(', ')})`,
      Object.values(values),
    );
    const [row] = await data.execute('select max(id) as id from admin_trash where kind = ? and object_id = ?', [
      kind,
      id,
    ]);
    return asNumber(row?.id);
  }

  async #close(id: number, { kind, id: objectId }: Deleted, content: TrashContent): Promise<void> {
    const aliases = (content.rows.admin_alias ?? []).filter((row) => !asBoolean(row.internal));
    const set = assignments({
      content: this.#context.get(secrets).seal(encode(content), purposeOf(kind, objectId)),
      mailboxes: content.rows.admin_mailbox?.length ?? 0,
      aliases: aliases.length,
    });
    await this.#context.data.execute(`update admin_trash set ${set.sql} where id = ?`, [...set.params, id]);
  }

  /** Whoever reached the thing reaches its entry. */
  async #keepReach(id: number, { kind, id: objectId }: Deleted): Promise<void> {
    const of = kind === 'domain' ? DOMAIN_KIND : kind === 'account' ? ACCOUNT_KIND : undefined;
    if (of === undefined) return;
    const { data } = this.#context;
    await data.derived(() =>
      data.execute(
        `insert into core_access (user_id, kind, object_id, is_owner)
         select user_id, '${TRASH_KIND}', ${id}, false from core_access where kind = ? and object_id = ?`,
        [of, objectId],
      ),
    );
  }

  async #access(accounts: readonly number[], domains: readonly number[]): Promise<readonly Row[]> {
    if (accounts.length + domains.length === 0) return [];
    const { data } = this.#context;
    const about = idIn(data.dialect, 'object_id', accounts);
    const own = idIn(data.dialect, 'user_id', accounts);
    const among = idIn(data.dialect, 'object_id', domains);
    // Whoever gets what the account owns may have had a row for it before.
    const owned = idIn(data.dialect, 'o.user_id', accounts);
    return data.execute(
      `select user_id, kind, object_id, is_owner from core_access a where kind <> '${TRASH_KIND}'
       and ((kind = '${ACCOUNT_KIND}' and ${about.sql}) or ${own.sql} or (kind = '${DOMAIN_KIND}' and ${among.sql})
         or exists (select 1 from core_access o where o.kind = a.kind and o.object_id = a.object_id and o.is_owner = true
           and ${owned.sql}))`,
      [...about.params, ...own.params, ...among.params, ...owned.params],
    );
  }

  async #quotas(mailboxes: readonly number[]): Promise<readonly Row[]> {
    if (mailboxes.length === 0) return [];
    const { data } = this.#context;
    const among = idIn(data.dialect, 'm.id', mailboxes);
    return data.execute(
      `select q.* from admin_mailbox m inner join admin_domain d on d.id = m.domain_id
       inner join admin_quota q on q.username = m.address || '@' || d.name where ${among.sql}`,
      among.params,
    );
  }

  /** Also those that a mailbox was still to be moved from. */
  async #directories(id: number, snapshot: Snapshot): Promise<void> {
    const { data } = this.#context;
    const ids = snapshot.ids('admin_mailbox');
    if (ids.length === 0) return;
    const among = idIn(data.dialect, 'm.id', ids);
    await data.execute(
      `insert into admin_trashdirectory (trash_id, address) select ${id}, m.address || '@' || d.name
       from admin_mailbox m inner join admin_domain d on d.id = m.domain_id where ${among.sql}`,
      among.params,
    );
    const waiting = idIn(data.dialect, 'mailbox_id', ids);
    await data.execute(
      `update admin_mailboxoperation set type = 'move', target = (select m.address || '@' || d.name from admin_mailbox m
         inner join admin_domain d on d.id = m.domain_id where m.id = admin_mailboxoperation.mailbox_id)
       where type = 'rename' and ${waiting.sql}`,
      waiting.params,
    );
    await data.execute(`update admin_mailboxoperation set mailbox_id = null where ${waiting.sql}`, waiting.params);
  }
}

/** Their rows have others that carry no number of theirs. */
const HOLDERS = ['core_user', 'admin_domain', 'admin_mailbox'] as const;

/** The table of the thing itself. */
export const ROOTS: Readonly<Record<TrashKind, string>> = {
  domain: 'admin_domain',
  'domain-alias': 'admin_domainalias',
  account: 'core_user',
  mailbox: 'admin_mailbox',
  alias: 'admin_alias',
};
