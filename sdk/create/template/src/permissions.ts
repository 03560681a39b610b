import { messages, SUPER_ADMINS } from '@posthorn/sdk';

const t = messages('acme-notes');

/** Roles hold them from the first enabling on; afterwards administrators decide. */
export const permissions = {
  'acme-notes.view_notes': { label: t('See all notes'), roles: [SUPER_ADMINS] },
} as const;
