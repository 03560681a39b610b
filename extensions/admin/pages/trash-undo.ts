import { type ExtensionContext, messages, type NoticeAction, type PageRequest, type Text } from '@posthorn/sdk';
import { trash } from '../contract/services.js';
import type { TrashKind } from '../contract/trash.js';
import { trashDays } from '../services/trash-reader.js';

const t = messages('admin');

export const TRASH_PATH = '/admin/trash/';

/** What a question before a deletion says last. */
export async function undoNote(context: ExtensionContext): Promise<Text> {
  const count = await trashDays(context);
  return count === 0
    ? t('This cannot be undone.')
    : t(
        {
          one: 'It can be brought back from the trash for {{count}} day.',
          other: 'It can be brought back from the trash for {{count}} days.',
        },
        { count },
      );
}

/** A button beside the notice of a deletion; none where it was for good. */
export async function undoOf(
  { context, actor }: PageRequest,
  kind: TrashKind,
  objectId: number,
): Promise<NoticeAction | undefined> {
  const entry = await context.get(trash).latest(actor, kind, objectId);
  return entry === undefined ? undefined : { label: t('Undo'), path: `${TRASH_PATH}${entry.pk}/restore/` };
}
