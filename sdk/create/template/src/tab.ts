import { domainEditor } from '@posthorn/admin/contract';
import { field, formTab, messages } from '@posthorn/sdk';
import { noteOf, writeNote } from './notes.js';

const t = messages('acme-notes');

/** One more tab of the form in which a domain is edited. All its tabs are saved in one transaction. */
export const noteTab = formTab(domainEditor, {
  id: 'acme-notes',
  title: t('Acme notes'),
  shape: { note: field.string({ label: t('Note'), max: 254 }).default('') },
  load: async ({ subject, context }) => ({ note: subject === undefined ? '' : await noteOf(context, subject.pk) }),
  async save({ note }, { subject, context }) {
    if (subject !== undefined) await writeNote(context, subject.pk, note);
    return undefined;
  },
});
