import { AsyncLocalStorage } from 'node:async_hooks';
import { ACCOUNT_KIND, type Actor, type ExtensionContext, type Row, secrets } from '@posthorn/sdk';
import type { RemoveOptions } from '../contract/inputs.js';
import { DOMAIN_KIND } from '../contract/names.js';
import { adminParameters } from '../contract/parameters.js';
import type { TrashKind } from '../contract/trash.js';
import { aliasesOwnedBy, type OwnedAlias } from '../services/object-owners.js';
import { asBoolean, asNumber, type Fragment, idIn } from '../services/sql.js';
import { encode, type RootOf, type Rows, Snapshot } from './snapshot.js';

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

/** What has no number of its own, and which deletion it belongs to. */
interface Loose<T> {
  readonly row: T;
  readonly root: number;
}

interface OpenBin {
  readonly snapshot: Snapshot;
  readonly options: RemoveOptions;
  readonly access: Loose<Row>[];
  readonly quotas: Loose<Row>[];
  readonly owned: Loose<OwnedAlias>[];
}
const current = new AsyncLocalStorage<OpenBin | undefined>();

/** How a deletion under way was asked for; what belongs to a larger one follows that. */
export const deletionOptions = (): RemoveOptions => current.getStore()?.options ?? {};

/**
 * Where deletions put what they delete. Each says what it is about to take away; whatever is deleted along with it while
 * `work` runs lands in the same entry, so that one undo brings everything back. Several that go together have an entry
 * each. Inside a `write`.
 */
export class TrashBin {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  /**
   * Rows that the deletion under way is about to take. Nothing happens where the trash is switched off. Where several go
   * together, `rootOf` says by its place among them which one a row belongs to; otherwise that is the first.
   */
  async take(table: string, where: Fragment, rootOf: RootOf = FIRST): Promise<void> {
    const bin = current.getStore();
    if (bin !== undefined) await this.#take(bin, table, where, rootOf);
  }

  /** The deletion that a row was taken for. */
  rootOf(table: string, id: number): number {
    return current.getStore()?.snapshot.rootOf(table, id) ?? 0;
  }

  /** True while rows go to the trash: then the directories wait for its purge. */
  get isOpen(): boolean {
    return current.getStore() !== undefined;
  }

  /** `deleted` are of one kind. */
  async collect(
    actor: Actor,
    deleted: readonly Deleted[],
    options: RemoveOptions,
    work: () => Promise<void>,
  ): Promise<void> {
    const [first] = deleted;
    if (first === undefined) return;
    const { data } = this.#context;
    const places = new Map(deleted.map(({ id }, i) => [id, i]));
    const roots = idIn(data.dialect, 'id', places.keys());
    const outer = current.getStore();
    if (outer !== undefined) {
      await this.#take(outer, ROOTS[first.kind], roots, FIRST);
      return work();
    }
    const p = await this.#context.parameters(adminParameters);
    if (p.trash_days === 0) return work();
    const bin: OpenBin = { snapshot: new Snapshot(this.#context), options, access: [], quotas: [], owned: [] };
    const directories = await current.run(bin, async () => {
      await this.#take(bin, ROOTS[first.kind], roots, (row) => places.get(asNumber(row.id)) ?? 0);
      const found = p.handle_mailboxes && options.keepdir !== true ? await this.#directories(bin.snapshot) : [];
      await work();
      return found;
    });
    await this.#close(actor, deleted, bin, directories);
  }

  /** Quotas and access rows are found through rows that are still there, so they come now. */
  async #take(bin: OpenBin, table: string, where: Fragment, rootOf: RootOf): Promise<void> {
    const { snapshot } = bin;
    const before = new Map<string, ReadonlySet<number>>(
      HOLDERS.map((holder) => [holder, new Set(snapshot.ids(holder))]),
    );
    await snapshot.take(table, where, rootOf);
    const added = (holder: string) => snapshot.ids(holder).filter((id) => before.get(holder)?.has(id) !== true);
    const accounts = added('core_user');
    bin.access.push(...(await this.#access(snapshot, accounts, added('admin_domain'))));
    bin.owned.push(...(await this.#owned(snapshot, accounts)));
    bin.quotas.push(...(await this.#quotas(snapshot, added('admin_mailbox'))));
  }

  async #close(
    actor: Actor,
    deleted: readonly Deleted[],
    { snapshot, ...bin }: OpenBin,
    directories: readonly Loose<Row>[],
  ): Promise<void> {
    const { data } = this.#context;
    const now = this.#context.now();
    const of = <T>(all: readonly Loose<T>[], root: number): readonly T[] =>
      all.filter((one) => one.root === root).map(({ row }) => row);
    const ids = await data.insertRows(
      'admin_trash',
      deleted.map(({ kind, id, name, domainId, role = '' }, root) => {
        const rows = snapshot.rows(root);
        const content: TrashContent = {
          rows,
          access: of(bin.access, root),
          quotas: of(bin.quotas, root),
          owned: of(bin.owned, root),
        };
        return {
          kind,
          name,
          object_id: id,
          domain_id: domainId,
          role,
          deleted_at: now,
          deleted_by: actor.username,
          deleted_by_id: actor.id,
          content: this.#context.get(secrets).seal(encode(content), purposeOf(kind, id)),
          mailboxes: rows.admin_mailbox?.length ?? 0,
          aliases: (rows.admin_alias ?? []).filter((row) => !asBoolean(row.internal)).length,
        };
      }),
    );
    await data.insertRows(
      'admin_trashdirectory',
      directories.map(({ row, root }) => ({ trash_id: ids[root], address: row.address })),
    );
    // Whoever reached the thing reaches its entry, unless he went along.
    const gone = new Set(snapshot.ids('core_user'));
    const reach = bin.access.flatMap(({ row, root }) => {
      const { kind, id } = deleted[root] as Deleted;
      const isAbout = row.kind === REACHED[kind] && asNumber(row.object_id) === id;
      return isAbout && !gone.has(asNumber(row.user_id))
        ? [{ user_id: row.user_id, kind: TRASH_KIND, object_id: ids[root], is_owner: false }]
        : [];
    });
    await data.derived(() => data.insertRows('core_access', reach));
  }

  async #access(
    snapshot: Snapshot,
    accounts: readonly number[],
    domains: readonly number[],
  ): Promise<readonly Loose<Row>[]> {
    if (accounts.length + domains.length === 0) return [];
    const { data } = this.#context;
    const about = idIn(data.dialect, 'object_id', accounts);
    const own = idIn(data.dialect, 'user_id', accounts);
    const among = idIn(data.dialect, 'object_id', domains);
    // Whoever gets what an account owns may have had a row for it before.
    const owned = idIn(data.dialect, 'o.user_id', accounts);
    const owner = `from core_access o where o.kind = a.kind and o.object_id = a.object_id and o.is_owner = true and ${owned.sql}`;
    const rows = await data.execute(
      `select user_id, kind, object_id, is_owner, (select min(o.user_id) ${owner}) as owner from core_access a
       where kind <> '${TRASH_KIND}' and ((kind = '${ACCOUNT_KIND}' and ${about.sql}) or ${own.sql}
         or (kind = '${DOMAIN_KIND}' and ${among.sql}) or exists (select 1 ${owner}))`,
      [...owned.params, ...about.params, ...own.params, ...among.params, ...owned.params],
    );
    const tables: Readonly<Record<string, string>> = { [ACCOUNT_KIND]: 'core_user', [DOMAIN_KIND]: 'admin_domain' };
    return rows.map(({ owner: heirOf, ...row }) => {
      const ofObject = snapshot.rootOf(tables[String(row.kind)] ?? '', asNumber(row.object_id));
      const ofAccount = (id: unknown) => snapshot.rootOf('core_user', asNumber(id));
      return { row, root: ofObject ?? ofAccount(row.user_id) ?? ofAccount(heirOf) ?? 0 };
    });
  }

  async #owned(snapshot: Snapshot, accounts: readonly number[]): Promise<readonly Loose<OwnedAlias>[]> {
    if (accounts.length === 0) return [];
    const found = await aliasesOwnedBy(this.#context, accounts);
    return found.map((row) => ({ row, root: snapshot.rootOf('core_user', row.owner) ?? 0 }));
  }

  async #quotas(snapshot: Snapshot, mailboxes: readonly number[]): Promise<readonly Loose<Row>[]> {
    if (mailboxes.length === 0) return [];
    const { data } = this.#context;
    const among = idIn(data.dialect, 'm.id', mailboxes);
    const rows = await data.execute(
      `select q.*, m.id as mailbox_id from admin_mailbox m inner join admin_domain d on d.id = m.domain_id
       inner join admin_quota q on q.username = m.address || '@' || d.name where ${among.sql}`,
      among.params,
    );
    return rows.map(({ mailbox_id: mailbox, ...row }) => ({
      row,
      root: snapshot.rootOf('admin_mailbox', asNumber(mailbox)) ?? 0,
    }));
  }

  /** Where mailboxes' directories are left lying; also those that a mailbox was still to be moved from. */
  async #directories(snapshot: Snapshot): Promise<readonly Loose<Row>[]> {
    const { data } = this.#context;
    const ids = snapshot.ids('admin_mailbox');
    if (ids.length === 0) return [];
    const among = idIn(data.dialect, 'm.id', ids);
    const rows = await data.execute(
      `select m.id, m.address || '@' || d.name as address
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
    return rows.map((row) => ({ row, root: snapshot.rootOf('admin_mailbox', asNumber(row.id)) ?? 0 }));
  }
}

const FIRST: RootOf = () => 0;

/** What access rows about a thing name it. */
const REACHED: Readonly<Partial<Record<TrashKind, string>>> = { domain: DOMAIN_KIND, account: ACCOUNT_KIND };

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
