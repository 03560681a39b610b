import { type Actor, access, type ExtensionContext, type Row } from '@posthorn/sdk';
import { restored } from '../contract/hooks.js';
import { adminParameters } from '../contract/parameters.js';
import { type Restored, TRASH_KINDS, type TrashFilter, type TrashKind, type TrashView } from '../contract/trash.js';
import type { Trash } from '../contract.js';
import type { PermissionName } from '../policy/permissions.js';
import { Policy } from '../policy/policy.js';
import { problem } from '../problems.js';
import { TRASH_KIND } from '../trash/bin.js';
import { Restorer } from '../trash/restorer.js';
import { isId, shownKey } from './keys.js';
import { MailboxOperations } from './mailbox-operations.js';
import { pages, requirePage } from './pages.js';
import { saidBy } from './said-by.js';
import { contains } from './search.js';
import {
  allOf,
  asMoment,
  asNumber,
  asNumberOrNull,
  asText,
  type Fragment,
  forUpdate,
  fragment,
  idIn,
  textIn,
} from './sql.js';
import { orTaken } from './taken.js';

const DAY_MS = 86_400_000;
/** How long a button may undo what it was shown with; the page of the trash has the rest. */
const LATEST_MS = 600_000;
const COLUMNS =
  't.id, t.kind, t.name, t.object_id, t.domain_id, t.role, t.mailboxes, t.aliases, t.deleted_at, t.deleted_by';
/** Entries purged in one transaction. */
const BATCH = 50;

/** Who may delete a thing may bring it back. */
const PERMISSIONS: Readonly<Record<TrashKind, PermissionName>> = {
  domain: 'admin.delete_domain',
  'domain-alias': 'admin.delete_domainalias',
  account: 'core.delete_user',
  mailbox: 'core.change_user',
  alias: 'admin.delete_alias',
};

/** What was deleted: the rules behind every door. */
export class TrashService implements Trash {
  readonly #context: ExtensionContext;
  readonly #policy: Policy;

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.#policy = new Policy(context);
  }

  list(actor: Actor, filter: TrashFilter = {}): AsyncIterable<TrashView> {
    this.#kinds(actor);
    requirePage(filter);
    return this.#stream(actor, filter);
  }

  async count(actor: Actor, filter: TrashFilter = {}): Promise<number> {
    this.#kinds(actor);
    requirePage(filter);
    const where = allOf(await this.#conditions(actor, filter));
    const [row] = await this.#context.data.execute(
      `select count(*) as n from admin_trash t where ${where.sql}`,
      where.params,
    );
    return asNumber(row?.n);
  }

  async show(actor: Actor, pk: number): Promise<TrashView> {
    return this.#view(await this.#reach(actor, pk), await this.#days());
  }

  async latest(actor: Actor, kind: TrashKind, objectId: number): Promise<TrashView | undefined> {
    const [row] = await this.#context.data.execute(
      `select ${COLUMNS} from admin_trash t where t.kind = ? and t.object_id = ? and t.deleted_by = ? and t.deleted_at >= ?`,
      [kind, objectId, actor.username, new Date(this.#context.now().getTime() - LATEST_MS)],
    );
    return row === undefined ? undefined : this.#view(row, await this.#days());
  }

  async restore(actor: Actor, pk: number): Promise<Restored> {
    const found = await this.#reach(actor, pk);
    const name = asText(found.name);
    return orTaken(
      () =>
        this.#context.data.write(async () => {
          const row = await this.#lock(pk);
          const back = await new Restorer(this.#context).run(actor, {
            trashId: pk,
            kind: row.kind as TrashKind,
            id: asNumber(row.object_id),
            name,
            domainId: asNumberOrNull(row.domain_id),
            role: asText(row.role),
            content: asText(row.content),
          });
          await this.#context.call(restored, { ...saidBy(actor), ...back });
          return back;
        }),
      () => problem('E_ADMIN_TRASH_CONFLICT', { name }),
    );
  }

  async purge(actor: Actor, pk: number): Promise<void> {
    await this.#reach(actor, pk);
    await this.#context.data.write(async () => {
      await this.#lock(pk);
      await this.#purge([pk]);
    });
  }

  async purgeDue(signal?: AbortSignal): Promise<number> {
    const until = new Date(this.#context.now().getTime() - (await this.#days()) * DAY_MS);
    for (let count = 0; ; ) {
      signal?.throwIfAborted();
      const done = await this.#context.data.write(async () => {
        const rows = await this.#context.data.execute(
          `select id from admin_trash where deleted_at <= ? order by deleted_at limit ${BATCH}${forUpdate(this.#context.data.dialect)}`,
          [until],
        );
        if (rows.length > 0) await this.#purge(rows.map((row) => asNumber(row.id)));
        return rows.length;
      });
      count += done;
      if (done < BATCH) return count;
    }
  }

  async #purge(ids: readonly number[]): Promise<void> {
    const { data } = this.#context;
    const { handle_mailboxes: onDisk } = await this.#context.parameters(adminParameters);
    if (onDisk) await new MailboxOperations(this.#context).purge(ids);
    const reach = idIn(data.dialect, 'object_id', ids);
    await data.derived(() =>
      data.execute(`delete from core_access where kind = '${TRASH_KIND}' and ${reach.sql}`, reach.params),
    );
    const gone = idIn(data.dialect, 'id', ids);
    await data.execute(`delete from admin_trash where ${gone.sql}`, gone.params);
  }

  async #lock(pk: number): Promise<Row> {
    const { data } = this.#context;
    const [row] = await data.execute(`select * from admin_trash where id = ?${forUpdate(data.dialect)}`, [pk]);
    if (row === undefined) throw problem('E_ADMIN_TRASH_NOT_FOUND', { name: pk });
    return row;
  }

  async #reach(actor: Actor, pk: number): Promise<Row> {
    const inReach = await this.#reachable(actor);
    const [row] = isId(pk)
      ? await this.#context.data.execute(`select ${COLUMNS} from admin_trash t where t.id = ? and (${inReach.sql})`, [
          pk,
          ...inReach.params,
        ])
      : [];
    if (row === undefined) throw problem('E_ADMIN_TRASH_NOT_FOUND', { name: shownKey(pk) });
    return row;
  }

  #kinds(actor: Actor): readonly TrashKind[] {
    const kinds = TRASH_KINDS.filter((kind) => actor.can(PERMISSIONS[kind]));
    if (kinds.length === 0) this.#policy.require(actor, PERMISSIONS.alias);
    return kinds;
  }

  /** What the actor deleted, what he reached when it was deleted, and what lies in a domain of his. */
  async #reachable(actor: Actor): Promise<Fragment> {
    const kinds = textIn('t.kind', this.#kinds(actor));
    const scope = await this.#policy.scope(actor);
    if (scope.isAll || actor.id === null) return kinds;
    const { dialect } = this.#context.data;
    const kept = idIn(dialect, 't.id', await this.#context.get(access).reachable(actor.id, TRASH_KIND));
    const inside = idIn(dialect, 't.domain_id', scope.domains);
    const ranks = textIn('t.role', ['', ...scope.lowerRoles]);
    return allOf([
      kinds,
      ranks,
      {
        sql: `t.deleted_by_id = ? or ${kept.sql} or (t.kind <> 'domain' and ${inside.sql})`,
        params: [actor.id, ...kept.params, ...inside.params],
      },
    ]);
  }

  async #conditions(actor: Actor, filter: TrashFilter): Promise<readonly Fragment[]> {
    return [
      await this.#reachable(actor),
      ...(filter.kind === undefined ? [] : [fragment('t.kind = ?', filter.kind)]),
      ...(filter.search === undefined ? [] : [contains(this.#context.data.dialect, ['t.name'], filter.search)]),
    ];
  }

  async *#stream(actor: Actor, filter: TrashFilter): AsyncGenerator<TrashView> {
    const days = await this.#days();
    const conditions = await this.#conditions(actor, filter);
    yield* pages(
      filter,
      async ({ after, size }) => {
        const where = allOf([...conditions, ...(after === undefined ? [] : [fragment('t.id < ?', Number(after))])]);
        const rows = await this.#context.data.execute(
          `select ${COLUMNS} from admin_trash t where ${where.sql} order by t.id desc limit ${size}`,
          where.params,
        );
        return rows.map((row) => this.#view(row, days));
      },
      (view) => String(view.pk),
    );
  }

  #view(row: Row, days: number): TrashView {
    const deleted = asMoment(row.deleted_at);
    const purge = new Date(Date.parse(deleted) + days * DAY_MS);
    return Object.freeze({
      pk: asNumber(row.id),
      kind: row.kind as TrashKind,
      name: asText(row.name),
      mailboxes: asNumber(row.mailboxes),
      aliases: asNumber(row.aliases),
      deleted_at: deleted,
      deleted_by: asText(row.deleted_by),
      purge_at: purge.toISOString().replace(/\.\d{3}Z$/, 'Z'),
    });
  }

  async #days(): Promise<number> {
    return (await this.#context.parameters(adminParameters)).trash_days;
  }
}
