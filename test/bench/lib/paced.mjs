/**
 * Somebody who is signed in and opens a page at a fixed pace, in a process of its own. A request is sent when it is due,
 * whether or not the one before has been answered, and its time counts from then: a server that stands still cannot hide
 * behind a client that waits for it. Counts by phases that the parent names.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { reader } from './reader.mjs';

const { port, who, path, perSecond } = JSON.parse(process.argv[2] ?? '{}');
const visitor = reader(port, 64);
/** @type {Record<string, number[]>} */
const phases = {};
/** @type {string | undefined} */
let phase;
let isStopping = false;

process.on('message', (/** @type {{ phase?: string }} */ message) => {
  phase = message.phase;
  isStopping = phase === undefined;
});
process.on('disconnect', () => process.exit(1));

await visitor.signIn(who, await visitor.signInToken());
await visitor.must(path);
process.send?.('ready');
const begun = performance.now();
const underWay = new Set();
for (let n = 0; !isStopping; n += 1) {
  const due = begun + (n * 1_000) / perSecond;
  await sleep(Math.max(0, due - performance.now()));
  const of = phase;
  const one = visitor.must(path, { encodings: 'gzip, deflate, br' }).then(() => {
    if (of !== undefined) phases[of] = [...(phases[of] ?? []), performance.now() - due];
    underWay.delete(one);
  });
  underWay.add(one);
}
await Promise.all(underWay);
process.send?.(phases, () => process.exit(0));
