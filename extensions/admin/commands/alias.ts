import { command, field, messages, type PrintableRow, problems } from '@posthorn/sdk';
import { type AliasView, aliases } from '../contract.js';
import { randomAddress } from '../services/random-address.js';
import { nameField, present, rows, search, switched, switches } from './shared-fields.js';

const t = messages('admin');
const noun = 'alias';

const address = () => nameField('Address', 'local@domain, or @domain for everything that goes nowhere else');

const settings = {
  recipient: field
    .list(nameField('Recipient'), { label: t('Recipients'), help: t('May be given several times') })
    .optional(),
  description: field.string({ label: t('Description'), max: 1000 }).optional(),
  expire_at: field.timestamp({ label: t('Expires'), help: t('From then on it is ignored (UTC)') }).optional(),
  ...switches,
};

const row = (view: AliasView): PrintableRow => ({ ...view });
const columns = ['address', 'recipients', 'enabled', 'expire_at', 'description'];

const usage = problems('admin', {
  E_ADMIN_ALIAS_ADDRESS: { kind: 'usage', message: 'Give either an address or --random with a domain.' },
});

function newAddress(name: string | undefined, random: string | undefined): string {
  if (name !== undefined && random === undefined) return name;
  if (name === undefined && random !== undefined) return randomAddress(random);
  throw usage('E_ADMIN_ALIAS_ADDRESS');
}

export const aliasCommands = [
  command({
    noun,
    verb: 'create',
    summary: t('Create an alias'),
    examples: [
      'alias create sales@example.org --recipient alice@example.org --recipient bob@example.org',
      'alias create offer@example.org --recipient alice@example.org --expire-at 2031-12-31',
      'alias create --random example.org --recipient alice@example.org',
      'alias create @example.org --recipient postmaster@example.org',
    ],
    permission: 'admin.add_alias',
    positional: ['address'],
    input: {
      address: address().optional(),
      random: field
        .string({
          label: t('Domain of a random address'),
          help: t('Instead of an address: 20 random characters before the @'),
          min: 1,
          max: 255,
        })
        .optional(),
      ...settings,
    },
    async run({ address: name, random, recipient, enable, disable, ...rest }, context) {
      const input = {
        ...present({ ...rest, enabled: switched({ enable, disable }) }),
        address: newAddress(name, random),
        recipients: recipient ?? [],
      };
      context.out.item(row(await context.get(aliases).create(context.actor, input)));
    },
  }),
  command({
    noun,
    verb: 'list',
    summary: t('List aliases'),
    examples: ['alias list', 'alias list --domain example.org --json', 'alias list --to alice@example.org'],
    permission: 'admin.view_aliases',
    input: {
      search: search(),
      domain: nameField('Domain').optional(),
      to: nameField('To', 'Only aliases that send to this address').optional(),
      internal: field
        .boolean({ label: t('Internal'), help: t('Also those that Posthorn keeps for itself') })
        .optional(),
      ...switches,
    },
    async run({ enable, disable, to, ...filter }, context) {
      const found = context
        .get(aliases)
        .list(context.actor, present({ ...filter, recipient: to, enabled: switched({ enable, disable }) }));
      await context.out.list(rows(found, row), columns);
    },
  }),
  command({
    noun,
    verb: 'show',
    summary: t('Show an alias'),
    examples: ['alias show sales@example.org'],
    permission: 'admin.view_aliases',
    positional: ['address'],
    input: { address: address() },
    async run(input, context) {
      context.out.item(row(await context.get(aliases).show(context.actor, input.address)));
    },
  }),
  command({
    noun,
    verb: 'update',
    summary: t('Change an alias'),
    description: t('With --recipient the recipients afterwards are exactly those given.'),
    examples: [
      'alias update sales@example.org --recipient alice@example.org',
      'alias update sales@example.org --disable',
      'alias update offer@example.org --never-expires',
    ],
    permission: 'admin.change_alias',
    positional: ['address'],
    input: {
      address: address(),
      rename: nameField('Rename', 'The new address').optional(),
      never_expires: field.boolean({ label: t('Never expires') }).optional(),
      ...settings,
    },
    async run({ address: key, rename, recipient, never_expires, expire_at, enable, disable, ...rest }, context) {
      const change = present({
        ...rest,
        address: rename,
        recipients: recipient,
        expire_at: never_expires === true ? null : expire_at,
        enabled: switched({ enable, disable }),
      });
      context.out.item(row(await context.get(aliases).update(context.actor, key, change)));
    },
  }),
  command({
    noun,
    verb: 'delete',
    summary: t('Delete an alias'),
    examples: ['alias delete sales@example.org', 'alias delete sales@example.org --yes'],
    permission: 'admin.delete_alias',
    positional: ['address'],
    isDestructive: true,
    input: { address: address() },
    async run(input, context) {
      await context.confirm(t('Delete the alias {{name}}?', { name: input.address }));
      await context.get(aliases).remove(context.actor, input.address);
      context.out.note(t('The alias {{name}} was deleted.', { name: input.address }));
    },
  }),
];
