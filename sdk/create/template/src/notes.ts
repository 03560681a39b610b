import type { ExtensionContext } from '@posthorn/sdk';

export interface Note {
  readonly domain: string;
  readonly note: string;
}

/** The note of a domain; empty where it has none. */
export async function noteOf(context: ExtensionContext, domainId: number): Promise<string> {
  const [row] = await context.data.execute<{ note: string }>('select note from acme_notes_note where domain_id = ?', [
    domainId,
  ]);
  return row?.note ?? '';
}

/** Call it inside `data.write`; forms do. An empty note is no note. */
export async function writeNote(context: ExtensionContext, domainId: number, note: string): Promise<void> {
  await context.data.execute('delete from acme_notes_note where domain_id = ?', [domainId]);
  if (note === '') return;
  await context.data.execute('insert into acme_notes_note (domain_id, note, changed_at) values (?, ?, ?)', [
    domainId,
    note,
    context.now().getTime(),
  ]);
}

export const allNotes = (context: ExtensionContext): Promise<readonly Note[]> =>
  context.data.execute<{ domain: string; note: string }>(
    'select d.name as domain, n.note from acme_notes_note n join admin_domain d on d.id = n.domain_id order by d.name',
  );

/** Removes notes that were last changed before `before`. */
export async function removeOld(context: ExtensionContext, before: Date): Promise<void> {
  await context.data.execute('delete from acme_notes_note where changed_at < ?', [before.getTime()]);
}
