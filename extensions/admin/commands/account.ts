import { accounts, type CommandContext, command, field, invalid, messages, type PrintableRow } from '@posthorn/sdk';
import { type AccountView, type MailboxInput, mailboxes } from '../contract.js';
import { accountLetterIssues, sendAccountLetter } from '../letters/account-letter.js';
import { nameField, present, rows, search, switched, switches } from './shared-fields.js';

const t = messages('admin');
const noun = 'account';

const username = () => nameField('Username', 'Of a simple user: the address of the mailbox');

const settings = {
  password_file: field
    .string({ label: t('Password file'), help: t('File that holds the password, or - for standard input'), max: 4096 })
    .optional(),
  role: field
    .string({ label: t('Role'), help: t('SimpleUsers, DomainAdmins, Resellers or SuperAdmins'), max: 30 })
    .optional(),
  quota: field
    .size({ label: t('Quota'), help: t('Of the mailbox; without it the default of the domain counts') })
    .optional(),
  mailbox: field.boolean({ label: t('Mailbox'), help: t('Whether the account has a mailbox') }).optional(),
  address: nameField('Address', 'Of the mailbox, where it is not the username').optional(),
  refuse_mail: field
    .boolean({
      label: t('Refuse mail'),
      help: t('Close the mailbox for new mail; a disabled account still gets its mail'),
    })
    .optional(),
  domain: field.list(nameField('Domain'), { label: t('Domains'), help: t('Domains to administer') }).optional(),
  first_name: field.string({ label: t('First name'), max: 100 }).optional(),
  last_name: field.string({ label: t('Last name'), max: 100 }).optional(),
  language: field.string({ label: t('Language'), max: 10 }).optional(),
  phone_number: field.string({ label: t('Phone number'), max: 128 }).optional(),
  secondary_email: field.email({ label: t('Secondary e-mail') }).optional(),
  ...switches,
};

type Settings = {
  -readonly [K in keyof typeof settings]?: NonNullable<ReturnType<(typeof settings)[K]['parse']>> | undefined;
};

/** One flat object: what a view keeps under `mailbox` stands beside the rest. */
const row = ({ mailbox, domains, ...view }: AccountView): PrintableRow => ({
  ...view,
  full_address: mailbox?.full_address ?? null,
  quota: mailbox?.quota ?? null,
  use_domain_quota: mailbox?.use_domain_quota ?? null,
  refuses_mail: mailbox?.refuses_mail ?? null,
  domains,
});

const columns = ['username', 'role', 'is_active', 'full_address', 'quota', 'quota_used_bytes', 'last_login'];

/** What a service takes, from what was typed. */
async function inputOf(
  { password_file, quota, mailbox, address, refuse_mail, domain, enable, disable, ...rest }: Settings,
  context: CommandContext,
) {
  return present({
    ...rest,
    password: password_file === undefined ? undefined : await context.readSecret(password_file),
    is_active: switched({ enable, disable }),
    mailbox: mailbox === false ? null : mailboxOf({ quota, mailbox, address, refuse_mail }),
    domains: domain,
  });
}

function mailboxOf({
  quota,
  mailbox,
  address,
  refuse_mail,
}: Pick<Settings, 'quota' | 'mailbox' | 'address' | 'refuse_mail'>): MailboxInput | undefined {
  if ([quota, address, refuse_mail].every((one) => one === undefined) && mailbox !== true) return undefined;
  return present({
    full_address: address,
    quota,
    use_domain_quota: quota === undefined ? undefined : false,
    refuses_mail: refuse_mail,
  });
}

export const accountCommands = [
  command({
    noun,
    verb: 'create',
    summary: t('Create an account, with a mailbox where the name is an address'),
    description: t('Without --password-file a password is made up and printed once.'),
    examples: [
      'account create alice@example.org --password-file secret.txt',
      'account create bob@example.org --quota 2G',
      'account create carol --role Resellers --no-mailbox',
    ],
    permission: 'core.add_user',
    positional: ['username'],
    input: {
      username: username(),
      send_letter: field
        .boolean({ label: t('Send a letter'), help: t('To the secondary address, when the account is made.') })
        .default(false),
      ...settings,
    },
    async run({ username: name, send_letter, ...typed }, context) {
      const input = await inputOf(typed, context);
      const password = input.password ?? (await context.get(accounts).randomPassword());
      const issues = send_letter ? await accountLetterIssues(context, input.secondary_email) : [];
      if (issues.length > 0) throw invalid(issues);
      const made = await context.get(mailboxes).create(context.actor, { ...input, username: name, password });
      if (send_letter) await sendAccountLetter(context, made, password);
      const created = row(made);
      context.out.item(typed.password_file === undefined ? { ...created, password } : created);
    },
  }),
  command({
    noun,
    verb: 'list',
    summary: t('List accounts'),
    examples: ['account list', 'account list --domain example.org --json', 'account list --role Resellers'],
    permission: 'admin.view_mailboxes',
    input: {
      search: search(),
      domain: nameField('Domain', 'Only accounts with a mailbox in it').optional(),
      role: settings.role,
      ...switches,
    },
    async run({ enable, disable, ...filter }, context) {
      const found = context
        .get(mailboxes)
        .list(context.actor, present({ ...filter, is_active: switched({ enable, disable }) }));
      await context.out.list(rows(found, row), columns);
    },
  }),
  command({
    noun,
    verb: 'show',
    summary: t('Show an account'),
    examples: ['account show alice@example.org'],
    permission: 'admin.view_mailboxes',
    positional: ['username'],
    input: { username: username() },
    async run(input, context) {
      context.out.item(row(await context.get(mailboxes).show(context.actor, input.username)));
    },
  }),
  command({
    noun,
    verb: 'update',
    summary: t('Change an account'),
    examples: [
      'account update alice@example.org --quota 5G',
      'account update alice@example.org --password-file -',
      'account update alice@example.org --disable --refuse-mail',
      'account update alice@example.org --rename alice.smith@example.org',
    ],
    permission: 'core.change_user',
    positional: ['username'],
    input: {
      username: username(),
      rename: nameField('Rename', 'The new name; a mailbox of that name moves with it').optional(),
      keep_old_address: field
        .boolean({ label: t('Keep the old address'), help: t('After a rename, as an alias') })
        .optional(),
      random_password: field.boolean({ label: t('Make up a password'), help: t('It is printed once') }).default(false),
      default_quota: field
        .boolean({ label: t('Default quota'), help: t('Back to the default of the domain') })
        .optional(),
      ...settings,
    },
    async run({ username: key, rename, keep_old_address, default_quota, random_password, ...typed }, context) {
      const { mailbox, ...input } = await inputOf(typed, context);
      const made = random_password ? await context.get(accounts).randomPassword() : undefined;
      const change = present({
        ...input,
        password: made ?? input.password,
        username: rename,
        create_alias_with_old_address: keep_old_address,
        mailbox: default_quota === true && mailbox !== null ? { ...mailbox, use_domain_quota: true } : mailbox,
      });
      const updated = row(await context.get(mailboxes).update(context.actor, key, change));
      context.out.item(made === undefined ? updated : { ...updated, password: made });
    },
  }),
  command({
    noun,
    verb: 'delete',
    summary: t('Delete an account and its mailbox'),
    examples: ['account delete alice@example.org', 'account delete alice@example.org --yes --keep-directories'],
    permission: 'core.delete_user',
    positional: ['username'],
    isDestructive: true,
    input: {
      username: username(),
      keep_directories: field
        .boolean({ label: t('Keep directories'), help: t('Leave the mail on disk') })
        .default(false),
    },
    async run(input, context) {
      await context.confirm(t('Delete the account {{name}} and its mailbox?', { name: input.username }));
      await context.get(mailboxes).remove(context.actor, input.username, { keepdir: input.keep_directories });
      context.out.note(t('The account {{name}} was deleted.', { name: input.username }));
    },
  }),
];
