import { action, type Contribution, field, messages, type PageRequest, redirect } from '@posthorn/sdk';
import { domainEditor, domainWizard } from '../contract/forms.js';
import { domains } from '../contract/services.js';
import type { DomainView } from '../contract/views.js';
import { domainHref } from './domain-pages.js';
import { type Crumb, editorPages } from './editor.js';
import { madePassword } from './made-password.js';
import { removalPages } from './removal.js';
import { undoOf } from './trash-undo.js';
import { versionOf } from './version.js';

const t = messages('admin');

const LIST = '/admin/domains/';
const top: Crumb = { label: t('Domains'), href: LIST };
const of = (domain: DomainView): Crumb => ({ label: domain.name, href: domainHref(domain.name) });

const common = {
  row: {
    table: 'admin_domain',
    read: ({ context, actor }: PageRequest, pk: number) => context.get(domains).show(actor, pk),
  },
  version: ({ name, type, enabled, quota, default_mailbox_quota, last_modification }: DomainView) =>
    versionOf(name, type, enabled, quota, default_mailbox_quota, last_modification),
};

const creation = editorPages<DomainView>({
  ...common,
  form: { steps: domainWizard },
  path: '/admin/domains/new/',
  permission: 'admin.add_domain',
  submit: t('Create domain'),
  done: t('The domain was created.'),
  subject: async () => undefined,
  title: () => t('New domain'),
  crumbs: () => [top, { label: t('New domain') }],
  back: () => LIST,
  next: (domain) => (domain === undefined ? LIST : domainHref(domain.name)),
  answer: (domain) => domain && madePassword(domain, [top, of(domain)]),
});

const change = editorPages<DomainView>({
  ...common,
  form: { tabs: domainEditor },
  path: '/admin/domains/:name/edit/',
  permission: 'admin.change_domain',
  submit: t('Save changes'),
  done: t('The domain was saved.'),
  subject: ({ context, actor, params }) => context.get(domains).show(actor, params.name ?? ''),
  title: (domain) => t('Edit {{name}}', { name: domain?.name ?? '' }),
  crumbs: (domain) => [top, ...(domain === undefined ? [] : [of(domain)]), { label: t('Edit') }],
  back: (domain) => (domain === undefined ? LIST : domainHref(domain.name)),
  next: (domain) => (domain === undefined ? LIST : domainHref(domain.name)),
});

const removal = removalPages<DomainView>({
  path: '/admin/domains/:name/delete/',
  permission: 'admin.delete_domain',
  title: t('Delete domain'),
  done: t('The domain was deleted.'),
  next: LIST,
  hasDirectories: true,
  subject: ({ context, actor, params }) => context.get(domains).show(actor, params.name ?? ''),
  name: (domain) => domain.name,
  text: ({ name, mailbox_count, mbalias_count }) =>
    t('{{name}} goes with {{mailboxes}} and {{aliases}}.', {
      name,
      mailboxes: t({ one: '{{count}} mailbox', other: '{{count}} mailboxes' }, { count: mailbox_count }),
      aliases: t({ one: '{{count}} alias', other: '{{count}} aliases' }, { count: mbalias_count }),
    }),
  crumbs: (domain) => [top, of(domain), { label: t('Delete') }],
  remove: ({ context, actor }, domain, keepdir) => context.get(domains).remove(actor, domain.pk, { keepdir }),
  undo: (request, domain) => undoOf(request, 'domain', domain.pk),
});

const body = { account: field.string({ label: t('Account'), min: 1, max: 254 }) };

const addAdministrator = action({
  path: '/admin/domains/:name/admins/add/',
  permission: 'admin.add_domain',
  body,
  async run(request) {
    const { context, actor, params, body } = request;
    await context.get(domains).addAdmin(actor, params.name, body.account);
    request.notice(
      'success',
      t('{{username}} now administers {{name}}.', { username: body.account, name: params.name }),
    );
    return redirect(domainHref(params.name));
  },
});

const removeAdministrator = action({
  path: '/admin/domains/:name/admins/remove/',
  permission: 'admin.add_domain',
  body,
  async run(request) {
    const { context, actor, params, body } = request;
    await context.get(domains).removeAdmin(actor, params.name, body.account);
    request.notice(
      'success',
      t('{{username}} no longer administers {{name}}.', { username: body.account, name: params.name }),
    );
    return redirect(domainHref(params.name));
  },
});

export const domainEditorPages: readonly Contribution[] = [
  ...creation,
  ...change,
  ...removal,
  addAdministrator,
  removeAdministrator,
];
