import { type Actor, accounts, collection, endpoint, field, messages, z } from '@posthorn/sdk';
import { type AccountView, type MailboxInput, mailboxes } from '../contract.js';
import { blaming } from './blame.js';
import { ignoredOfAccounts, ignoredOfMailboxes } from './ignored.js';
import {
  changed,
  filtered,
  flag,
  given,
  keepdir,
  keyBy,
  megabytes,
  name,
  PK,
  partOf,
  pk,
  seen,
  visible,
} from './shared.js';

const t = messages('admin');
const path = '/accounts/';
const one = '/accounts/:pk/';

const mailboxItem = {
  pk,
  full_address: z.string(),
  use_domain_quota: z.boolean(),
  quota: z.int(),
  refuses_mail: z.boolean(),
};
const item = {
  pk,
  username: z.string(),
  first_name: z.string(),
  last_name: z.string(),
  is_active: z.boolean(),
  // For super administrators.
  master_user: z.boolean().optional(),
  mailbox: z.object(mailboxItem).nullable(),
  role: z.string(),
  language: z.string(),
  phone_number: z.string().nullable(),
  secondary_email: z.string().nullable(),
  domains: z.array(z.string()).readonly(),
  date_joined: z.string(),
  last_login: z.string().nullable(),
};
const { master_user: _, ...itemOfOthers } = item;
const shownToSuper = partOf(item);
const shownToOthers = partOf(itemOfOthers);
const shownTo =
  (actor: Actor) =>
  (view: AccountView): z.input<z.ZodObject<typeof item>> => ({
    ...(actor.isSuperuser ? shownToSuper(view) : shownToOthers(view)),
    // Version 1 says of a mailbox what it always said.
    mailbox: view.mailbox && partOf(mailboxItem)(view.mailbox),
  });

const mailbox = z.strictObject({
  full_address: z.string().max(320).optional(),
  quota: megabytes('Quota').nullable().optional(),
  use_domain_quota: z.boolean().optional(),
  refuses_mail: z.boolean().optional(),
  ...Object.fromEntries(ignoredOfMailboxes.map((ignored) => [ignored, z.unknown().optional()])),
});

const settings = {
  role: name('Role').optional(),
  password: field.secret({ label: t('Password') }).optional(),
  random_password: flag('Random password').optional(),
  first_name: name('First name').optional(),
  last_name: name('Last name').optional(),
  is_active: flag('Active').optional(),
  master_user: flag('Master user').optional(),
  language: name('Language').optional(),
  phone_number: name('Phone number').nullable().optional(),
  secondary_email: name('Secondary e-mail').nullable().optional(),
  // Null is what GET answers where there is none, and says nothing.
  mailbox: mailbox.nullable().optional(),
  domains: z.array(z.string().max(320)).max(10_000).meta({ title: 'Domains' }).optional(),
};

interface Sent {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly random_password?: boolean | undefined;
  readonly mailbox?: z.output<typeof mailbox> | null | undefined;
}

/** What services take. A password that is empty is none. */
function inputOf<B extends Sent>({ mailbox: sent, random_password: _, password, ...rest }: B) {
  return given({
    ...rest,
    ...(password === undefined || password === '' ? {} : { password }),
    ...(sent === null || sent === undefined ? {} : { mailbox: mailboxOf(sent) }),
  });
}

const mailboxOf = ({ full_address, quota, use_domain_quota, refuses_mail }: z.output<typeof mailbox>): MailboxInput =>
  given(
    Object.fromEntries(
      Object.entries({ full_address, quota, use_domain_quota, refuses_mail }).filter(
        ([, value]) => value !== undefined,
      ),
    ),
  );

export const accountEndpoints = [
  collection({
    path,
    permission: 'signed-in',
    summary: t('List accounts'),
    query: {
      domain: name('Domain').optional(),
      search: name('Search').optional(),
      role: field.string({ label: t('Role'), max: 30 }).optional(),
    },
    item,
    examples: [{}, { query: { search: 'anna' } }, { query: { domain: 'example.test', limit: '50' } }],
    sorts: ['username', 'pk'],
    keyOf: keyBy((row) => row.username),
    rows: ({ actor, context, query, page }) =>
      visible(() => context.get(mailboxes).list(actor, { ...page, ...filtered(query) }), shownTo(actor)),
  }),
  endpoint({
    method: 'POST',
    path,
    permission: 'core.add_user',
    summary: t('Create an account'),
    description: t('Simple users get a mailbox; without one in the body it has the default quota of its domain.'),
    body: { username: name('Username'), ...settings },
    ignores: ignoredOfAccounts,
    isTriable: true,
    returns: item,
    status: 201,
    errors: ['conflict', 'not-found'],
    examples: [
      { body: { username: 'carol@example.test', role: 'SimpleUsers', password: 'Toto1234' } },
      {
        body: {
          username: 'boss@example.test',
          role: 'DomainAdmins',
          random_password: true,
          mailbox: { full_address: 'boss@example.test', use_domain_quota: true },
          domains: ['example.test'],
        },
      },
    ],
    run: ({ actor, context, body }) =>
      blaming(async () => {
        const input = inputOf(body);
        const password = body.random_password === true ? await context.get(accounts).randomPassword() : input.password;
        const made = { ...input, ...(password === undefined ? {} : { password }) };
        return shownTo(actor)(await context.get(mailboxes).create(actor, made));
      }, 'domain'),
  }),
  endpoint({
    method: 'GET',
    path: '/accounts/exists/',
    permission: 'signed-in',
    summary: t('Whether an account has this address'),
    description: t('Among the accounts that you may see.'),
    query: { email: field.string({ label: t('Address'), min: 1, max: 320 }) },
    returns: { exists: z.boolean() },
    examples: [{ query: { email: 'anna@example.test' } }],
    run: async ({ actor, context, query }) => {
      const found = visible(
        () => context.get(mailboxes).list(actor, { email: query.email, limit: 1 }),
        ({ pk: number }) => number,
      );
      const first = await found.next();
      await found.return(undefined);
      return { exists: first.done !== true };
    },
  }),
  endpoint({
    method: 'GET',
    path: one,
    params: PK,
    permission: 'signed-in',
    summary: t('Show an account'),
    returns: item,
    errors: ['not-found'],
    examples: [{ params: { pk: 1 } }],
    run: ({ actor, context, params }) =>
      seen(params.pk, async () => shownTo(actor)(await context.get(mailboxes).show(actor, params.pk))),
  }),
  ...(['PUT', 'PATCH'] as const).map((method) =>
    endpoint({
      method,
      path: one,
      params: PK,
      permission: 'core.change_user',
      summary: t('Change an account'),
      description: t('What is not sent stays as it is; a list of domains that is sent replaces the one before.'),
      body: { username: name('Username').optional(), ...settings },
      ignores: ignoredOfAccounts,
      isTriable: true,
      returns: item,
      errors: ['not-found', 'conflict', 'refused'],
      examples: [
        { params: { pk: 2 }, body: { first_name: 'Anna', phone_number: '+33612345678' } },
        { params: { pk: 2 }, body: { mailbox: { full_address: 'anna@example.test', quota: '500M' } } },
      ],
      run: ({ actor, context, params, body }) =>
        blaming(async () => {
          const service = context.get(mailboxes);
          const before = shownTo(actor)(await service.show(actor, params.pk));
          const sent = changed(before, body);
          // An address that stays is said to be another one's than the name.
          const kept = body.mailbox === undefined || sent.username === undefined ? {} : { mailbox: body.mailbox };
          const input = inputOf({ ...sent, ...kept });
          return shownTo(actor)(await service.update(actor, params.pk, input));
        }, 'domain'),
    }),
  ),
  endpoint({
    method: 'DELETE',
    path: one,
    params: PK,
    query: keepdir,
    permission: 'core.delete_user',
    summary: t('Delete an account'),
    isTriable: true,
    errors: ['not-found', 'refused'],
    examples: [{ params: { pk: 2 } }],
    run: ({ actor, context, params, query }) => context.get(mailboxes).remove(actor, params.pk, given(query)),
  }),
  endpoint({
    method: 'PUT',
    path: '/accounts/:pk/password/',
    params: PK,
    permission: 'core.change_user',
    summary: t('Change a password'),
    body: {
      password: field.secret({ label: t('Password') }),
      new_password: field.secret({ label: t('New password') }),
    },
    status: 200,
    isTriable: true,
    errors: ['not-found', 'refused'],
    examples: [{ params: { pk: 2 }, body: { password: 'Toto1234', new_password: 'Toto12345' } }],
    run: async ({ actor, context, params, body }) => {
      await context.get(mailboxes).changePassword(actor, params.pk, body.password, body.new_password);
    },
  }),
];
