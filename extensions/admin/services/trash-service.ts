import type { Actor, ExtensionContext, Row } from '@posthorn/sdk';
import { restored } from '../contract/hooks.js';
import { adminParameters } from '../contract/parameters.js';
import type { Restored, TrashFilter, TrashKind, TrashView } from '../contract/trash.js';
import type { Trash } from '../contract.js';
import { problem } from '../problems.js';
import { TRASH_KIND } from '../trash/bin.js';
import { Restorer } from '../trash/restorer.js';
import { isId, shownKey } from './keys.js';
import { MailboxOperations } from './mailbox-operations.js';
import { pages, requirePage } from './pages.js';
import { saidBy } from './said-by.js';
import { allOf, asNumber, asNumberOrNull, asText, forUpdate, fragment, idIn } from './sql.js';
import { orTaken } from './taken.js';
import { DAY_MS, TRASH_COLUMNS, trashDays, trashMatching, trashView } from './trash-reader.js';

/** How long a button may undo what it was shown with; the page of the trash has the rest. */
const LATEST_MS = 600_000;
/** Entries purged in one transaction. */
const BATCH = 50;

/** What was deleted: the rules behind every door. */
export class TrashService implements Trash {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  async *list(actor: Actor, filter: TrashFilter = {}): AsyncGenerator<TrashView> {
    requirePage(filter);
    const days = await trashDays(this.#context);
    const matching = await trashMatching(this.#context, actor, filter);
    yield* pages(
      filter,
      async ({ after, size }) => {
        const where = allOf([matching, ...(after === undefined ? [] : [fragment('t.id < ?', Number(after))])]);
        const rows = await this.#context.data.execute(
          `select ${TRASH_COLUMNS} from admin_trash t where ${where.sql} order by t.id desc limit ${size}`,
          where.params,
        );
        return rows.map((row) => trashView(row, days));
      },
      (view) => String(view.pk),
    );
  }

  async show(actor: Actor, pk: number): Promise<TrashView> {
    return trashView(await this.#reach(actor, pk), await trashDays(this.#context));
  }

  async latest(actor: Actor, kind: TrashKind, objectId: number): Promise<TrashView | undefined> {
    const [row] = await this.#context.data.execute(
      `select ${TRASH_COLUMNS} from admin_trash t where t.kind = ? and t.object_id = ? and t.deleted_by = ? and t.deleted_at >= ?`,
      [kind, objectId, actor.username, new Date(this.#context.now().getTime() - LATEST_MS)],
    );
    return row === undefined ? undefined : trashView(row, await trashDays(this.#context));
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
    const until = new Date(this.#context.now().getTime() - (await trashDays(this.#context)) * DAY_MS);
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
    const inReach = await trashMatching(this.#context, actor);
    const [row] = isId(pk)
      ? await this.#context.data.execute(
          `select ${TRASH_COLUMNS} from admin_trash t where t.id = ? and (${inReach.sql})`,
          [pk, ...inReach.params],
        )
      : [];
    if (row === undefined) throw problem('E_ADMIN_TRASH_NOT_FOUND', { name: shownKey(pk) });
    return row;
  }
}
