/** One process that builds one generation of made-up extensions, as a worker does: once and cold. Prints figures. */
import { defineEntity, p } from '@mikro-orm/core';
import {
  contribute,
  defineExtension,
  field,
  hook,
  on,
  parameterForm,
  parameters,
  provide,
  service,
  slot,
} from '@posthorn/sdk';
import { AsyncSeriesBailHook, AsyncSeriesHook, AsyncSeriesWaterfallHook } from 'tapable';
import { coreModule } from './internals.mjs';

const [what = '', size = ''] = process.argv.slice(2);
const count = Number(size);
const collect = () => {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};

const slots = ['commands', 'menu', 'checks', 'jobs', 'tabs'].map((name) => slot(`demo.${name}@1`));
const hooks = [hook.signal('demo.happened@1'), hook.guard('demo.may@1'), hook.filter('demo.value@1')];

/** Three taps, five contributions, two services, an entity and a parameter form; every second needs an earlier one. */
function extension(i) {
  const id = `e${i}`;
  const class_ = { [id]: class {} }[id];
  const entity = defineEntity({
    class: class_,
    className: `Entity${i}`,
    tableName: `e${i}_thing`,
    properties: {
      id: p.integer().primary().autoincrement(),
      name: p.string().length(100),
      enabled: p.boolean().default(true),
      note: p.text().default(''),
      quota: p.integer().default(0),
      creation: p.datetime(),
    },
  });
  return defineExtension({
    id,
    version: '1.0.0',
    sdk: '^1.0.0',
    title: `Extension ${i}`,
    ...(i % 2 === 1 ? { requires: { [`e${i >> 1}`]: '^1.0.0' } } : {}),
    parameters: [
      parameterForm(
        parameters(
          id,
          'global',
          {
            enabled: field.boolean({ label: 'Enabled' }).default(true),
            limit: field.integer({ label: 'Limit', min: 0 }).default(10),
            name: field.string({ label: 'Name' }).default('x'),
          },
          { title: 'Form' },
        ),
      ),
    ],
    entities: [entity],
    services: [1, 2].map((n) => provide(service(`${id}.service-${n}@1`), () => ({ n }))),
    taps: [
      on(hooks[0], () => undefined),
      on(hooks[1], () => undefined, { order: i % 3 }),
      on(hook.filter(`${id}.own@1`), (value) => value),
    ],
    contributes: slots.map((to, n) => contribute(to, { id: `${id}-${n}` }, { order: (i * 7) % 5 })),
  });
}

const extensions = Array.from({ length: count }, (_, i) => extension(i));

/** The same taps and lists by hand: what any arrangement costs at least. */
function bare() {
  const tapables = new Map();
  const lists = new Map();
  const services = new Map();
  for (const d of extensions) {
    for (const tap of d.taps) {
      const { kind, id } = tap.hook;
      let of = tapables.get(id);
      if (of === undefined) {
        const Kind = { signal: AsyncSeriesHook, guard: AsyncSeriesBailHook }[kind] ?? AsyncSeriesWaterfallHook;
        of = new Kind(['event'], id);
        tapables.set(id, of);
      }
      of.tapPromise({ name: d.id, stage: tap.order }, tap.run);
    }
    for (const { slot: to, item, order } of d.contributes) {
      const list = lists.get(to.id) ?? [];
      list.push({ from: d.id, item, order });
      lists.set(to.id, list);
    }
    for (const p of d.services) services.set(p.ref.id, p.make);
  }
  for (const list of lists.values()) list.sort((a, b) => a.order - b.order);
  return { tapables, lists, services };
}

async function assembly() {
  const { resolve } = await coreModule('assembly/resolve');
  const { Generation } = await coreModule('assembly/generation');
  const ground = {
    data: {},
    log: {},
    system: {},
    clock: () => new Date(),
    parameters: async () => ({}),
    onRefused() {},
  };
  return () => {
    const { order, problems } = resolve(extensions, '1.0.0');
    if (problems.length > 0 || order.length !== count) throw new Error(problems.map((one) => one.reason).join('; '));
    return new Generation(order, ground, () => {});
  };
}

/** Milliseconds of the first build and of the middle one of twenty, and what one holds. */
function measure(build) {
  const before = collect();
  const begun = performance.now();
  const kept = build();
  const cold = performance.now() - begun;
  const bytes = collect() - before;
  const warm = Array.from({ length: 20 }, () => {
    const at = performance.now();
    build();
    return performance.now() - at;
  }).sort((a, b) => a - b)[10];
  return { cold, warm, bytes, kept: kept !== undefined };
}

async function discovery() {
  const { Database } = await coreModule('data/database');
  const target = {
    dialect: 'sqlite',
    path: '/nonexistent',
    host: '',
    port: 0,
    socket: '',
    user: '',
    password: '',
    name: '',
  };
  const create = async (entities) => {
    const before = collect();
    const begun = performance.now();
    const database = await Database.create({ target, entities, additions: [] });
    const ms = performance.now() - begun;
    const bytes = collect() - before;
    await database.close();
    return { ms, bytes };
  };
  await create([]); // Loads the driver.
  const none = await create([]);
  const all = await create(extensions.flatMap((d) => d.entities));
  return { none, all };
}

const result = what === 'bare' ? measure(bare) : what === 'generation' ? measure(await assembly()) : await discovery();
console.log(JSON.stringify(result));
