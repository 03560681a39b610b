import { command, messages, type PrintableRow } from '@posthorn/sdk';
import { type DomainAliasView, domainAliases } from '../contract.js';
import { nameField, present, rows, search, switched, switches } from './shared-fields.js';

const t = messages('admin');
const noun = 'domainalias';

const name = () => nameField('Domain alias');
const target = () => nameField('Target', 'The domain that it is another name of');

const row = (view: DomainAliasView): PrintableRow => ({ ...view });
const columns = ['name', 'target_name', 'enabled'];

export const domainAliasCommands = [
  command({
    noun,
    verb: 'create',
    summary: t('Give a domain another name'),
    examples: ['domainalias create example.net --target example.org'],
    permission: 'admin.add_domainalias',
    positional: ['name'],
    input: { name: name(), target: target(), ...switches },
    async run({ name: newName, target: domain, enable, disable }, context) {
      const input = { ...present({ enabled: switched({ enable, disable }) }), name: newName, target: domain };
      context.out.item(row(await context.get(domainAliases).create(context.actor, input)));
    },
  }),
  command({
    noun,
    verb: 'list',
    summary: t('List domain aliases'),
    examples: ['domainalias list', 'domainalias list --domain example.org --json'],
    permission: 'admin.view_domaliases',
    input: { search: search(), domain: nameField('Domain', 'Only other names of this domain').optional() },
    async run(input, context) {
      await context.out.list(rows(context.get(domainAliases).list(context.actor, present(input)), row), columns);
    },
  }),
  command({
    noun,
    verb: 'show',
    summary: t('Show a domain alias'),
    examples: ['domainalias show example.net'],
    permission: 'admin.view_domaliases',
    positional: ['name'],
    input: { name: name() },
    async run(input, context) {
      context.out.item(row(await context.get(domainAliases).show(context.actor, input.name)));
    },
  }),
  command({
    noun,
    verb: 'update',
    summary: t('Change a domain alias'),
    examples: ['domainalias update example.net --disable', 'domainalias update example.net --target example.com'],
    permission: 'admin.change_domainalias',
    positional: ['name'],
    input: {
      name: name(),
      rename: nameField('Rename', 'The new name').optional(),
      target: target().optional(),
      ...switches,
    },
    async run({ name: key, rename, target: domain, enable, disable }, context) {
      const change = present({ name: rename, target: domain, enabled: switched({ enable, disable }) });
      context.out.item(row(await context.get(domainAliases).update(context.actor, key, change)));
    },
  }),
  command({
    noun,
    verb: 'delete',
    summary: t('Delete a domain alias'),
    examples: ['domainalias delete example.net', 'domainalias delete example.net --yes'],
    permission: 'admin.delete_domainalias',
    positional: ['name'],
    isDestructive: true,
    input: { name: name() },
    async run(input, context) {
      await context.confirm(t('Delete the domain alias {{name}}?', { name: input.name }));
      await context.get(domainAliases).remove(context.actor, input.name);
      context.out.note(t('The domain alias {{name}} was deleted.', { name: input.name }));
    },
  }),
];
