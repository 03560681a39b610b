import { page, redirect } from '@posthorn/sdk';

/** Where bookmarks of the reference lead: the first list that the reader may open, or his own account. */
export const startPage = page({
  path: '/admin/',
  permission: 'signed-in',
  load: async ({ actor }) =>
    redirect(
      actor.can('admin.view_domains')
        ? '/admin/domains/'
        : actor.can('core.add_user') || actor.can('admin.add_alias')
          ? '/admin/identities/'
          : '/user/',
    ),
});
