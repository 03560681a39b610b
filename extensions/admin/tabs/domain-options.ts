import { accounts, field, isProblem, mayCreateAccount, messages, wizardStep } from '@posthorn/sdk';
import { domainWizard } from '../contract/forms.js';
import { DOMAIN_ADMINS } from '../contract/names.js';
import { adminParameters } from '../contract/parameters.js';
import { domains, mailboxes } from '../contract/services.js';
import { lowerRoles } from '../policy/scope.js';
import { rememberMade } from './made-passwords.js';

const t = messages('admin');

const POSTMASTER = 'postmaster';

interface Password {
  readonly hash: string;
  /** Only of one that was made up. */
  readonly text: string | undefined;
}

/** Made by `validate`, used by `save`: both get the same values. */
const passwords = new WeakMap<object, Password>();

/** An administrator for the new domain, for those who may make one. */
export const domainOptions = wizardStep(
  domainWizard,
  {
    id: 'options',
    title: t('Administrator'),
    shape: {
      create_dom_admin: field.boolean({
        label: t('Create an administrator'),
        help: t('An account that manages this domain.'),
      }),
      dom_admin_username: field.string({
        label: t('Username'),
        help: t('What stands before the @.'),
        min: 1,
        max: 64,
      }),
      random_password: field.boolean({
        label: t('Make up a password'),
        help: t('It is shown once, after the domain was created.'),
      }),
      password: field
        .secret({ label: t('Password'), help: t('Empty: the default password, where the parameters have one.') })
        .default(''),
      with_mailbox: field.boolean({ label: t('With a mailbox') }),
      create_aliases: field.boolean({
        label: t('Create the usual aliases'),
        help: t('Mail to postmaster goes to the administrator.'),
      }),
    },
    sections: [
      {
        title: t('Account'),
        fields: ['create_dom_admin', 'dom_admin_username', 'random_password', 'password'],
      },
      { title: t('Mail'), fields: ['with_mailbox', 'create_aliases'] },
    ],
    conditions: {
      dom_admin_username: { field: 'create_dom_admin', is: [true] },
      random_password: { field: 'create_dom_admin', is: [true] },
      password: { field: 'random_password', is: [false] },
      with_mailbox: { field: 'create_dom_admin', is: [true] },
      create_aliases: { field: 'with_mailbox', is: [true] },
    },
    when: ({ actor, context }) => actor.can('core.add_user') && lowerRoles(context, actor).includes(DOMAIN_ADMINS),
    load: async () => ({
      create_dom_admin: false,
      dom_admin_username: 'admin',
      random_password: true,
      with_mailbox: true,
      create_aliases: true,
    }),
    async validate(values, { actor, context }) {
      const { create_dom_admin, dom_admin_username: username, random_password: isRandom } = values;
      if (!create_dom_admin) return [];
      if (username.includes('@')) return [{ path: 'dom_admin_username', message: t('must not contain @') }];
      // Said here already: the domain can be made all the same, without an administrator.
      try {
        await context.data.write(() => context.call(mayCreateAccount, { actor, role: DOMAIN_ADMINS, count: 1 }));
      } catch (error) {
        if (!isProblem(error) || error.status >= 500) throw error;
        return [{ path: 'create_dom_admin', message: error.text }];
      }
      const service = context.get(accounts);
      const text = isRandom ? await service.randomPassword() : undefined;
      const { default_password: usual } = await context.parameters(adminParameters);
      const typed = values.password === '' ? usual : values.password;
      // A slow hash must not hold the database, so it is made before the form's transaction begins.
      const hash = await service.hash(text ?? typed, { username });
      passwords.set(values, { hash, text });
      return [];
    },
    async save(values, { actor, subject, context }) {
      const password = passwords.get(values);
      if (!values.create_dom_admin || subject === undefined || password === undefined) return undefined;
      const local = values.dom_admin_username.toLowerCase();
      const wantsAliases =
        values.with_mailbox && values.create_aliases && subject.type === 'domain' && local !== POSTMASTER;
      const account = await context.get(mailboxes).create(actor, {
        username: `${local}@${subject.name}`,
        role: DOMAIN_ADMINS,
        passwordHash: password.hash,
        mailbox: values.with_mailbox ? { use_domain_quota: true } : null,
        domains: [subject.name],
        ...(wantsAliases ? { aliases: [`${POSTMASTER}@${subject.name}`] } : {}),
      });
      const domain = await context.get(domains).show(actor, subject.pk);
      if (password.text !== undefined) rememberMade(domain, { username: account.username, password: password.text });
      return domain;
    },
  },
  { order: 100 },
);
