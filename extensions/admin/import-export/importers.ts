import {
  type Actor,
  accounts,
  type ExtensionContext,
  field,
  type ImportRequest,
  importer,
  isProblem,
  messages,
  type Problem,
  z,
} from '@posthorn/sdk';
import { DOMAIN_ADMINS } from '../contract/names.js';
import {
  accountImported,
  aliases,
  domainAliases,
  domains,
  type MadeAccount,
  mailboxes,
  type NewAccountInput,
} from '../contract.js';
import { exists } from '../services/exists.js';

const t = messages('admin');

const name = (label: Parameters<typeof field.string>[0]['label']) => field.string({ label, min: 1, max: 320 });
/** Whatever is none of these means no. */
const YES = new Set(['true', '1', 'yes', 'y']);
const enabled = z.string().transform((cell) => YES.has(cell.toLowerCase()));
/** Columns that newer programs write behind those that are known. */
const more = field.list(z.string(), { label: t('More columns') }).optional();

const domainRows = importer({
  kind: 'domain',
  title: t('Domains'),
  permission: 'admin.add_domain',
  columns: {
    name: name(t('Name')),
    quota: field.size({ label: t('Quota') }),
    default_mailbox_quota: field.size({ label: t('Default mailbox quota') }),
    enabled,
    more,
  },
  run: async ({ more: _more, ...domain }, { context, actor }) => {
    await context.get(domains).create(actor, domain);
  },
});

const domainAliasRows = importer({
  kind: 'domainalias',
  title: t('Domain aliases'),
  permission: 'admin.add_domainalias',
  columns: { name: name(t('Name')), target: name(t('Target')), enabled, more },
  run: async ({ more: _more, ...alias }, { context, actor }) => {
    await context.get(domainAliases).create(actor, alias);
  },
});

const accountRows = importer({
  kind: 'account',
  title: t('Accounts'),
  permission: 'core.add_user',
  columns: {
    loginname: name(t('Username')),
    password: field.secret({ label: t('Password') }),
    first_name: field.string({ label: t('First name'), max: 100 }),
    last_name: field.string({ label: t('Last name'), max: 100 }),
    enabled,
    role: name(t('Role')),
    address: field.string({ label: t('Address'), max: 320 }),
    quota: z.union([z.literal(''), z.string().transform(Number).pipe(z.int().min(0).max(2_147_483_647))]).optional(),
    domains: field.list(name(t('Domain')), { label: t('Domains') }).optional(),
  },
  prepare: async (row, { context, areClearPasswords }) =>
    areClearPasswords
      ? { ...row, password: await context.get(accounts).hash(row.password, { username: row.loginname }) }
      : row,
  run: async (row, request) => {
    const [made] = await makeAccounts([row], request);
    if (isProblem(made)) throw made;
  },
  runMany: (rows, request) => makeAccounts(rows, request),
});

interface AccountRow {
  readonly loginname: string;
  readonly password: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly enabled: boolean;
  readonly role: string;
  readonly address: string;
  readonly quota?: number | '' | undefined;
  readonly domains?: readonly string[] | undefined;
}

/** Accounts, or problems in their places. Passwords are hashes by now. */
async function makeAccounts(
  rows: readonly AccountRow[],
  { context, actor }: ImportRequest,
): Promise<readonly (MadeAccount | Problem)[]> {
  const inputs: NewAccountInput[] = [];
  for (const row of rows) inputs.push(await inputOf(row, context, actor));
  const made = await context.get(mailboxes).createMany(actor, inputs);
  for (const [i, account] of made.entries()) {
    const row = rows[i] as AccountRow;
    if (isProblem(account)) continue;
    await context.call(accountImported, {
      actor: { id: actor.id, username: actor.username },
      account,
      columns: [row.address, ...(row.quota === undefined ? [] : [String(row.quota)]), ...(row.domains ?? [])],
    });
  }
  return made;
}

async function inputOf(row: AccountRow, context: ExtensionContext, actor: Actor): Promise<NewAccountInput> {
  // Without a number there is nothing to give a mailbox, and 0 means that it follows its domain.
  const quota = row.quota === undefined || row.quota === '' ? undefined : row.quota;
  const known: string[] = [];
  for (const domain of row.role === DOMAIN_ADMINS ? (row.domains ?? []) : []) {
    if (await exists(context.get(domains).show(actor, domain))) known.push(domain);
  }
  return {
    username: row.loginname,
    passwordHash: row.password,
    first_name: row.first_name,
    last_name: row.last_name,
    is_active: row.enabled,
    role: row.role,
    mailbox:
      row.address === ''
        ? null
        : { full_address: row.address, ...(quota ? { quota, use_domain_quota: false } : { use_domain_quota: true }) },
    ...(known.length === 0 ? {} : { domains: known }),
  };
}

/** `alias`, `forward` and `dlist` are the reference's three words for an address that leads elsewhere. */
const aliasRows = (['alias', 'forward', 'dlist'] as const).map((kind) =>
  importer({
    kind,
    title: t('Aliases'),
    permission: 'admin.add_alias',
    columns: {
      address: name(t('Address')),
      enabled,
      recipients: field.list(name(t('Recipient')), { label: t('Recipients') }),
    },
    run: async (alias, { context, actor }) => {
      await context.get(aliases).create(actor, alias);
    },
  }),
);

export const adminImporters = [domainRows, domainAliasRows, accountRows, ...aliasRows];
