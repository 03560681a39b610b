import { setImmediate as tick } from 'node:timers/promises';
import { beforeEach, expect, it } from 'vitest';
import { type Laned, Lanes } from './lanes.js';

let told: number[];
let open: Map<number, () => void>;
let invalid: Set<number>;
let lanes: Lanes<Laned>;
/** What happens while an event is with its listeners. */
let during: (event: Laned) => Promise<void>;
beforeEach(() => {
  told = [];
  open = new Map();
  invalid = new Set();
  during = async () => {};
  lanes = new Lanes<Laned>({
    isValid: ({ id }) => !invalid.has(id),
    async deliver(event) {
      told.push(event.id);
      await during(event);
    },
  });
});
const add = (id: number, subject = 'a'): Laned => {
  const event = { id, subject };
  lanes.add(event);
  return event;
};
const held = (event: Laned): Promise<void> => new Promise((resolve) => open.set(event.id, resolve));

it('delivers in the order of ids, whoever comes first', async () => {
  const late = add(2);
  const early = add(1);
  await lanes.run([late]);
  expect(told).toEqual([]);
  await lanes.run([early]);
  expect(told).toEqual([1, 2]);
  expect(lanes.size).toBe(0);
});

it('delivers one event of a subject at a time, others beside it', async () => {
  during = held;
  const events = [add(1), add(2), add(3, 'b')];
  const running = events.map((event) => lanes.run([event]));
  await tick();
  expect(told).toEqual([1, 3]);
  open.get(1)?.();
  await tick();
  expect(told).toEqual([1, 3, 2]);
  for (const end of open.values()) end();
  await Promise.all(running);
  expect(lanes.size).toBe(0);
});

it('lets a listener raise an event of the same subject, which comes after it', async () => {
  during = async ({ id }) => {
    if (id !== 1) return;
    await lanes.run([add(2)]);
    expect(told).toEqual([1]);
  };
  await lanes.run([add(1)]);
  expect(told).toEqual([1, 2]);
});

it('goes on when an event before was not committed', async () => {
  const gone = add(1);
  await lanes.run([add(2)]);
  lanes.remove(gone);
  await tick();
  expect(told).toEqual([2]);
});

it('holds back what lies behind the event of another process, and nothing before it', async () => {
  const events = [add(1), add(3)];
  lanes.block('a', 2);
  await lanes.run(events);
  expect(told).toEqual([1]);
  expect(lanes.blocked).toEqual(['a']);
  lanes.block('a', undefined);
  await tick();
  expect(told).toEqual([1, 3]);
  expect(lanes.blocked).toEqual([]);
});

it('does not begin with a lease that may be over, nor with what comes behind', async () => {
  invalid.add(1);
  await lanes.run([add(1), add(2)]);
  expect(told).toEqual([]);
  invalid.clear();
  lanes.block('a', undefined);
  await tick();
  expect(told).toEqual([1, 2]);
});

it('waits for the process that has taken an event over', async () => {
  const [lost, next] = [add(1), add(2)];
  lanes.lose(lost);
  await lanes.run([next]);
  expect(told).toEqual([]);
  lanes.block('a', undefined);
  await tick();
  expect(told).toEqual([2]);
});

it('begins nothing after the end, and says what it has not begun', async () => {
  during = held;
  const running = lanes.run([add(1), add(2), add(3, 'b')]);
  await tick();
  expect(lanes.stop().map(({ id }) => id)).toEqual([2, 3]);
  open.get(1)?.();
  await running;
  expect(told).toEqual([1]);
});
