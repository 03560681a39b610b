/**
 * One call of a hook through an extension's context, as everybody makes it, against a bare tapable hook with the same
 * listeners. Both are measured in turns, many times, and the difference is the median of the pairs: the machine's mood
 * changes more between minutes than what is measured here.
 */
import { hook, on } from '@posthorn/sdk';
import { AsyncSeriesBailHook, AsyncSeriesHook, AsyncSeriesWaterfallHook } from 'tapable';
import { coreModule } from './lib/internals.mjs';
import { row } from './lib/rows.mjs';
import { median } from './lib/statistics.mjs';
import { figure, table } from './lib/table.mjs';

const KINDS = /** @type {const} */ (['signal', 'guard', 'filter', 'collect', 'first']);
const COUNTS = [1, 5, 50];
/** What a listener does: no promise, a promise that is settled, a promise that is pending. */
const MODES = /** @type {const} */ (['at once', 'async', 'awaits']);
const ROUNDS = 21;
const BATCH_MS = 3;

/** @typedef {(typeof KINDS)[number]} Kind */
/** @typedef {(typeof MODES)[number]} Mode */

/** The answer that lets every listener of its kind be asked. */
const plainAnswer = {
  signal: () => undefined,
  guard: () => undefined,
  filter: (/** @type {number} */ value) => value + 1,
  collect: () => 'x',
  first: () => undefined,
};

/**
 * @param {Kind} kind
 * @param {Mode} mode
 */
function listener(kind, mode) {
  const answer = plainAnswer[kind];
  if (mode === 'at once') return (/** @type {never} */ first) => answer(first);
  if (mode === 'async') return async (/** @type {never} */ first) => answer(first);
  return async (/** @type {never} */ first) => {
    await null;
    return answer(first);
  };
}

const EVENT = { n: 1 };

/**
 * A bare hook, each listener tapped in tapable's cheapest way for what it does.
 * @param {Kind} kind
 * @param {Mode} mode
 * @param {number} count
 */
function bare(kind, mode, count) {
  const Hook = { signal: AsyncSeriesHook, guard: AsyncSeriesBailHook, first: AsyncSeriesBailHook };
  const tapable = new (Hook[kind] ?? AsyncSeriesWaterfallHook)(
    kind === 'filter' ? ['value', 'event'] : kind === 'collect' ? ['all', 'event'] : ['event'],
  );
  for (let i = 0; i < count; i += 1) {
    const run = listener(kind, mode);
    const name = `e${i}`;
    if (kind === 'collect') {
      const add = (all, value) => {
        all.push({ from: name, value });
        return all;
      };
      if (mode === 'at once') tapable.tap(name, (all, event) => add(all, run(event)));
      else tapable.tapPromise(name, async (all, event) => add(all, await run(event)));
    } else if (mode === 'at once') tapable.tap(name, run);
    else tapable.tapPromise(name, run);
  }
  if (kind === 'filter') return () => tapable.promise(0, EVENT);
  if (kind === 'collect') return () => tapable.promise([], EVENT);
  return () => tapable.promise(EVENT);
}

/**
 * Nanoseconds of processor time per call, collecting garbage included: what other programs take is not counted.
 * @param {() => Promise<unknown>} call
 * @param {number} calls
 */
async function time(call, calls) {
  const begun = process.cpuUsage();
  for (let i = 0; i < calls; i += 1) await call();
  const { user, system } = process.cpuUsage(begun);
  return ((user + system) * 1_000) / calls;
}

/** @param {() => Promise<unknown>} call */
async function callsPerBatch(call) {
  await time(call, 500);
  return Math.min(100_000, Math.max(20, Math.round((BATCH_MS * 1e6) / (await time(call, 500)))));
}

async function cells() {
  const { Generation } = await coreModule('assembly/generation');
  const all = [];
  /** By extension: the first has all, the last only those of the longest hooks. */
  const taps = Array.from({ length: Math.max(...COUNTS) }, () => []);
  for (const kind of KINDS) {
    for (const mode of MODES) {
      for (const count of COUNTS) {
        const ref = hook[kind](`demo.${kind}-${mode.replace(' ', '-')}-${count}@1`);
        for (let i = 0; i < count; i += 1) {
          taps[i].push(on(ref, listener(kind, mode)));
        }
        all.push({ kind, mode, count, ref, bare: bare(kind, mode, count) });
      }
    }
    all.push({
      kind,
      mode: 'unused',
      count: 0,
      ref: hook[kind](`demo.${kind}-unused@1`),
      bare: bare(kind, 'at once', 0),
    });
  }
  const definitions = taps.map((own, i) => ({ id: `e${i}`, version: '1.0.0', sdk: '^1.0.0', title: '', taps: own }));
  const ground = {
    data: {},
    // Of a signal only the call is measured here; the outbox has a benchmark of its own.
    raise: (ref, _extension, event) => generation.hooks.find(ref.id)?.(event, { id: '', attempt: 1 }),
    log: {},
    system: {},
    clock: () => new Date(),
    parameters: async () => ({}),
    onRefused: () => {},
  };
  const report = (error) => {
    throw error;
  };
  const generation = new Generation(definitions, ground, report);
  const context = generation.context('e0');
  return all.map((cell) => ({
    ...cell,
    ours: cell.kind === 'filter' ? () => context.call(cell.ref, EVENT, 0) : () => context.call(cell.ref, EVENT),
  }));
}

export default {
  async run() {
    const measured = (await cells()).map((cell) => ({ ...cell, calls: 0, oursNs: [], bareNs: [] }));
    // Everything runs once before anything is counted, so that the compiler has met every kind of listener.
    for (let warm = 0; warm < 3; warm += 1) {
      for (const cell of measured) {
        const calls = [await callsPerBatch(cell.ours), await callsPerBatch(cell.bare)];
        cell.calls = Math.min(...calls);
      }
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const cell of measured) {
        const pair = [() => time(cell.ours, cell.calls), () => time(cell.bare, cell.calls)];
        if (round % 2 === 0) {
          cell.oursNs.push(await pair[0]());
          cell.bareNs.push(await pair[1]());
        } else {
          cell.bareNs.push(await pair[1]());
          cell.oursNs.push(await pair[0]());
        }
      }
    }
    const differences = (cell) => cell.oursNs.map((ns, i) => ns - cell.bareNs[i]);
    const toRow = (cell, name, aim) =>
      row({
        name,
        unit: 'ns',
        samples: cell.oursNs,
        baseline: { name: 'tapable', samples: cell.bareNs },
        paired: true,
        aim,
      });
    const rows = [
      ...measured
        .filter((cell) => cell.count === 0)
        .map((cell) => toRow(cell, `hook unused, ${cell.kind}`, { of: 'median', below: 100 })),
      ...MODES.flatMap((mode) =>
        measured
          .filter((cell) => cell.count === 5 && cell.mode === mode)
          .map((cell) =>
            toRow(cell, `hook × 5 ${mode}, ${cell.kind}`, {
              of: 'difference',
              below: mode === 'at once' ? 1_000 : 3_000,
            }),
          ),
      ),
    ];
    const lines = measured.map((cell) => [
      cell.kind,
      cell.mode,
      String(cell.count),
      figure(median(cell.oursNs)),
      figure(median(cell.bareNs)),
      figure(median(differences(cell))),
      cell.count === 0 ? '' : figure(median(differences(cell)) / cell.count),
    ]);
    return {
      rows,
      notes: [
        `every cell, ns per call:\n${table(['kind', 'listener', 'count>', 'ours>', 'tapable>', 'difference>', 'per listener>'], lines)}`,
      ],
      details: measured.map((cell) => ({
        kind: cell.kind,
        listener: cell.mode,
        count: cell.count,
        ours: median(cell.oursNs),
        tapable: median(cell.bareNs),
        difference: median(differences(cell)),
      })),
    };
  },
};
