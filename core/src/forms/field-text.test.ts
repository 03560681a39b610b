import { type FieldModel, field, type Shape, z } from '@posthorn/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Posted } from './field-text.js';
import { readPosted } from './read-posted.js';
import { tabModel } from './tab-model.js';

const shape = {
  on: field.boolean({ label: 'On' }),
  count: field.integer({ label: 'Count' }),
  some: field.integer({ label: 'Some', min: 0, max: 9 }).optional(),
  name: field.string({ label: 'Name' }),
  nick: field.string({ label: 'Nick' }).nullable(),
  notes: field.text({ label: 'Notes' }),
  token: field.secret({ label: 'Token' }).optional(),
  color: field.choice({ label: 'Color', choices: ['red', 'green'] }),
  shade: field.choice({ label: 'Shade', choices: ['dark', 'light'] }).optional(),
  mail: field.email({ label: 'Mail' }),
  host: field.hostname({ label: 'Host' }),
  store: field.size({ label: 'Store' }),
  tags: field.list(field.string({ label: 'Tag', min: 1 }), { label: 'Tags' }),
  until: field.timestamp({ label: 'Until' }).optional(),
};

const line = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .filter((s) => s.trim() === s && s !== '' && field.string({ label: '' }).safeParse(s).success);
const values = fc.record(
  {
    on: fc.boolean(),
    count: fc.integer({ min: -(10 ** 15) + 1, max: 10 ** 15 - 1 }),
    some: fc.integer({ min: 0, max: 9 }),
    name: fc.oneof(line, fc.constant(''), fc.constantFrom('__proto__', 'constructor', ' padded ', '<b>')),
    nick: fc.oneof(line, fc.constant(null)),
    notes: fc.array(line).map((lines) => lines.join('\n')),
    color: fc.constantFrom('red' as const, 'green' as const),
    shade: fc.constantFrom('dark' as const, 'light' as const),
    mail: line,
    host: line,
    store: fc.oneof(fc.nat(2 ** 31 - 1), fc.constantFrom(0, 1024, 3 * 1024 * 1024, 2 ** 31 - 1)),
    tags: fc.uniqueArray(line),
    until: fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    }),
  },
  { requiredKeys: ['on', 'count', 'name', 'nick', 'notes', 'color', 'mail', 'host', 'store', 'tags'] },
);

const draw = (s: Shape, present: Readonly<Record<string, unknown>>): readonly FieldModel[] =>
  tabModel({
    key: 'tab',
    from: 'demo',
    title: 'Tab',
    shape: s,
    sections: [],
    conditions: {},
    values: present,
    posted: undefined,
    isConflict: false,
    failure: undefined,
    hasIssues: false,
    translate: String,
    error: () => '',
  }).sections.flatMap((section) => section.fields);

/** What a browser sends of the fields: nothing for a box that is not ticked, CR LF in text areas. */
const send = (fields: readonly FieldModel[]): ReadonlyMap<string, Posted> =>
  new Map(
    fields.flatMap((f): [string, Posted][] =>
      f.kind === 'boolean' && f.value === 'false' ? [] : [[f.name.slice(4), f.value.replace(/\n/g, '\r\n')]],
    ),
  );

const read = (s: Shape, sent: ReadonlyMap<string, Posted>, stored: Readonly<Record<string, unknown>> = {}) =>
  readPosted({ shape: s, conditions: {}, stored, from: 'demo', posted: (name) => sent.get(name) });

describe('values, as text and back', () => {
  it('are the same for every kind of field', () => {
    fc.assert(
      fc.property(values, (given) => {
        expect(read(shape, send(draw(shape, given)))).toEqual({ values: given, issues: [] });
      }),
    );
  });

  it('that are accepted in whatever form they were typed are shown and read back the same', () => {
    const words = [
      '',
      ' ',
      '0',
      '-0',
      '1e3',
      '2 gb',
      'true',
      'off',
      '2030-01-02 03:04',
      'red',
      '\u0000',
      '\ud800',
      'a\rb',
    ];
    const text = fc.oneof(fc.constantFrom(...words), fc.string(), fc.string({ unit: 'binary' }));
    const typed = fc.record(
      Object.fromEntries(Object.keys(shape).map((name) => [name, fc.oneof(text, fc.array(text, { maxLength: 3 }))])),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(typed, (sent) => {
        const fields = Object.entries(shape).map(([name, schema]) => {
          const posted = sent[name];
          const got = read({ [name]: schema }, new Map(posted === undefined ? [] : [[name, posted]]));
          return { name, schema, got };
        });
        for (const { name, schema, got } of fields) {
          if (got.issues.length > 0 || name === 'token') continue;
          expect(read({ [name]: schema }, send(draw({ [name]: schema }, got.values)))).toEqual(got);
        }
      }),
    );
  });

  it('that are no choice any more stay chosen', () => {
    const [f] = draw({ shade: shape.shade }, { shade: 'gone' });
    expect(f?.choices.map((c) => c.value)).toEqual(['', 'dark', 'light', 'gone']);
  });

  it('read as people write them', () => {
    const sizes = draw(
      { a: shape.store, b: shape.store, c: shape.store, d: shape.until },
      {
        a: 2048,
        b: 0,
        c: 1500,
        d: new Date('2030-01-02T03:04:00Z'),
      },
    );
    expect(sizes.map((f) => [f.value, f.unit])).toEqual([
      ['2G', ''],
      ['0', ''],
      ['1500M', ''],
      ['2030-01-02T03:04', 'UTC'],
    ]);
  });

  it('never show a secret, and an empty one keeps what is stored', () => {
    expect(draw({ token: shape.token }, { token: 'hush' })[0]?.value).toBe('');
    expect(read({ token: shape.token }, new Map([['token', '']]), { token: 'hush' }).values).toEqual({ token: 'hush' });
    expect(read({ token: shape.token }, new Map([['token', 'new']]), { token: 'hush' }).values).toEqual({
      token: 'new',
    });
  });

  it('know a bare zod schema by its type', () => {
    const bare = { n: z.int().max(9), e: z.enum(['a', 'b']), b: z.boolean(), s: z.string().max(5).optional() };
    expect(draw(bare, { n: 4 }).map((f) => [f.kind, f.label, f.value, f.isRequired])).toEqual([
      ['integer', 'n', '4', true],
      ['choice', 'e', '', true],
      ['boolean', 'b', 'false', false],
      ['string', 's', '', false],
    ]);
    expect(
      read(
        bare,
        new Map([
          ['n', '7'],
          ['e', 'b'],
        ]),
      ).values,
    ).toEqual({ n: 7, e: 'b', b: false });
  });
});

describe('what is sent', () => {
  it('is refused when it was sent twice, except boxes and lists', () => {
    const sent = new Map<string, Posted>([
      ['on', ['false', 'true']],
      ['name', ['a', 'b']],
      ['tags', ['x', 'y\r\nz', ' ']],
    ]);
    const { on, name, tags } = shape;
    const got = read({ on, name, tags }, sent);
    expect(got.values).toEqual({ on: true, tags: ['x', 'y', 'z'] });
    expect(got.issues).toMatchObject([{ field: 'name', message: { key: 'was sent more than once' } }]);
  });

  it('takes the default where an input with one is emptied', () => {
    const s = {
      n: field.integer({ label: 'N' }).default(7),
      list: field.list(field.string({ label: 'I' }), { label: 'L' }).default(['a']),
      word: field.string({ label: 'W', min: 1 }).default('w'),
    };
    expect(
      read(
        s,
        new Map([
          ['n', ''],
          ['list', ''],
          ['word', ''],
        ]),
      ).values,
    ).toEqual({ n: 7, list: [], word: 'w' });
  });

  it('says in plain words what is wrong, and in which line', () => {
    const sent = new Map([
      ['count', 'many'],
      ['some', '12'],
      ['mail', ''],
      ['color', 'blue'],
      ['store', '3X'],
      ['name', 'x'.repeat(10_000)],
      ['tags', 'fine\n\u202eevil'],
      ['until', 'tomorrow'],
    ]);
    const { count, some, mail, color, store, name, tags, until } = shape;
    const { issues } = read({ count, some, mail, color, store, name, tags, until }, sent);
    expect(issues.map((i) => [i.field, (i.message as { key: string }).key, i.line])).toEqual([
      ['count', 'must be a whole number', undefined],
      ['some', 'must be {{max}} or less', undefined],
      ['mail', 'is required', undefined],
      ['color', 'is not one of the choices', undefined],
      ['store', 'must be a size, like 500 MB, 2G or 1.5 GiB', undefined],
      ['name', 'must have at most {{count}} characters', undefined],
      ['tags', 'must not contain control or invisible characters', 2],
      ['until', 'must be a date and time', undefined],
    ]);
  });

  it('finds nothing in what every object inherits', () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const s = Object.fromEntries(names.map((name) => [name, field.string({ label: name }).optional()]));
    expect(read(s, new Map()).values).toEqual({});
    const got = read(s, new Map(names.map((name) => [name, 'x'])));
    expect(Object.entries(got.values)).toEqual(names.map((name) => [name, 'x']));
    expect(({} as { x?: string }).x).toBeUndefined();
  });
});
