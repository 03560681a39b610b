import {
  action,
  type Contribution,
  field,
  messages,
  type PageRequest,
  page,
  redirect,
  regions,
  sessions,
  view,
} from '@posthorn/sdk';
import { accountEditor, accountWizard } from '../contract/forms.js';
import { REGIONS } from '../contract/lists.js';
import { aliases, mailboxes, senderAddresses } from '../contract/services.js';
import type { AccountView } from '../contract/views.js';
import { lowerRoles } from '../policy/scope.js';
import { domainHref, storage } from './domain-pages.js';
import { type Crumb, editorPages } from './editor.js';
import { moment, number } from './format.js';
import { historyOf } from './history.js';
import { LIST } from './identity-pages.js';
import { madePassword } from './made-password.js';
import { idParam, removalPages } from './removal.js';
import { roleLabel } from './role-labels.js';
import { undoOf } from './trash-undo.js';
import { versionOf } from './version.js';

const t = messages('admin');

const top: Crumb = { label: t('Identities'), href: LIST };
const accountHref = ({ pk }: Pick<AccountView, 'pk'>, rest = ''): string => `/admin/accounts/${pk}/${rest}`;
const of = (account: AccountView): Crumb => ({ label: account.username, href: accountHref(account) });

/** As many aliases and sender addresses as a summary shows. */
const FEW = 50;

const detail = page({
  path: '/admin/accounts/:id/',
  permission: 'admin.view_mailboxes',
  async load(request) {
    const { context, actor, locale } = request;
    const account = await context.get(mailboxes).show(actor, idParam(request));
    const { mailbox } = account;
    const addresses: { readonly address: string; readonly href: string }[] = [];
    const senders: string[] = [];
    if (mailbox !== null) {
      if (actor.can('admin.view_aliases')) {
        const filter = { recipient: mailbox.full_address, limit: FEW };
        for await (const { address, pk } of context.get(aliases).list(actor, filter)) {
          addresses.push({ address, href: actor.can('admin.change_alias') ? `/admin/aliases/${pk}/edit/` : '' });
        }
      }
      for await (const one of context.get(senderAddresses).list(actor, { mailbox: mailbox.pk, limit: FEW })) {
        senders.push(one.address);
      }
    }
    return view('account', account.username, {
      account: {
        ...account,
        fullName: `${account.first_name} ${account.last_name}`.trim(),
        roleText: roleLabel(context, account.role),
        joinedText: moment(account.date_joined, request),
        lastLoginText: moment(account.last_login ?? '', request),
        storage: mailbox === null ? undefined : storage(account.quota_used_bytes, mailbox.quota, request),
        messagesText: number(account.quota_used_messages, locale),
        domains: account.domains.map((name) => ({ name, href: domainHref(name) })),
      },
      base: accountHref(account),
      widgets: await context.get(regions).load(REGIONS.account, request),
      addresses,
      senders,
      sessions: await sessionsOf(request, account),
      history: [
        ...historyOf(actor, 'account', account.pk),
        ...(mailbox === null ? [] : historyOf(actor, 'mailbox', mailbox.pk, t('History of the mailbox'))),
      ],
      can: {
        edit: actor.can('core.change_user'),
        remove: actor.can('core.delete_user') && account.pk !== actor.id,
      },
    });
  },
});

/** Where the account is signed in, for those who may change it; one's own devices have a page of their own. */
async function sessionsOf(request: PageRequest, { pk, role }: AccountView) {
  const { context, actor } = request;
  const isBelow = actor.isSuperuser || lowerRoles(context, actor).includes(role);
  if (pk === actor.id || !actor.can('core.change_user') || !isBelow) return undefined;
  return (await context.get(sessions).list(actor, pk)).map(({ id, device, address, createdAt, seenAt }) => ({
    id,
    device,
    address,
    since: moment(createdAt.toISOString(), request),
    seen: moment(seenAt.toISOString(), request),
  }));
}

const endSessions = action({
  path: '/admin/accounts/:id/sessions/end/',
  permission: 'core.change_user',
  body: { session: field.integer({ label: t('Session'), min: 1 }).optional() },
  async run(request) {
    const { context, actor, body } = request;
    const account = await context.get(mailboxes).show(actor, idParam(request));
    const service = context.get(sessions);
    if (body.session === undefined) await service.endAll(actor, account.pk);
    // One that has ended by itself is what was wanted.
    else await service.end(actor, account.pk, body.session);
    request.notice(
      'success',
      body.session === undefined
        ? t('{{username}} was signed out everywhere.', { username: account.username })
        : t('The device was signed out.'),
    );
    return redirect(accountHref(account));
  },
});

const common = {
  row: {
    table: 'core_user',
    read: ({ context, actor }: PageRequest, pk: number) => context.get(mailboxes).show(actor, pk),
  },
  version: ({ username, role, is_active, first_name, last_name, ...rest }: AccountView) =>
    versionOf(username, role, is_active, first_name, last_name, rest.secondary_email, rest.phone_number, rest.mailbox, [
      ...rest.domains,
    ]),
};

const creation = editorPages<AccountView>({
  ...common,
  form: { steps: accountWizard },
  path: '/admin/accounts/new/',
  permission: 'core.add_user',
  submit: t('Create account'),
  done: t('The account was created.'),
  subject: async () => undefined,
  title: () => t('New account'),
  crumbs: () => [top, { label: t('New account') }],
  back: () => LIST,
  next: (account) => (account === undefined ? LIST : accountHref(account)),
  answer: (account) => account && madePassword(account, [top, of(account)]),
});

const change = editorPages<AccountView>({
  ...common,
  form: { tabs: accountEditor },
  path: '/admin/accounts/:id/edit/',
  permission: 'core.change_user',
  submit: t('Save changes'),
  done: t('The account was saved.'),
  subject: (request) => request.context.get(mailboxes).show(request.actor, idParam(request)),
  title: (account) => t('Edit {{name}}', { name: account?.username ?? '' }),
  crumbs: (account) => [top, ...(account === undefined ? [] : [of(account)]), { label: t('Edit') }],
  back: (account) => (account === undefined ? LIST : accountHref(account)),
  next: (account) => (account === undefined ? LIST : accountHref(account)),
  answer: (account) => account && madePassword(account, [top, of(account)]),
});

const removal = removalPages<AccountView>({
  path: '/admin/accounts/:id/delete/',
  permission: 'core.delete_user',
  title: t('Delete account'),
  done: t('The account was deleted.'),
  next: LIST,
  hasDirectories: true,
  subject: (request) => request.context.get(mailboxes).show(request.actor, idParam(request)),
  name: (account) => account.username,
  text: ({ username, mailbox }) =>
    mailbox === null
      ? t('{{username}} can no longer sign in.', { username })
      : t('{{username}} goes with its mailbox {{address}}.', {
          username,
          address: mailbox.full_address,
        }),
  crumbs: (account) => [top, of(account), { label: t('Delete') }],
  remove: ({ context, actor }, account, keepdir) => context.get(mailboxes).remove(actor, account.pk, { keepdir }),
  undo: (request, account) => undoOf(request, 'account', account.pk),
});

export const accountPages: readonly Contribution[] = [...creation, ...change, ...removal, detail, endSessions];
