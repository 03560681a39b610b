import { menuEntry, messages, page, view } from '@posthorn/sdk';
import { allNotes } from './notes.js';

const t = messages('acme-notes');
const permission = 'acme-notes.view_notes';
const path = '/acme-notes/';

export const notePages = [
  menuEntry({ area: 'main', label: t('Acme notes'), href: path, icon: 'clipboard', permission }),
  page({
    path,
    permission,
    load: async ({ context, url }) => view('notes', t('Acme notes'), { notes: await allNotes(context), url }),
  }),
];
