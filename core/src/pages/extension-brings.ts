import {
  type Command,
  type Contribution,
  type Endpoint,
  type ExtensionDefinition,
  type GeneratedFile,
  isMessage,
  type MapFile,
  type MenuEntry,
  messages,
  type Page,
  type Permission,
  type Text,
} from '@posthorn/sdk';

const t = messages('host');

/** Something that an extension brings, as it is called and what it is. */
export interface Brought {
  readonly name: Text;
  readonly detail: Text;
}

/** Things of one kind. */
export interface BroughtKind {
  readonly label: Text;
  readonly items: readonly Brought[];
}

interface Kind {
  readonly label: Text;
  of(item: never): Brought;
}

const kind = <Item>(label: Text, of: (item: Item) => Brought): Kind => ({ label, of });
const titled = (item: { readonly id: string; readonly title: Text }): Brought => ({
  name: item.title,
  detail: item.id,
});
const inSet = ({ set, name, summary }: MapFile | GeneratedFile): Brought => ({
  name: `${set}/${name}`,
  detail: summary,
});

/** Slots that people have a word for. */
const KINDS: Readonly<Record<string, Kind>> = {
  'host.pages@1': kind<Page>(t('Pages'), ({ method, path, permission }) => ({
    name: `${method} ${path}`,
    detail: permission,
  })),
  'host.menu@1': kind<MenuEntry>(t('Menu entries'), ({ label, href }) => ({ name: label, detail: href })),
  'host.widgets@1': kind(t('Widgets'), titled),
  'host.commands@1': kind<Command>(t('Commands'), ({ noun, verb, summary }) => ({
    name: `${noun} ${verb}`,
    detail: summary,
  })),
  'host.jobs@1': kind(t('Jobs'), titled),
  'host.roles@1': kind<{ readonly name: string; readonly label: Text }>(t('Roles'), ({ name, label }) => ({
    name,
    detail: label,
  })),
  'host.checks@1': kind(t('Checks'), titled),
  'host.map-files@1': kind(t('Map files'), inSet),
  'host.generated-files@1': kind(t('Generated files'), inSet),
  'host.endpoints@1': kind<Endpoint>(t('Endpoints'), ({ method, path, summary }) => ({
    name: `${method} ${path}`,
    detail: summary,
  })),
  'host.importers@1': kind<{ readonly kind: string }>(t('Rows of CSV files'), (item) => ({
    name: item.kind,
    detail: '',
  })),
};

/** A part of somebody's page, form or list is named by the slot that it stands in. */
function other({ slot, item }: Contribution): Brought {
  const known = (typeof item === 'object' && item !== null ? item : {}) as Readonly<Record<string, unknown>>;
  const name = isText(item) ? item : [known.title, known.label, known.name, known.id].find(isText);
  return { name: name ?? slot.id, detail: slot.id };
}

const isText = (value: unknown): value is Text => (typeof value === 'string' && value !== '') || isMessage(value);

/** Everything in a definition that others meet, by kind, each with its name. */
export function broughtBy(definition: ExtensionDefinition): readonly BroughtKind[] {
  const bySlot = Map.groupBy(definition.contributes ?? [], ({ slot }) => slot.id);
  const known = Object.entries(KINDS).map(([slot, { label, of }]) => ({
    label,
    items: (bySlot.get(slot as Contribution['slot']['id']) ?? []).map(({ item }) => of(item as never)),
  }));
  const others = [...bySlot].flatMap(([slot, all]) => (Object.hasOwn(KINDS, slot) ? [] : all.map(other)));
  const permissions = Object.entries<Permission>({ ...definition.permissions, ...definition.claimedPermissions });
  return [
    ...known,
    { label: t('Services'), items: (definition.services ?? []).map(({ ref }) => plain(ref.id)) },
    {
      label: t('Permissions'),
      items: permissions.map(([name, { label, roles }]) => ({
        name,
        detail: roles.length === 0 ? label : t('{{label}} ({{roles}})', { label, roles: roles.join(', ') }),
      })),
    },
    {
      label: t('Hooks it listens to'),
      items: (definition.taps ?? []).map(({ hook }) => ({ name: hook.id, detail: hook.kind })),
    },
    { label: t('Others'), items: others },
  ].filter(({ items }) => items.length > 0);
}

const plain = (name: string): Brought => ({ name, detail: '' });

/** Names outside of its own prefix that it uses. */
export const claimedBy = (claims: ExtensionDefinition['claims']): readonly BroughtKind[] =>
  [
    { label: t('Tables'), items: (claims?.tables ?? []).map(plain) },
    { label: t('Permissions'), items: (claims?.permissions ?? []).map(plain) },
    { label: t('Commands'), items: (claims?.commands ?? []).map(plain) },
    { label: t('Endpoints'), items: (claims?.endpoints ?? []).map(plain) },
    { label: t('Rows of CSV files'), items: (claims?.imports ?? []).map(plain) },
  ].filter(({ items }) => items.length > 0);
