import {
  defineExtension,
  field,
  migration,
  type StepCondition,
  slot,
  type WizardStep,
  wizardStep,
} from '@posthorn/sdk';
import type { Thing } from './demo.js';

/** What the steps are told to do next; every test sets it. */
export const mood = { paint: 'well' as 'well' | 'throws', canLoad: true, seesKind: true };
export const calls: string[] = [];

export const making = slot<WizardStep<Thing>>('maker.making@1');

/** Owns the wizard: its first step makes the thing, its last one seals it. */
export const maker = defineExtension({
  id: 'maker',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Maker',
  claims: { tables: ['maker_thing'] },
  migrations: [
    migration({
      name: 'maker/0001-initial',
      up: (d) =>
        d.createTable('maker_thing', {
          columns: {
            id: { type: 'id' },
            name: { type: 'string(50)', unique: true },
            color: { type: 'string(50)', nullable: true },
            seal: { type: 'string(50)', nullable: true },
          },
        }),
      down: (d) => d.dropTable('maker_thing'),
    }),
  ],
  contributes: [
    wizardStep(
      making,
      {
        id: 'general',
        title: 'General',
        shape: {
          name: field.string({ label: 'Name', min: 1, max: 50 }),
          kind: field.choice({ label: 'Kind', choices: ['plain', 'colored'] }).default('plain'),
        },
        when: () => mood.seesKind,
        load: async () => {
          if (!mood.canLoad) throw new Error('the drawer is stuck');
          return { kind: 'plain' as const };
        },
        validate: ({ name }) => (name === 'ugly' ? [{ path: 'name', message: 'is not nice' }] : []),
        async save({ name }, { context }) {
          calls.push('general');
          await context.data.execute('insert into maker_thing (name) values (?)', [name]);
          const [made] = await context.data.execute<{ id: number }>('select id from maker_thing where name = ?', [
            name,
          ]);
          return { id: Number(made?.id) };
        },
      },
      { order: -100 },
    ),
    wizardStep(
      making,
      {
        id: 'seal',
        title: 'Seal',
        shape: { seal: field.string({ label: 'Seal' }).default('') },
        load: async () => ({}),
        async save({ seal }, { subject, context }) {
          calls.push(`seal of ${subject === undefined ? 'nothing' : 'a thing'}`);
          await context.data.execute('update maker_thing set seal = ? where id = ?', [seal, subject?.id]);
          return undefined;
        },
      },
      { order: 100 },
    ),
  ],
});

/** A neighbour: paint only for what is colored, varnish only for what is red. */
export const painter = defineExtension({
  id: 'painter',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Painter',
  requires: { maker: '^1.0.0' },
  contributes: [
    wizardStep(making, {
      id: 'paint',
      title: 'Paint',
      onlyIf: { step: 'general', field: 'kind', is: ['colored'] },
      shape: { color: field.string({ label: 'Color', min: 1 }) },
      load: async () => ({}),
      validate: ({ color }) => (color === 'mud' ? [{ path: 'color', message: 'is no color' }] : []),
      async save({ color }, { subject, context }) {
        calls.push(`paint of ${subject === undefined ? 'nothing' : 'a thing'}`);
        await context.data.execute('update maker_thing set color = ? where id = ?', [color, subject?.id]);
        if (mood.paint === 'throws') throw new Error('the paint ran out');
        return undefined;
      },
    }),
    wizardStep(making, {
      id: 'varnish',
      title: 'Varnish',
      onlyIf: { step: 'paint', field: 'color', is: ['red'] },
      shape: { coats: field.integer({ label: 'Coats', min: 1 }) },
      load: async () => ({}),
      async save() {
        calls.push('varnish');
        return undefined;
      },
    }),
  ],
});

/** One whose condition looks at nothing. */
export const lost = (onlyIf: StepCondition) =>
  defineExtension({
    id: 'lost',
    version: '1.0.0',
    sdk: '^1.0.0',
    title: 'Lost',
    requires: { maker: '^1.0.0' },
    contributes: [
      wizardStep(making, {
        id: 'lost',
        title: 'Lost',
        onlyIf,
        shape: { way: field.string({ label: 'Way' }).default('') },
        load: async () => ({}),
        async save() {
          calls.push('lost');
          return undefined;
        },
      }),
    ],
  });
