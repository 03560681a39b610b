import {
  type Actor,
  type ExtensionContext,
  type FormTabDefinition,
  field,
  formTab,
  messages,
  type Values,
  wizardStep,
} from '@posthorn/sdk';
import { accountEditor, accountWizard } from '../contract/forms.js';
import { SIMPLE_USERS } from '../contract/names.js';
import { adminParameters } from '../contract/parameters.js';
import { aliases, mailboxes, senderAddresses } from '../contract/services.js';
import type { AccountView } from '../contract/views.js';
import { accountBefore } from './account-before.js';
import { passOnMade } from './made-passwords.js';

const t = messages('admin');

/** More than one form can sensibly show; whoever has more keeps them, untouched, on the identities page. */
const MANY = 200;

const shape = {
  has_mailbox: field
    .boolean({ label: t('Mailbox'), help: t('Without it the account can only sign in here.') })
    .default(true),
  full_address: field.string({ label: t('Address'), help: t('Empty: the username is the address.') }).default(''),
  use_domain_quota: field.boolean({ label: t('As the domain says') }).default(true),
  quota: field.size({ label: t('Quota'), help: t('0 is no limit') }).default(0),
  refuses_mail: field
    .boolean({
      label: t('Refuse mail'),
      help: t(
        'New mail goes back to its sender; a forward goes on, without a copy here. A disabled account alone still gets its mail.',
      ),
    })
    .default(false),
  aliases: field
    .list(field.string({ label: t('Alias'), max: 320 }), {
      label: t('Aliases'),
      help: t('More addresses that lead to the mailbox, one on each line.'),
      max: MANY,
    })
    .default([]),
  senderaddresses: field
    .list(field.string({ label: t('Sender address'), max: 320 }), {
      label: t('Sender addresses'),
      help: t('Other addresses that the account may send from, one on each line.'),
      max: MANY,
    })
    .default([]),
  domains: field
    .list(field.string({ label: t('Domain'), max: 320 }), {
      label: t('Administered domains'),
      help: t('Only for accounts whose role administers; one on each line.'),
    })
    .default([]),
};

/** The mailbox of an account, the addresses that lead to it and the domains that the account administers. */
const mail: FormTabDefinition<AccountView, typeof shape> = {
  id: 'mail',
  title: t('Mail'),
  shape,
  sections: [
    { title: t('Mailbox'), fields: ['has_mailbox', 'full_address', 'refuses_mail'] },
    { title: t('Quota'), text: t('Sizes take a unit: 500 MB, 2G, 1.5 GiB.'), fields: ['use_domain_quota', 'quota'] },
    { title: t('Addresses'), fields: ['aliases', 'senderaddresses'] },
    { title: t('Administration'), fields: ['domains'] },
  ],
  conditions: {
    full_address: { field: 'has_mailbox', is: [true] },
    refuses_mail: { field: 'has_mailbox', is: [true] },
    use_domain_quota: { field: 'has_mailbox', is: [true] },
    quota: { field: 'use_domain_quota', is: [false] },
    aliases: { field: 'has_mailbox', is: [true] },
    senderaddresses: { field: 'has_mailbox', is: [true] },
  },
  async load({ subject, actor, context }) {
    if (subject === undefined) return { has_mailbox: true, use_domain_quota: true };
    const { mailbox } = subject;
    const domains: string[] = [...subject.domains];
    if (mailbox === null) return { has_mailbox: false, domains };
    const aliases: string[] = [...(await aliasesOf(context, actor, mailbox.full_address)).keys()];
    const senderaddresses: string[] = [...(await sendersOf(context, actor, mailbox.pk)).keys()];
    return {
      has_mailbox: true,
      // Left empty, it goes on following the username.
      full_address: mailbox.full_address === subject.username ? '' : mailbox.full_address,
      refuses_mail: mailbox.refuses_mail,
      use_domain_quota: mailbox.use_domain_quota,
      quota: mailbox.quota,
      aliases,
      senderaddresses,
      domains,
    };
  },
  save: (values, request) => saveMail(values, request),
};

async function saveMail(
  values: Values<typeof shape>,
  { actor, subject, context }: Parameters<typeof mail.save>[1],
  keepsOld?: boolean,
): Promise<AccountView | undefined> {
  if (subject === undefined) return undefined;
  const { full_address, quota, use_domain_quota: follows, refuses_mail } = values;
  // Simple users always have one; their username is its address.
  const hasMailbox = values.has_mailbox || subject.role === SIMPLE_USERS;
  // Another role may have taken the domains away; the list is as it was shown, so nobody asked for them.
  const before = accountBefore(subject) ?? subject;
  const change = {
    ...(subject.mailbox === null && !hasMailbox ? {} : { mailbox: hasMailbox ? mailboxInput() : null }),
    ...(sameTexts(values.domains, before.domains) ? {} : { domains: values.domains }),
  };
  const saved =
    Object.keys(change).length === 0
      ? subject
      : await context.get(mailboxes).update(actor, subject.pk, {
          ...change,
          ...(keepsOld === undefined ? {} : { create_alias_with_old_address: keepsOld }),
        });
  if (saved.mailbox !== null)
    await saveAddresses(saved, values, [before.mailbox?.full_address, subject.mailbox?.full_address], actor, context);
  passOnMade(subject, saved);
  return saved;

  function mailboxInput() {
    const { role, username, mailbox } = subject as AccountView;
    const wanted = full_address === '' && username.includes('@') ? username : full_address;
    const isSame = wanted === '' || wanted === (mailbox?.full_address ?? username);
    return {
      ...(role === SIMPLE_USERS || isSame ? {} : { full_address: wanted }),
      use_domain_quota: follows,
      refuses_mail,
      ...(follows ? {} : { quota }),
    };
  }
}

const editorShape = {
  ...shape,
  create_alias_with_old_address: field
    .boolean({ label: t('Keep the old address as an alias'), help: t('Where another address was typed above.') })
    .default(false),
};

/** A change may leave the old address behind as an alias. */
const change: FormTabDefinition<AccountView, typeof editorShape> = {
  ...mail,
  shape: editorShape,
  sections:
    mail.sections?.map((section) =>
      section.fields.includes('full_address')
        ? { ...section, fields: [...section.fields, 'create_alias_with_old_address' as const] }
        : section,
    ) ?? [],
  conditions: { ...mail.conditions, create_alias_with_old_address: { field: 'has_mailbox', is: [true] } },
  load: async (request) => ({
    ...(await mail.load(request)),
    create_alias_with_old_address: (await request.context.parameters(adminParameters)).create_alias_on_mbox_rename,
  }),
  save: (values, request) => saveMail(values, request, values.create_alias_with_old_address),
};

export const accountMail = [
  formTab(accountEditor, change, { order: -90 }),
  wizardStep(accountWizard, mail, { order: -90 }),
];

const sameTexts = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.toSorted().every((text, i) => text === b.toSorted()[i]);

/** Aliases that lead to this mailbox and nowhere else, by address; a list is the identities page's. */
async function aliasesOf(
  context: ExtensionContext,
  actor: Actor,
  address: string,
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  if (!actor.can('admin.view_aliases')) return found;
  for await (const alias of context.get(aliases).list(actor, { recipient: address, limit: MANY })) {
    if (alias.recipients.length === 1) found.set(alias.address, alias.pk);
  }
  return found;
}

async function sendersOf(
  context: ExtensionContext,
  actor: Actor,
  mailbox: number,
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  if (!actor.can('admin.view_mailboxes')) return found;
  for await (const one of context.get(senderAddresses).list(actor, { mailbox, limit: MANY })) {
    found.set(one.address, one.pk);
  }
  return found;
}

async function saveAddresses(
  saved: AccountView,
  wanted: { readonly aliases: readonly string[]; readonly senderaddresses: readonly string[] },
  /** Aliases that a change of the address has just made. */
  kept: readonly (string | undefined)[],
  actor: Actor,
  context: ExtensionContext,
): Promise<void> {
  const { mailbox } = saved;
  if (mailbox === null) return;
  const aliasService = context.get(aliases);
  const hadAliases = await aliasesOf(context, actor, mailbox.full_address);
  for (const [address, pk] of hadAliases) {
    if (!wanted.aliases.includes(address) && !kept.includes(address)) await aliasService.remove(actor, pk);
  }
  for (const address of wanted.aliases) {
    if (hadAliases.has(address)) continue;
    await aliasService.create(actor, { address, recipients: [mailbox.full_address] });
  }
  const senders = context.get(senderAddresses);
  const hadSenders = await sendersOf(context, actor, mailbox.pk);
  for (const [address, pk] of hadSenders) {
    if (!wanted.senderaddresses.includes(address)) await senders.remove(actor, pk);
  }
  for (const address of wanted.senderaddresses) {
    if (!hadSenders.has(address)) await senders.create(actor, { address, mailbox: mailbox.pk });
  }
}
