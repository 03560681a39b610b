/**
 * A write that raises a signal somebody listens to, against the same write without it; many signals in one write; and how
 * long it takes to deliver what a dead process left behind.
 */
import { defineExtension, hook, on } from '@posthorn/sdk';
import { testHost } from '@posthorn/testkit';
import { onDatabase } from './lib/databases.mjs';
import { notRun, row } from './lib/rows.mjs';

const ROUNDS = 20;
/** Writes per sample. */
const STEP = 50;
const TOGETHER = 1_000;
const LEFT = 10_000;

const happened = hook.signal('demo.happened@1');
const changed = hook.signal('demo.changed@1', { subject: ({ id }) => `demo/${id}` });
const heard = { count: 0 };
const listen = () => {
  heard.count += 1;
};
const demo = defineExtension({
  id: 'demo',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Demo',
  taps: [on(happened, listen), on(changed, listen)],
});

async function measure({ server }) {
  let statements = 0;
  const url = server === undefined ? undefined : (await server.createDatabase()).url;
  await using host = await testHost({
    with: [demo],
    ...(url === undefined ? {} : { database: url }),
    onStatement: () => {
      statements += 1;
    },
  });
  const context = host.context('demo');
  const { data } = context;
  const write = (ref) =>
    data.write(async () => {
      await data.execute('update core_revision set revision = revision + 1 where id = 1');
      if (ref !== undefined) await context.call(ref, { id: statements % 50, name: 'something', fields: ['a', 'b'] });
    });
  const kinds = { plain: undefined, signal: happened, subject: changed };
  const micros = { plain: [], signal: [], subject: [] };
  const counted = { plain: 0, signal: 0, subject: 0 };
  for (let round = -2; round < ROUNDS; round += 1) {
    for (const [kind, ref] of Object.entries(kinds)) {
      const before = statements;
      const begun = performance.now();
      for (let i = 0; i < STEP; i += 1) await write(ref);
      if (round < 0) continue;
      micros[kind].push(((performance.now() - begun) * 1_000) / STEP);
      counted[kind] += statements - before;
    }
  }
  const together = [];
  for (let round = -1; round < 5; round += 1) {
    const begun = performance.now();
    await data.write(async () => {
      for (let i = 0; i < TOGETHER; i += 1) await context.call(happened, { id: i, name: 'something' });
    });
    if (round >= 0) together.push(((performance.now() - begun) * 1_000) / TOGETHER);
  }
  const swept = { apart: [], one: [] };
  for (const kind of ['apart', 'one', 'apart', 'one', 'apart', 'one']) {
    await leave(data, kind);
    heard.count = 0;
    const begun = performance.now();
    await host.kernel.outbox.sweep();
    swept[kind].push(performance.now() - begun);
    if (heard.count !== LEFT) throw new Error(`${heard.count} of ${LEFT} events were delivered`);
  }
  const each = (kind) => counted[kind] / (ROUNDS * STEP);
  return {
    micros,
    together,
    swept,
    statements: { plain: each('plain'), signal: each('signal'), subject: each('subject') },
  };
}

/** Events of a process that died; `one`: all of them of one subject. */
async function leave(data, kind) {
  for (let from = 0; from < LEFT; from += 500) {
    const values = Array.from({ length: 500 }, (_, i) => [
      `${from + i}`,
      kind === 'one' ? 'demo/1' : `demo/${from + i}`,
    ]);
    await data.execute(
      `insert into core_outbox (event_id, hook, extension, subject, payload, owner)
       values ${values.map(() => `(?, 'demo.changed@1', 'demo', ?, '{"id":1}', 'dead')`).join(', ')}`,
      values.flat(),
    );
  }
}

export default {
  async run() {
    const rows = [];
    const notes = [];
    const details = [];
    for (const dialect of ['sqlite', 'postgresql', 'mariadb']) {
      const outcome = await onDatabase(dialect, measure);
      if ('reason' in outcome) {
        rows.push(notRun(`outbox on ${dialect}`, outcome.reason));
        continue;
      }
      const { micros, together, swept, statements } = outcome.value;
      const baseline = { name: 'the same write without', samples: micros.plain };
      const spent = (name, samples) =>
        row({ name: `${name}, ${dialect}`, unit: 'µs', samples, baseline, paired: true });
      rows.push(
        spent('write with a signal', micros.signal),
        spent('write with a signal about a subject', micros.subject),
        row({ name: `signal among ${TOGETHER} in a write, ${dialect}`, unit: 'µs', samples: together }),
        row({ name: `${LEFT} events left behind, ${dialect}`, unit: 'ms', samples: swept.apart }),
        row({ name: `${LEFT} left behind of one subject, ${dialect}`, unit: 'ms', samples: swept.one }),
      );
      notes.push(
        `${dialect}: ${statements.plain.toFixed(2)} statements in the write alone, ${statements.signal.toFixed(2)} with a signal, ${statements.subject.toFixed(2)} with one about a subject.`,
      );
      details.push({ dialect, ...outcome.value });
    }
    return { rows, notes, details };
  },
};
