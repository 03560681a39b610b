/** `posthorn relaydomain …`: a thin door to the service. */
import { type CommandContext, type Contribution, command, field, messages, type PrintableRow } from '@posthorn/sdk';
import { routes } from '@posthorn/transport/contract';
import { type RelayDomainView, relayDomains } from '../contract/services.js';
import { leadsBack } from '../loop.js';

const t = messages('relaydomains');
const noun = 'relaydomain';

const name = () => field.string({ label: t('Relay domain'), min: 1, max: 320 });
const host = () =>
  field.string({ label: t('Target host'), help: t('The server that gets the mail'), min: 1, max: 255 });
const settings = {
  target_port: field.integer({ label: t('Target port'), help: t('25 unless given'), min: 1, max: 65_535 }).optional(),
  verify_recipients: field
    .boolean({ label: t('Verify recipients'), help: t('Ask the server before mail is taken') })
    .optional(),
  enabled: field.boolean({ label: t('Enabled'), help: t('Whether mail is taken for it') }).optional(),
};

/** Without the entries that are undefined. */
const given = <T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

const row = (view: RelayDomainView): PrintableRow => ({ ...view });

async function* rows(views: AsyncIterable<RelayDomainView>): AsyncIterable<PrintableRow> {
  for await (const view of views) yield row(view);
}

function answer(view: RelayDomainView, context: CommandContext): void {
  context.out.item(row(view));
  const warning = leadsBack(context.get(routes), view);
  if (warning !== undefined) context.out.warn(warning);
}

export const relayDomainCommands: readonly Contribution[] = [
  command({
    noun,
    verb: 'create',
    summary: t('Create a relay domain'),
    examples: [
      'relaydomain create example.org --target-host mx.example.net',
      'relaydomain create example.org --target-host 2001:db8::25 --target-port 2525 --verify-recipients',
    ],
    permission: 'relaydomains.add_relaydomain',
    positional: ['name'],
    input: { name: name(), target_host: host(), ...settings },
    async run({ name: wanted, target_host, ...rest }, context) {
      const input = { ...given(rest), name: wanted, target_host };
      answer(await context.get(relayDomains).create(context.actor, input), context);
    },
  }),
  command({
    noun,
    verb: 'list',
    summary: t('List relay domains'),
    examples: ['relaydomain list', 'relaydomain list --search example --json'],
    permission: 'relaydomains.view_relaydomain',
    input: {
      search: field.string({ label: t('Search'), help: t('Part of the name') }).optional(),
      enabled: settings.enabled,
    },
    async run(input, context) {
      const columns = ['name', 'enabled', 'next_hop', 'verify_recipients', 'mailbox_count'];
      await context.out.list(rows(context.get(relayDomains).list(context.actor, given(input))), columns);
    },
  }),
  command({
    noun,
    verb: 'show',
    summary: t('Show a relay domain'),
    examples: ['relaydomain show example.org'],
    permission: 'relaydomains.view_relaydomain',
    positional: ['name'],
    input: { name: name() },
    async run(input, context) {
      answer(await context.get(relayDomains).show(context.actor, input.name), context);
    },
  }),
  command({
    noun,
    verb: 'update',
    summary: t('Change a relay domain'),
    examples: [
      'relaydomain update example.org --target-host mx2.example.net',
      'relaydomain update example.org --no-verify-recipients --no-enabled',
    ],
    permission: 'relaydomains.change_relaydomain',
    positional: ['name'],
    input: {
      name: name(),
      rename: field.string({ label: t('Rename'), help: t('The new name'), min: 1, max: 320 }).optional(),
      target_host: host().optional(),
      ...settings,
    },
    async run({ name: key, rename, ...rest }, context) {
      const change = given({ ...rest, name: rename });
      answer(await context.get(relayDomains).update(context.actor, key, change), context);
    },
  }),
  command({
    noun,
    verb: 'delete',
    summary: t('Delete a relay domain with everything in it'),
    examples: ['relaydomain delete example.org', 'relaydomain delete example.org --yes'],
    permission: 'relaydomains.delete_relaydomain',
    positional: ['name'],
    isDestructive: true,
    input: { name: name() },
    async run(input, context) {
      await context.confirm(t('Delete the relay domain {{name}}?', { name: input.name }));
      await context.get(relayDomains).remove(context.actor, input.name);
      context.out.note(t('The relay domain {{name}} was deleted.', { name: input.name }));
    },
  }),
];
