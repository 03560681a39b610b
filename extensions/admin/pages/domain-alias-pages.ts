import {
  action,
  type Contribution,
  field,
  forms,
  isProblem,
  listExport,
  menuEntry,
  messages,
  type PageAnswer,
  type PageRequest,
  type Problem,
  page,
  redirect,
  type Shape,
  view,
} from '@posthorn/sdk';
import { domainAliases } from '../contract/services.js';
import type { DomainAliasView } from '../contract/views.js';
import { DOMAIN_ALIAS_SORTS, domainAliasList, everyDomainAlias } from './domain-alias-list.js';
import { domainHref } from './domain-pages.js';
import type { Crumb } from './editor.js';
import { number } from './format.js';
import { historyOf } from './history.js';
import { pageFields, searchField } from './list-query.js';
import { idParam, removalPages } from './removal.js';
import { undoOf } from './trash-undo.js';

const t = messages('admin');

const LIST = '/admin/domainaliases/';
const EXPORT = `${LIST}export/` as const;
const top: Crumb = { label: t('Domain aliases'), href: LIST };

const list = page({
  path: LIST,
  permission: 'admin.view_domaliases',
  query: {
    q: searchField(),
    sort: field.choice({ label: t('Sort'), choices: DOMAIN_ALIAS_SORTS }).default('name'),
    ...pageFields(),
  },
  async load(request) {
    const { q, ...place } = request.query;
    const { context, actor, url, locale } = request;
    const shown = await domainAliasList(context, actor, { search: q, ...place });
    return view('domain-aliases', t('Domain aliases'), {
      ...shown,
      rows: shown.rows.map((row) => ({
        ...row,
        targetHref: domainHref(row.target),
        history: historyOf(actor, 'domain-alias', row.pk),
      })),
      totalText: number(shown.total, locale),
      url,
      exportPath: EXPORT,
      filters: { q },
      sort: place.sort,
      can: { add: actor.can('admin.add_domainalias'), remove: actor.can('admin.delete_domainalias') },
    });
  },
});

const files = listExport({
  path: EXPORT,
  permission: 'admin.view_domaliases',
  name: 'domain-aliases',
  query: { q: searchField() },
  load: async ({ context, actor, query }) => ({
    columns: [
      { key: 'name', label: t('Name') },
      { key: 'target', label: t('Domain') },
      { key: 'enabled', label: t('Enabled') },
    ],
    chunks: await everyDomainAlias(context, actor, query.q),
    cells: ({ name, target, enabled }) => ({ name, target, enabled }),
  }),
});

const shape = {
  name: field.hostname({ label: t('Name'), help: t('For instance example.org.') }),
  target: field.hostname({ label: t('Domain'), help: t('Mail for the alias goes to this domain.') }),
  enabled: field.boolean({ label: t('Enabled') }).default(true),
} satisfies Shape;

function formAnswer(request: PageRequest, values: Readonly<Record<string, string>>, problem?: Problem): PageAnswer {
  const form = request.context.get(forms).single(shape, {
    request,
    action: `${LIST}new/`,
    submit: t('Create domain alias'),
    cancel: LIST,
    values: { enabled: true, ...values },
    ...(problem === undefined ? {} : { problem }),
  });
  const crumbs: readonly Crumb[] = [top, { label: t('New domain alias') }];
  const status = problem?.kind === 'temporary' ? 503 : 422;
  return view('host:form', t('New domain alias'), { form, crumbs }, problem === undefined ? undefined : status);
}

const creation: readonly Contribution[] = [
  page({
    path: '/admin/domainaliases/new/',
    permission: 'admin.add_domainalias',
    query: { target: field.string({ label: t('Domain'), max: 255 }).default('') },
    load: async (request) => formAnswer(request, { target: request.query.target }),
  }),
  action({
    path: '/admin/domainaliases/new/',
    permission: 'admin.add_domainalias',
    body: shape,
    async run(request) {
      const { context, actor, body } = request;
      try {
        await context.get(domainAliases).create(actor, body);
      } catch (error) {
        if (!isProblem(error) || (error.status >= 500 && error.kind !== 'temporary')) throw error;
        return formAnswer(request, {}, error);
      }
      request.notice('success', t('The domain alias was created.'));
      return redirect(LIST);
    },
    onInvalid: async (request, problem) => formAnswer(request, {}, problem),
  }),
];

const removal = removalPages<DomainAliasView>({
  path: '/admin/domainaliases/:id/delete/',
  permission: 'admin.delete_domainalias',
  title: t('Delete domain alias'),
  done: t('The domain alias was deleted.'),
  next: LIST,
  subject: (request) => request.context.get(domainAliases).show(request.actor, idParam(request)),
  name: (alias) => alias.name,
  text: ({ name, target_name }) => t('Mail for {{name}} no longer reaches {{target}}.', { name, target: target_name }),
  crumbs: (alias) => [top, { label: alias.name }, { label: t('Delete') }],
  remove: ({ context, actor }, alias) => context.get(domainAliases).remove(actor, alias.pk),
  undo: (request, alias) => undoOf(request, 'domain-alias', alias.pk),
});

export const domainAliasPages: readonly Contribution[] = [
  menuEntry(
    {
      area: 'main',
      label: t('Domain aliases'),
      href: LIST,
      icon: 'at',
      permission: 'admin.view_domaliases',
      group: t('Mail'),
    },
    { order: 30 },
  ),
  list,
  ...files,
  ...creation,
  ...removal,
];
