import {
  accounts,
  type FormTabDefinition,
  field,
  formTab,
  type Issue,
  messages,
  SUPER_ADMINS,
  type Values,
  wizardStep,
} from '@posthorn/sdk';
import { accountEditor, accountWizard } from '../contract/forms.js';
import { DOMAIN_ADMINS, RESELLERS, SIMPLE_USERS } from '../contract/names.js';
import { adminParameters } from '../contract/parameters.js';
import { mailboxes } from '../contract/services.js';
import type { AccountView } from '../contract/views.js';
import { accountLetterIssues, sendAccountLetter } from '../letters/account-letter.js';
import { rememberBefore } from './account-before.js';
import { rememberMade } from './made-passwords.js';

const t = messages('admin');

const ROLES = [SIMPLE_USERS, DOMAIN_ADMINS, RESELLERS, SUPER_ADMINS] as const;
const ROLE_LABELS = {
  [SIMPLE_USERS]: t('Simple user'),
  [DOMAIN_ADMINS]: t('Domain administrator'),
  [RESELLERS]: t('Reseller'),
  [SUPER_ADMINS]: t('Super administrator'),
};
type RoleName = (typeof ROLES)[number];

const optional = (text: string): string | null => (text === '' ? null : text);

/** Made by `validate`, used by `save`: both get the same values. */
const passwords = new WeakMap<object, { readonly hash: string; readonly text: string; readonly isMadeUp: boolean }>();

const shape = {
  username: field.string({
    label: t('Username'),
    help: t('A simple user signs in with the mail address.'),
    min: 1,
  }),
  role: field.choice({ label: t('Role'), choices: ROLES, labels: ROLE_LABELS }).default(SIMPLE_USERS),
  random_password: field
    .boolean({ label: t('Make up a password'), help: t('It is shown once, after the account was saved.') })
    .default(false),
  password: field
    .secret({ label: t('Password'), help: t('A new account needs one. Empty keeps the present one.') })
    .optional(),
  is_active: field.boolean({ label: t('Enabled'), help: t('Only enabled accounts can sign in.') }).default(true),
  first_name: field.string({ label: t('First name'), max: 100 }).default(''),
  last_name: field.string({ label: t('Last name'), max: 100 }).default(''),
  secondary_email: field.string({ label: t('Secondary address'), help: t('For a forgotten password.') }).default(''),
  phone_number: field.string({ label: t('Phone number'), max: 40 }).default(''),
};

/** What only the wizard asks. */
const wizardShape = {
  ...shape,
  send_letter: field
    .boolean({ label: t('Send a letter'), help: t('To the secondary address, when the account is made.') })
    .default(false),
};

/** Who the account is. The first tab, so that the mail tab finds the account that it made. */
const general: FormTabDefinition<AccountView, typeof shape> = {
  id: 'general',
  title: t('General'),
  shape,
  sections: [
    { title: t('Sign-in'), fields: ['username', 'random_password', 'password', 'role', 'is_active'] },
    { title: t('Person'), fields: ['first_name', 'last_name', 'secondary_email', 'phone_number'] },
  ],
  conditions: { password: { field: 'random_password', is: [false] } },
  async load({ subject }) {
    if (subject === undefined) return { role: SIMPLE_USERS as RoleName, is_active: true };
    const { username, role, is_active, first_name, last_name, secondary_email, phone_number } = subject;
    return {
      username,
      role: role as RoleName,
      is_active,
      first_name,
      last_name,
      secondary_email: secondary_email ?? '',
      phone_number: phone_number ?? '',
    };
  },
  async validate(values, { subject, context }): Promise<readonly Issue[]> {
    const service = context.get(accounts);
    const isMadeUp = values.random_password;
    const text = isMadeUp ? await service.randomPassword() : (values.password ?? '');
    const issues = wantsLetter(values) ? await accountLetterIssues(context, values.secondary_email) : [];
    if (text !== '') {
      // A slow hash must not hold the database, so it is made before the form's transaction begins.
      passwords.set(values, { hash: await service.hash(text, { username: values.username }), text, isMadeUp });
      return issues;
    }
    return subject === undefined
      ? [...issues, { path: 'password', message: t('A new account needs a password.') }]
      : issues;
  },
  async save(given, { actor, subject, context }) {
    const { secondary_email, phone_number, send_letter: _, random_password: __, ...typed } = given as WizardValues;
    const { password: ___, ...rest } = typed;
    const password = passwords.get(given);
    const values = {
      ...rest,
      secondary_email: optional(secondary_email),
      phone_number: optional(phone_number),
      ...(password === undefined ? {} : { passwordHash: password.hash }),
    };
    const service = context.get(mailboxes);
    // A new account gets its mailbox from the mail tab, with what was typed there.
    const saved =
      subject === undefined
        ? await service.create(actor, { ...values, mailbox: null })
        : await service.update(actor, subject.pk, changesOf(values, subject));
    if (wantsLetter(given)) await sendAccountLetter(context, saved, password?.text);
    if (password?.isMadeUp === true) rememberMade(saved, { username: saved.username, password: password.text });
    return saved;
  },
};

const editorShape = {
  ...shape,
  create_alias_with_old_address: field
    .boolean({
      label: t('Keep the old address as an alias'),
      help: t('Where the address of the mailbox follows the username.'),
    })
    .default(false),
};

/** A change may leave the old address behind as an alias. */
const change: FormTabDefinition<AccountView, typeof editorShape> = {
  ...general,
  shape: editorShape,
  sections: [
    {
      title: t('Sign-in'),
      fields: ['username', 'create_alias_with_old_address', 'random_password', 'password', 'role', 'is_active'],
    },
    { title: t('Person'), fields: ['first_name', 'last_name', 'secondary_email', 'phone_number'] },
  ],
  load: async (request) => ({
    ...(await general.load(request)),
    create_alias_with_old_address: (await request.context.parameters(adminParameters)).create_alias_on_mbox_rename,
  }),
  async save(values, scope) {
    const saved = await general.save(values, scope);
    rememberBefore(saved, scope.subject);
    return saved;
  },
};

export const accountGeneral = [
  formTab(accountEditor, change, { order: -100 }),
  wizardStep<AccountView, typeof wizardShape>(
    accountWizard,
    {
      ...general,
      shape: wizardShape,
      sections: [
        ...(general.sections ?? []).slice(0, 1),
        { title: t('Person'), fields: ['first_name', 'last_name', 'secondary_email', 'phone_number', 'send_letter'] },
      ],
    } as FormTabDefinition<AccountView, typeof wizardShape>,
    { order: -100 },
  ),
];

type WizardValues = Values<typeof wizardShape>;
const wantsLetter = (values: object): boolean => (values as Partial<WizardValues>).send_letter === true;

/** Only what is different: an administrator may edit an account without the right to give it the role that it has. */
function changesOf<V extends Readonly<Record<string, unknown>>>(values: V, before: object): Partial<V> {
  const was = before as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => name === 'passwordHash' || value !== (was[name] ?? null)),
  ) as Partial<V>;
}
