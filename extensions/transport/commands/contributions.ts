/** `posthorn transport …`: a thin door to the service. */
import {
  type CommandContext,
  type Contribution,
  command,
  field,
  messages,
  type PrintableRow,
  parseShape,
  type Text,
} from '@posthorn/sdk';
import { type TransportView, transports } from '../contract/services.js';
import { loopOf } from '../loop.js';
import { problem } from '../problems.js';
import { backendOf } from '../services/settings.js';

const t = messages('transport');
const noun = 'transport';

const pattern = () =>
  field.string({
    label: t('Pattern'),
    help: t('A domain, .domain for what is below it, an address, or @domain for what is sent from there'),
    min: 1,
    max: 320,
  });
const service = () =>
  field.string({
    label: t('Service'),
    help: t('A service of master.cf: relay, smtp, lmtp, smarthost, …'),
    min: 1,
    max: 30,
  });
const assignments = (o: { readonly label: Text; readonly help: Text }) =>
  field.list(field.string({ label: o.label, max: 5_000 }), o).optional();

const target = {
  setting: assignments({ label: t('Setting'), help: t('name=value, for instance target_host=mx.example.org') }),
  secret_file: assignments({
    label: t('Secret file'),
    help: t('name=FILE for a setting that is secret; - is standard input'),
  }),
  next_hop: field
    .string({ label: t('Next hop'), help: t('For a service that Posthorn does not know'), max: 100 })
    .optional(),
};

interface Target {
  readonly setting?: readonly string[] | undefined;
  readonly secret_file?: readonly string[] | undefined;
  readonly next_hop?: string | undefined;
}

/** `name=value`, the name in either spelling. */
function pair(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw problem('E_TRANSPORT_SETTING', { setting: text.slice(0, 40) });
  return [text.slice(0, at).replaceAll('-', '_'), text.slice(at + 1)];
}

/** What the service takes, from what was typed. */
async function targetOf(of: string, { setting = [], secret_file = [], next_hop }: Target, context: CommandContext) {
  const typed = new Map(setting.map(pair));
  for (const [name, file] of secret_file.map(pair)) typed.set(name, await context.readSecret(file));
  const shape = backendOf(context, of)?.settings ?? {};
  const settings = parseShape(shape, Object.fromEntries(typed), { text: true, partial: true });
  return { ...(typed.size === 0 ? {} : { settings }), ...(next_hop === undefined ? {} : { next_hop }) };
}

/** One flat object: settings stand beside the rest. */
const row = ({ settings, domain, ...view }: TransportView): PrintableRow => ({
  ...view,
  domain: domain?.name ?? null,
  ...settings,
});

function answer(view: TransportView, context: CommandContext): void {
  context.out.item(row(view));
  const warning = loopOf(context, view);
  if (warning !== undefined) context.out.warn(warning);
}

async function* rows(views: AsyncIterable<TransportView>): AsyncIterable<PrintableRow> {
  for await (const view of views) yield row(view);
}

export const transportCommands: readonly Contribution[] = [
  command({
    noun,
    verb: 'create',
    summary: t('Hand mail on'),
    examples: [
      'transport create example.net --service smtp --setting target_host=mx.example.net',
      'transport create @example.org --service smarthost --setting target_host=smtp.example.net --setting username=anna --secret-file password=FILE',
      'transport create example.com --service autoreply --next-hop ""',
    ],
    permission: 'transport.add_transport',
    positional: ['pattern'],
    input: { pattern: pattern(), service: service(), ...target },
    async run({ pattern: wanted, service: of, ...rest }, context) {
      const input = { pattern: wanted, service: of, ...(await targetOf(of, rest, context)) };
      answer(await context.get(transports).create(context.actor, input), context);
    },
  }),
  command({
    noun,
    verb: 'list',
    summary: t('List transports'),
    examples: ['transport list', 'transport list --search example --json'],
    permission: 'transport.view_transport',
    input: {
      search: field.string({ label: t('Search'), help: t('Part of the pattern or of the next hop') }).optional(),
      service: service().optional(),
    },
    async run({ search, service: of }, context) {
      const filter = { ...(search === undefined ? {} : { search }), ...(of === undefined ? {} : { service: of }) };
      const found = context.get(transports).list(context.actor, filter);
      await context.out.list(rows(found), ['pattern', 'service', 'next_hop', 'domain']);
    },
  }),
  command({
    noun,
    verb: 'show',
    summary: t('Show a transport'),
    examples: ['transport show example.net'],
    permission: 'transport.view_transport',
    positional: ['pattern'],
    input: { pattern: pattern() },
    async run(input, context) {
      answer(await context.get(transports).show(context.actor, input.pattern), context);
    },
  }),
  command({
    noun,
    verb: 'update',
    summary: t('Change a transport'),
    examples: [
      'transport update example.net --setting target_port=2525',
      'transport update example.net --service relay',
    ],
    permission: 'transport.change_transport',
    positional: ['pattern'],
    input: {
      pattern: pattern(),
      rename: field.string({ label: t('Rename'), help: t('The new pattern'), min: 1, max: 320 }).optional(),
      service: service().optional(),
      ...target,
    },
    async run({ pattern: key, rename, service: wanted, ...rest }, context) {
      const own = context.get(transports);
      const before = await own.show(context.actor, key);
      const change = {
        ...(rename === undefined ? {} : { pattern: rename }),
        ...(wanted === undefined ? {} : { service: wanted }),
        ...(await targetOf(wanted ?? before.service, rest, context)),
      };
      answer(await own.update(context.actor, before.pk, change), context);
    },
  }),
  command({
    noun,
    verb: 'delete',
    summary: t('Delete a transport'),
    examples: ['transport delete example.net', 'transport delete example.net --yes'],
    permission: 'transport.delete_transport',
    positional: ['pattern'],
    isDestructive: true,
    input: { pattern: pattern() },
    async run(input, context) {
      await context.confirm(t('Delete the transport for {{pattern}}?', { pattern: input.pattern }));
      await context.get(transports).remove(context.actor, input.pattern);
      context.out.note(t('The transport for {{pattern}} was deleted.', { pattern: input.pattern }));
    },
  }),
];
