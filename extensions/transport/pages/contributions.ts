import {
  action,
  type Contribution,
  field,
  isProblem,
  menuEntry,
  messages,
  type PageAnswer,
  type PageRequest,
  page,
  redirect,
  view,
} from '@posthorn/sdk';
import { transportBackends } from '../contract/backends.js';
import { type TransportView, transports } from '../contract/services.js';
import { problem } from '../problems.js';
import { backendOf } from '../services/settings.js';
import { formAnswer, idParam, LIST, type Shown, typedInput, valuesOf } from './form.js';

const t = messages('transport');

/** Rows of one page. */
const SIZE = 50;
/** The address of the form for a service that nobody knows: no service can be called like this. */
const OTHER = '-';

const list = page({
  path: LIST,
  permission: 'transport.view_transport',
  query: {
    q: field.string({ label: t('Search'), max: 253 }).default(''),
    after: field.string({ label: t('After'), max: 253 }).default(''),
  },
  async load({ context, actor, query, url }) {
    const rows: TransportView[] = [];
    const filter = { search: query.q, after: query.after, limit: SIZE + 1 };
    for await (const row of context.get(transports).list(actor, filter)) rows.push(row);
    const shown = rows.slice(0, SIZE);
    const next = new URL(url);
    next.searchParams.set('after', shown.at(-1)?.pattern ?? '');
    return view('transports', t('Transports'), {
      rows: shown.map((row) => ({ ...row, title: backendOf(context, row.service)?.title ?? row.service })),
      next: rows.length > SIZE ? `${next.pathname}${next.search}` : '',
      url,
      filters: { q: query.q },
      can: {
        add: actor.can('transport.add_transport'),
        edit: actor.can('transport.change_transport'),
        remove: actor.can('transport.delete_transport'),
      },
    });
  },
});

const choice = page({
  path: '/transport/new/',
  permission: 'transport.add_transport',
  load: async ({ context }) =>
    view('choice', t('New transport'), {
      services: [
        ...context.items(transportBackends).map(({ item }) => ({
          title: item.title,
          text: item.summary,
          href: `/transport/new/${item.service}/`,
        })),
        {
          title: t('Another service'),
          text: t('A service of master.cf that Posthorn knows nothing about.'),
          href: `/transport/new/${OTHER}/`,
        },
      ],
    }),
});

const newForm = ({ context, params }: PageRequest): Shown => {
  const service = params.service === OTHER ? undefined : params.service;
  const backend = service === undefined ? undefined : backendOf(context, service);
  if (service !== undefined && backend === undefined) throw problem('E_TRANSPORT_NOT_FOUND', { name: '?' });
  return { service, title: t('New transport'), submit: t('Create transport'), values: {} };
};

const changeForm = async (request: PageRequest): Promise<Shown & { readonly pk: number }> => {
  const found = await request.context.get(transports).show(request.actor, idParam(request));
  const isKnown = backendOf(request.context, found.service) !== undefined;
  return {
    pk: found.pk,
    service: isKnown ? found.service : undefined,
    title: t('Edit {{name}}', { name: found.pattern }),
    submit: t('Save changes'),
    values: valuesOf(found),
  };
};

/** Saves what was typed, or shows the form again with what is wrong. */
async function saving(request: PageRequest, shown: Shown, save: () => Promise<unknown>): Promise<PageAnswer> {
  try {
    await save();
  } catch (error) {
    if (!isProblem(error) || (error.status >= 500 && error.kind !== 'temporary')) throw error;
    return formAnswer(request, shown, error);
  }
  request.notice('success', t('The transport was saved.'));
  return redirect(LIST);
}

const creation: readonly Contribution[] = [
  page({
    path: '/transport/new/:service/',
    permission: 'transport.add_transport',
    load: async (request) => formAnswer(request as PageRequest, newForm(request as PageRequest)),
  }),
  action({
    path: '/transport/new/:service/',
    permission: 'transport.add_transport',
    run: async (given) => {
      const request = given as PageRequest;
      const shown = newForm(request);
      const { context, actor } = request;
      return saving(request, shown, async () =>
        context.get(transports).create(actor, typedInput(request, shown.service)),
      );
    },
  }),
];

const change: readonly Contribution[] = [
  page({
    path: '/transport/:id/edit/',
    permission: 'transport.change_transport',
    load: async (request) => formAnswer(request as PageRequest, await changeForm(request as PageRequest)),
  }),
  action({
    path: '/transport/:id/edit/',
    permission: 'transport.change_transport',
    run: async (given) => {
      const request = given as PageRequest;
      const shown = await changeForm(request);
      const { context, actor } = request;
      return saving(request, shown, async () =>
        context.get(transports).update(actor, shown.pk, typedInput(request, shown.service)),
      );
    },
  }),
];

const removal: readonly Contribution[] = [
  page({
    path: '/transport/:id/delete/',
    permission: 'transport.delete_transport',
    async load(request) {
      const { pattern } = await request.context.get(transports).show(request.actor, idParam(request as PageRequest));
      const text = t('Mail for {{pattern}} is no longer handed on.', { pattern });
      return view('delete', t('Delete transport'), { action: request.url.pathname, text, cancel: LIST });
    },
  }),
  action({
    path: '/transport/:id/delete/',
    permission: 'transport.delete_transport',
    async run(request) {
      await request.context.get(transports).remove(request.actor, idParam(request as PageRequest));
      request.notice('success', t('The transport was deleted.'));
      return redirect(LIST);
    },
  }),
];

export const transportPages: readonly Contribution[] = [
  menuEntry(
    {
      area: 'main',
      label: t('Transports'),
      href: LIST,
      icon: 'route',
      permission: 'transport.view_transport',
      group: t('Mail'),
    },
    { order: 40 },
  ),
  list,
  choice,
  ...creation,
  ...change,
  ...removal,
];
