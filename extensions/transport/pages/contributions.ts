import {
  action,
  type Contribution,
  field,
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
import { loopOf } from '../loop.js';
import { problem } from '../problems.js';
import { backendOf } from '../services/settings.js';
import { formAnswer, idParam, inputOf, LIST, type Shown, shapeOf, valuesOf } from './form.js';

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

/** The service in the address, undefined for one that nobody knows. */
function serviceOf({ context, params }: PageRequest): string | undefined {
  const { service } = params;
  if (service === OTHER) return undefined;
  if (service === undefined || backendOf(context, service) === undefined) {
    throw problem('E_TRANSPORT_NOT_FOUND', { name: '?' });
  }
  return service;
}

const newForm = (request: PageRequest): Shown => ({
  service: serviceOf(request),
  title: t('New transport'),
  submit: t('Create transport'),
  values: {},
});

const subject = (request: PageRequest): Promise<TransportView> =>
  request.context.get(transports).show(request.actor, idParam(request));

const known = ({ context }: PageRequest, service: string): string | undefined =>
  backendOf(context, service) === undefined ? undefined : service;

const changeForm = (request: PageRequest, found: TransportView): Shown => ({
  service: known(request, found.service),
  title: t('Edit {{name}}', { name: found.pattern }),
  submit: t('Save changes'),
  values: valuesOf(found),
});

const saved = (request: PageRequest, transport: TransportView): PageAnswer => {
  request.notice('success', t('The transport was saved.'));
  const warning = loopOf(request.context, transport);
  if (warning !== undefined) request.notice('warning', warning);
  return redirect(LIST);
};

const creation: readonly Contribution[] = [
  page({
    path: '/transport/new/:service/',
    permission: 'transport.add_transport',
    load: async (request) => formAnswer(request, newForm(request)),
  }),
  action({
    path: '/transport/new/:service/',
    permission: 'transport.add_transport',
    body: (request) => shapeOf(request, serviceOf(request)),
    async run(request) {
      const input = inputOf(request, serviceOf(request), request.body);
      return saved(request, await request.context.get(transports).create(request.actor, input));
    },
    onInvalid: async (request, wrong) => formAnswer(request, newForm(request), wrong),
  }),
];

const change: readonly Contribution[] = [
  page({
    path: '/transport/:id/edit/',
    permission: 'transport.change_transport',
    load: async (request) => formAnswer(request, changeForm(request, await subject(request))),
  }),
  action({
    path: '/transport/:id/edit/',
    permission: 'transport.change_transport',
    body: async (request) => shapeOf(request, known(request, (await subject(request)).service)),
    async run(request) {
      const found = await subject(request);
      const input = inputOf(request, known(request, found.service), request.body);
      return saved(request, await request.context.get(transports).update(request.actor, found.pk, input));
    },
    onInvalid: async (request, wrong) => formAnswer(request, changeForm(request, await subject(request)), wrong),
  }),
];

const removal: readonly Contribution[] = [
  page({
    path: '/transport/:id/delete/',
    permission: 'transport.delete_transport',
    async load(request) {
      const { pattern } = await request.context.get(transports).show(request.actor, idParam(request as PageRequest));
      return view('delete', t('Delete transport'), { action: request.url.pathname, pattern });
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
