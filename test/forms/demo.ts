import {
  type Actor,
  defineExtension,
  type ExtensionContext,
  type FieldModel,
  type FormModel,
  type FormTab,
  field,
  formTab,
  messages,
  migration,
  type PageRequest,
  plainText,
  problems,
  slot,
  type Text,
} from '@posthorn/sdk';

/** What the form of the demo extensions is about. */
export interface Thing {
  readonly id: number;
}

/** What the tabs are told to do next; every test sets it. */
export const mood: {
  load: 'well' | 'throws' | 'never';
  save: 'well' | 'throws' | 'refuses' | 'blames' | 'never' | 'sql';
  visible: boolean | 'throws';
} = { load: 'well', save: 'well', visible: true };
export const calls: string[] = [];

export const editor = slot<FormTab<Thing>>('shop.editor@1');
const t = messages('shop');
const problem = problems('extra', {
  E_EXTRA_COLOR: { kind: 'conflict', message: 'The color {{color}} is sold out.' },
  E_EXTRA_CLOSED: { kind: 'refused', message: 'The shop is closed.' },
});

const text = (v: string | null | undefined): string => v ?? '';

/** Owns the form and the thing. */
export const shop = defineExtension({
  id: 'shop',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Shop',
  locales: new URL('./locales/', import.meta.url),
  claims: { tables: ['shop_thing'] },
  migrations: [
    migration({
      name: 'shop/0001-initial',
      up: (d) =>
        d.createTable('shop_thing', {
          columns: {
            id: { type: 'id' },
            name: { type: 'string(254)', unique: true },
            on_sale: { type: 'boolean' },
            price: { type: 'integer', nullable: true },
            secret: { type: 'string(254)', nullable: true },
          },
        }),
      down: (d) => d.dropTable('shop_thing'),
    }),
  ],
  contributes: [
    formTab(
      editor,
      {
        id: 'general',
        title: t('General'),
        shape: {
          name: field.string({ label: t('Name'), help: t('As it is called.'), min: 1, max: 50 }),
          on_sale: field.boolean({ label: t('On sale') }),
          price: field.integer({ label: t('Price'), min: 1 }),
          secret: field.secret({ label: t('Secret') }).optional(),
        },
        sections: [{ title: t('Names'), fields: ['name'] }],
        conditions: { price: { field: 'on_sale', is: [true] } },
        load: async ({ subject, context }) => {
          calls.push('general.load');
          if (subject === undefined) return {};
          const [row] = await context.data.execute<{ name: string; on_sale: unknown; price: number; secret: string }>(
            'select name, on_sale, price, secret from shop_thing where id = ?',
            [subject.id],
          );
          if (row === undefined) return {};
          return {
            name: row.name,
            on_sale: Boolean(row.on_sale),
            ...(row.price === null ? {} : { price: Number(row.price) }),
            secret: text(row.secret),
          };
        },
        validate: (v) => (v.name === 'ugly' ? [{ path: 'name', message: t('is not nice') }] : []),
        save: async (v, { subject, context }) => {
          calls.push('general.save');
          const row = [v.name, v.on_sale, v.price ?? null, v.secret ?? null];
          if (subject !== undefined) {
            await context.data.execute(
              'update shop_thing set name = ?, on_sale = ?, price = ?, secret = ? where id = ?',
              [...row, subject.id],
            );
            return subject;
          }
          await context.data.execute('insert into shop_thing (name, on_sale, price, secret) values (?, ?, ?, ?)', row);
          const [made] = await context.data.execute<{ id: number }>('select id from shop_thing where name = ?', [
            v.name,
          ]);
          return { id: Number(made?.id) };
        },
      },
      { order: 10 },
    ),
  ],
});

/** A neighbour whose tab stands before the owner's and has the same field names. */
export const extra = defineExtension({
  id: 'extra',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Extra',
  requires: { shop: '^1.0.0' },
  claims: { tables: ['extra_color'] },
  migrations: [
    migration({
      name: 'extra/0001-initial',
      after: ['shop/0001-initial'],
      up: (d) =>
        d.createTable('extra_color', {
          columns: {
            thing_id: { type: 'integer', primary: true },
            color: { type: 'string(20)' },
            size: { type: 'integer' },
          },
        }),
      down: (d) => d.dropTable('extra_color'),
    }),
  ],
  contributes: [
    formTab(
      editor,
      {
        id: 'color',
        title: 'Color',
        shape: {
          color: field.choice({ label: 'Color', choices: ['red', 'green'] }).default('red'),
          size: field.size({ label: 'Size' }).default(0),
        },
        when: () => {
          if (mood.visible === 'throws') throw new Error('cannot decide');
          return mood.visible;
        },
        load: async ({ subject, context }) => {
          calls.push(`color.load as ${context.extension}`);
          if (mood.load === 'throws') throw new Error('the paint is dry');
          if (mood.load === 'never') return new Promise(() => {});
          if (subject === undefined) return {};
          const [row] = await context.data.execute<{ color: 'red' | 'green'; size: number }>(
            'select color, size from extra_color where thing_id = ?',
            [subject.id],
          );
          return row === undefined ? {} : { color: row.color, size: Number(row.size) };
        },
        save: async (v, { subject, context }) => {
          calls.push(`color.save of ${subject === undefined ? 'nothing' : 'a thing'}`);
          if (subject === undefined) throw new Error('there is no thing');
          await context.data.execute('delete from extra_color where thing_id = ?', [subject.id]);
          await context.data.execute('insert into extra_color (thing_id, color, size) values (?, ?, ?)', [
            subject.id,
            v.color,
            v.size,
          ]);
          if (mood.save === 'throws') throw new Error('the paint ran out');
          if (mood.save === 'refuses') throw problem('E_EXTRA_CLOSED');
          if (mood.save === 'blames') throw problem('E_EXTRA_COLOR', { color: v.color }, { field: 'color' });
          if (mood.save === 'sql') await context.data.execute('insert into extra_color (nope) values (1)');
          if (mood.save === 'never') return new Promise(() => {});
          return undefined;
        },
      },
      { order: 0 },
    ),
  ],
});

/** A third one that only checks. */
export const judge = defineExtension({
  id: 'judge',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Judge',
  requires: { shop: '^1.0.0' },
  contributes: [
    formTab(
      editor,
      {
        id: 'general',
        title: 'Verdict',
        shape: { note: field.text({ label: 'Note', max: 1000 }).optional() },
        load: async () => ({}),
        validate: (v) => (v.note === 'guilty' ? [{ path: 'elsewhere', message: 'must not be guilty' }] : []),
        save: async () => undefined,
      },
      { order: 20 },
    ),
  ],
});

export type Typed = Readonly<Record<string, string | readonly string[]>>;

export const requestOf = (
  context: ExtensionContext,
  actor: Actor,
  typed: Typed = {},
  t: (text: Text) => string = plainText,
): PageRequest => ({
  context,
  actor,
  account: undefined,
  params: {},
  query: {},
  body: undefined,
  files: {},
  typed,
  url: new URL('http://127.0.0.1/thing/'),
  isFragment: false,
  locale: 'en',
  timeZone: 'UTC',
  t,
  notice: () => {},
  signal: new AbortController().signal,
});

export const fieldsOf = (form: FormModel): readonly FieldModel[] =>
  form.tabs.flatMap((tab) => tab.sections.flatMap((section) => section.fields));

export const fieldOf = (form: FormModel, name: string): FieldModel => {
  const found = fieldsOf(form).find((f) => f.name === name);
  if (found === undefined) throw new Error(`no field ${name}`);
  return found;
};

/** What a browser sends of a form: no box that is not ticked, CR LF in text areas, the marks of the tabs shown. */
export function sendAll(form: FormModel, change: Typed = {}): Typed {
  const sent: Record<string, string | readonly string[]> = { _token: 'x', _version: form.version };
  sent['_sent'] = form.tabs.filter((tab) => tab.failure === undefined).map((tab) => tab.id);
  for (const f of fieldsOf(form)) {
    if (f.kind !== 'boolean' || f.value === 'true') sent[f.name] = f.value.replace(/\r?\n/g, '\r\n');
  }
  return { ...sent, ...change };
}
