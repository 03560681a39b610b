import {
  action,
  type Contribution,
  field,
  isProblem,
  menuEntry,
  messages,
  type PageRequest,
  page,
  redirect,
  type Text,
  view,
} from '@posthorn/sdk';
import { trash } from '../contract/services.js';
import { TRASH_KINDS, type TrashKind, type TrashView } from '../contract/trash.js';
import { trashDays } from '../services/trash-reader.js';
import type { Crumb } from './editor.js';
import { moment, number } from './format.js';
import { pageFields, searchField } from './list-query.js';
import { idParam, removalPages } from './removal.js';
import { trashList } from './trash-list.js';
import { TRASH_PATH } from './trash-undo.js';

const t = messages('admin');

export const KIND_LABELS: Readonly<Record<TrashKind, Text>> = {
  domain: t('Domain'),
  'domain-alias': t('Domain alias'),
  account: t('Account'),
  mailbox: t('Mailbox'),
  alias: t('Alias'),
};

/** Whoever deletes things sees those that he deleted; the service says which. */
const PERMISSION = 'admin.view_domains';

const list = page({
  path: TRASH_PATH,
  permission: PERMISSION,
  query: {
    q: searchField(),
    kind: field.choice({ label: t('Kind'), choices: ['', ...TRASH_KINDS] }).default(''),
    ...pageFields(),
  },
  async load(request) {
    const { q, kind, page: wanted, after } = request.query;
    const { context, actor, locale } = request;
    const filter = { ...(q === '' ? {} : { search: q }), ...(kind === '' ? {} : { kind: kind as TrashKind }) };
    const shown = await trashList(context, actor, { ...filter, page: wanted, after });
    return view('trash', t('Trash'), {
      ...shown,
      rows: shown.rows.map((one) => rowOf(one, request)),
      totalText: number(shown.total, locale),
      url: request.url,
      filters: { q, kind },
      kinds: TRASH_KINDS.map((value) => ({ value, label: KIND_LABELS[value] })),
      days: await trashDays(context),
    });
  },
});

const rowOf = (one: TrashView, request: PageRequest) => ({
  ...one,
  kindText: KIND_LABELS[one.kind],
  deletedText: moment(one.deleted_at, request),
  purgeText: moment(one.purge_at, request),
  mailboxesText: number(one.mailboxes, request.locale),
  aliasesText: number(one.aliases, request.locale),
  href: `${TRASH_PATH}${one.pk}/`,
});

const detail = page({
  path: `${TRASH_PATH}:id/`,
  permission: PERMISSION,
  async load(request) {
    const entry = await request.context.get(trash).show(request.actor, idParam(request));
    return view('trash-entry', entry.name, { entry: rowOf(entry, request), list: TRASH_PATH });
  },
});

const restore = action({
  path: `${TRASH_PATH}:id/restore/`,
  permission: PERMISSION,
  async run(request) {
    try {
      const { name, left_out: count } = await request.context.get(trash).restore(request.actor, idParam(request));
      request.notice('success', t('{{name}} is back.', { name }));
      if (count > 0) {
        request.notice(
          'warning',
          t(
            {
              one: 'One thing that went along has no place any more and stayed away.',
              other: '{{count}} things that went along have no place any more and stayed away.',
            },
            { count },
          ),
        );
      }
    } catch (error) {
      // Undone already, or the place is taken: said where the others are listed.
      if (!isProblem(error) || error.status >= 500) throw error;
      request.notice('danger', error.text);
    }
    return redirect(TRASH_PATH);
  },
});

const top: Crumb = { label: t('Trash'), href: TRASH_PATH };

export const trashPages: readonly Contribution[] = [
  menuEntry(
    { area: 'main', label: t('Trash'), href: TRASH_PATH, icon: 'trash', permission: PERMISSION, group: t('Mail') },
    { order: 60 },
  ),
  list,
  detail,
  restore,
  ...removalPages<TrashView>({
    path: `${TRASH_PATH}:id/delete/`,
    permission: PERMISSION,
    title: t('Remove for good'),
    done: t('It was removed for good.'),
    next: TRASH_PATH,
    isFinal: true,
    subject: (request) => request.context.get(trash).show(request.actor, idParam(request)),
    name: (one) => one.name,
    text: ({ mailboxes }) =>
      t(
        {
          one: 'It goes with {{count}} mailbox and its mail.',
          other: 'It goes with {{count}} mailboxes and their mail.',
        },
        { count: mailboxes },
      ),
    crumbs: ({ name }) => [top, { label: name }, { label: t('Remove for good') }],
    remove: ({ context, actor }, one) => context.get(trash).purge(actor, one.pk),
  }),
];
