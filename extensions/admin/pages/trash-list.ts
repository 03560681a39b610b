import type { Actor, ExtensionContext } from '@posthorn/sdk';
import type { TrashFilter, TrashView } from '../contract/trash.js';
import { TRASH_COLUMNS, trashDays, trashMatching, trashView } from '../services/trash-reader.js';
import { mapShown, numberedPage, type Shown } from './list-query.js';

/** The trash by number of the page, the latest deletion first. */
export async function trashList(
  context: ExtensionContext,
  actor: Actor,
  wish: Pick<TrashFilter, 'kind' | 'search'> & { readonly page: number; readonly after: string },
): Promise<Shown<TrashView>> {
  const where = await trashMatching(context, actor, wish);
  const days = await trashDays(context);
  const list = {
    rows: () => ({ sql: `select t.id from admin_trash t where ${where.sql}`, params: where.params }),
    by: { id: 'id' } as const,
    each: { sql: `select 1 from admin_trash t where ${where.sql}`, params: where.params },
    columns: TRASH_COLUMNS,
    joined: 'inner join admin_trash t on t.id = page.id',
  };
  return mapShown(await numberedPage(context.data, list, { ...wish, isDown: true }), (row) => trashView(row, days));
}
