import { type Contribution, messages, type PageRequest } from '@posthorn/sdk';
import { aliasEditor, randomAliasEditor } from '../contract/forms.js';
import { aliases } from '../contract/services.js';
import type { AliasView } from '../contract/views.js';
import { type Crumb, editorPages } from './editor.js';
import { historyOf } from './history.js';
import { LIST } from './identity-pages.js';
import { idParam, removalPages } from './removal.js';
import { resolveHref } from './resolve-href.js';
import { undoOf } from './trash-undo.js';
import { versionOf } from './version.js';

const t = messages('admin');

const top: Crumb = { label: t('Identities'), href: LIST };
const of = ({ address, pk }: AliasView): Crumb => ({ label: address, href: `/admin/aliases/${pk}/edit/` });

const common = {
  form: { tabs: aliasEditor },
  row: {
    table: 'admin_alias',
    read: ({ context, actor }: PageRequest, pk: number) => context.get(aliases).show(actor, pk),
  },
  version: ({ address, recipients, enabled, description, expire_at, last_modification }: AliasView) =>
    versionOf(address, recipients, enabled, description, expire_at, last_modification),
  back: () => LIST,
  next: () => LIST,
};

export const aliasPages: readonly Contribution[] = [
  ...editorPages<AliasView>({
    ...common,
    path: '/admin/aliases/new/',
    permission: 'admin.add_alias',
    submit: t('Create alias'),
    done: t('The alias was created.'),
    subject: async () => undefined,
    title: () => t('New alias'),
    crumbs: () => [top, { label: t('New alias') }],
  }),
  ...editorPages<AliasView>({
    ...common,
    form: { tabs: randomAliasEditor },
    path: '/admin/aliases/random/',
    permission: 'admin.add_alias',
    submit: t('Create alias'),
    done: t('The alias was created.'),
    subject: async () => undefined,
    title: () => t('Random address'),
    crumbs: () => [top, { label: t('Random address') }],
    // Where the address can be seen.
    next: (alias) => (alias === undefined ? LIST : resolveHref(alias.address)),
  }),
  ...editorPages<AliasView>({
    ...common,
    path: '/admin/aliases/:id/edit/',
    permission: 'admin.change_alias',
    submit: t('Save changes'),
    done: t('The alias was saved.'),
    subject: (request) => request.context.get(aliases).show(request.actor, idParam(request)),
    title: (alias) => t('Edit {{name}}', { name: alias?.address ?? '' }),
    actions: ({ actor }, alias) => (alias === undefined ? [] : historyOf(actor, 'alias', alias.pk)),
    crumbs: (alias) => [top, ...(alias === undefined ? [] : [of(alias)]), { label: t('Edit') }],
  }),
  ...removalPages<AliasView>({
    path: '/admin/aliases/:id/delete/',
    permission: 'admin.delete_alias',
    title: t('Delete alias'),
    done: t('The alias was deleted.'),
    next: LIST,
    subject: (request) => request.context.get(aliases).show(request.actor, idParam(request)),
    name: (alias) => alias.address,
    text: ({ address, recipients }) =>
      t(
        {
          one: 'Mail to {{address}} no longer reaches its recipient.',
          other: 'Mail to {{address}} no longer reaches its {{count}} recipients.',
        },
        { address, count: recipients.length },
      ),
    crumbs: (alias) => [top, of(alias), { label: t('Delete') }],
    remove: ({ context, actor }, alias) => context.get(aliases).remove(actor, alias.pk),
    undo: (request, alias) => undoOf(request, 'alias', alias.pk),
  }),
];
