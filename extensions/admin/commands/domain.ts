import { command, field, messages, type PrintableRow } from '@posthorn/sdk';
import { DOMAIN_TYPES, type DomainView, domains } from '../contract.js';
import { nameField, present, rows, search, switched, switches } from './shared-fields.js';

const t = messages('admin');
const noun = 'domain';

const name = () => nameField('Domain');

const settings = {
  type: field.choice({ label: t('Type'), choices: DOMAIN_TYPES }).optional(),
  quota: field.size({ label: t('Quota'), help: t('Shared by the mailboxes; 0 is no limit') }).optional(),
  default_mailbox_quota: field
    .size({ label: t('Default mailbox quota'), help: t('For mailboxes without a quota of their own; 0 is no limit') })
    .optional(),
  ...switches,
};

/** A view is flat already; the keys are the API's. */
const row = (view: DomainView): PrintableRow => ({ ...view });

const columns = [
  'name',
  'type',
  'enabled',
  'quota',
  'default_mailbox_quota',
  'mailbox_count',
  'mbalias_count',
  'domainalias_count',
];

export const domainCommands = [
  command({
    noun,
    verb: 'create',
    summary: t('Create a domain'),
    examples: ['domain create example.org', 'domain create example.org --quota 100G --default-mailbox-quota 1G'],
    permission: 'admin.add_domain',
    positional: ['name'],
    input: { name: name(), ...settings },
    async run(input, context) {
      const { enable, disable, name: newName, ...rest } = input;
      const created = await context
        .get(domains)
        .create(context.actor, { ...present({ ...rest, enabled: switched({ enable, disable }) }), name: newName });
      context.out.item(row(created));
    },
  }),
  command({
    noun,
    verb: 'list',
    summary: t('List domains'),
    examples: ['domain list', 'domain list --search example --json', 'domain list --disable'],
    permission: 'admin.view_domains',
    input: { search: search(), type: settings.type, ...switches },
    async run({ enable, disable, ...filter }, context) {
      const found = context
        .get(domains)
        .list(context.actor, present({ ...filter, enabled: switched({ enable, disable }) }));
      await context.out.list(rows(found, row), columns);
    },
  }),
  command({
    noun,
    verb: 'show',
    summary: t('Show a domain'),
    examples: ['domain show example.org'],
    permission: 'admin.view_domains',
    positional: ['name'],
    input: { name: name() },
    async run(input, context) {
      context.out.item(row(await context.get(domains).show(context.actor, input.name)));
    },
  }),
  command({
    noun,
    verb: 'update',
    summary: t('Change a domain'),
    examples: [
      'domain update example.org --quota 200G',
      'domain update example.org --disable',
      'domain update example.org --rename example.net',
    ],
    permission: 'admin.change_domain',
    positional: ['name'],
    input: { name: name(), rename: nameField('Rename', 'The new name').optional(), ...settings },
    async run({ name: key, rename, enable, disable, ...rest }, context) {
      const change = present({ ...rest, name: rename, enabled: switched({ enable, disable }) });
      context.out.item(row(await context.get(domains).update(context.actor, key, change)));
    },
  }),
  command({
    noun,
    verb: 'delete',
    summary: t('Delete a domain with everything in it'),
    examples: ['domain delete example.org', 'domain delete example.org --yes --keep-directories'],
    permission: 'admin.delete_domain',
    positional: ['name'],
    isDestructive: true,
    input: {
      name: name(),
      keep_directories: field
        .boolean({ label: t('Keep directories'), help: t('Leave the mail on disk') })
        .default(false),
    },
    async run(input, context) {
      await context.confirm(t('Delete the domain {{name}} with all its mailboxes and aliases?', { name: input.name }));
      await context.get(domains).remove(context.actor, input.name, { keepdir: input.keep_directories });
      context.out.note(t('The domain {{name}} was deleted.', { name: input.name }));
    },
  }),
];
