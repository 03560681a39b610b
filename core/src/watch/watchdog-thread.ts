/**
 * The watchdog's own thread: looks whether the main thread's event loop still turns. It can do so while the main thread
 * is stuck, and it can ask what in: the inspector stops running JavaScript between two instructions, and the frame that
 * belongs to it is known there, behind an `await` as well. Code outside of JavaScript (a file being read, a program being
 * waited for) cannot be stopped; then the board says whose synchronous code began it.
 */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { type Incident, removeSlow, writeIncident } from '../quarantine/incidents.js';
import { tidyHeap } from '../tidy-heap.js';
import { FrameBoard, type FrameName, NOBODY, RUNNING } from './frame-board.js';
import type { WatchdogOrder, WatchdogReport } from './watchdog.js';

/** How long the main thread gets to say where it is; on a busy machine it waits for a processor before it can. */
const ANSWER_MS = 5_000;
/** What the supervisor gets to find a successor and end this process, before the thread ends it. */
const GRACE_MS = 30_000;

const order = workerData as WatchdogOrder;
const board = new FrameBoard(order.memory);
const names: FrameName[] = [];
const say = (report: WatchdogReport): void => parentPort?.postMessage(report);

/** One time that the event loop stands still. */
interface Block {
  incident: Incident;
  isTold: boolean;
}

let seen = board.beats;
let looked = performance.now();
/** When the event loop turned last: what the main thread had waited for a processor by then. */
let starvedThen = starvedMs();
/** Milliseconds since then, counted in looks: a machine that was halted meanwhile makes one look of any length. */
let passed = 0;
let block: Block | undefined;

parentPort?.on('message', ({ name, frame }: { name: FrameName; frame: number }) => {
  names[frame] = name;
});
tidyHeap();
setInterval(look, order.everyMs);
say({ type: 'ready' });

function look(): void {
  const now = performance.now();
  const beats = board.beats;
  if (beats !== seen) {
    seen = beats;
    starvedThen = starvedMs();
    passed = 0;
    if (block !== undefined) end(block);
    block = undefined;
  } else {
    passed += Math.min(now - looked, 0.8 * order.logMs);
    // Ready to run without a processor is not stuck: a busy machine must not be taken for a loop.
    const still = passed - (starvedMs() - starvedThen);
    if (still >= order.logMs) follow(still);
  }
  looked = now;
}

/** How long the main thread has waited for a processor since it began; Linux tells, elsewhere nothing is taken off. */
function starvedMs(): number {
  try {
    // proc(5): nanoseconds on a processor, nanoseconds waiting for one, number of turns; of the process's first thread.
    return Number(readFileSync('/proc/self/schedstat', 'latin1').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

function follow(still: number): void {
  if (block === undefined) {
    const begun = { incident: incidentOf(names[board.frame] ?? NO_NAME), isTold: false };
    block = begun;
    write('slow', begun.incident);
    void whereItIs().then((name) => {
      if (name === undefined) return;
      begun.incident = { ...begun.incident, ...name };
      if (block === begun && !begun.isTold) write('slow', begun.incident);
    });
  }
  block.incident = { ...block.incident, ms: Math.round(still) };
  if (still >= order.endMs && !block.isTold) {
    block.isTold = true;
    write('stuck', { ...block.incident, time: Date.now() });
  }
  if (still >= order.endMs + GRACE_MS) process.kill(process.pid, 'SIGKILL');
}

/** A full disk must not end the thread: it ends the process itself when nobody else does. */
function write(kind: 'slow' | 'stuck', incident: Incident): void {
  try {
    writeIncident(order.folder, kind, incident);
  } catch (error) {
    process.stderr.write(`posthorn: the watchdog cannot write to ${order.folder}: ${(error as Error).message}\n`);
  }
}

function end({ incident }: Block): void {
  removeSlow(order.folder, incident.pid);
  const { extension, at, ms } = incident;
  say({ type: 'block', extension, at, ms });
}

const NO_NAME: FrameName = { extension: 'core', at: '' };

const incidentOf = (name: FrameName): Incident => ({ ...name, pid: process.pid, ms: 0, time: Date.now() });

/** Asks the main thread, which answers in the middle of what it does. Undefined where the board knows better. */
async function whereItIs(): Promise<FrameName | undefined> {
  const { Session } = await import('node:inspector');
  const session = new Session();
  try {
    session.connectToMainThread();
  } catch {
    return undefined; // A Node without an inspector.
  }
  const { promise, resolve } = Promise.withResolvers<FrameName | undefined>();
  const timer = setTimeout(() => resolve(undefined), ANSWER_MS);
  session.on('Debugger.paused', ({ params }) => {
    const [top] = params.callFrames;
    const leave = (): void => session.post('Debugger.resume', () => session.disconnect());
    if (top === undefined) return leave();
    const expression = `globalThis[Symbol.for(${JSON.stringify(RUNNING)})]?.()`;
    session.post('Debugger.evaluateOnCallFrame', { callFrameId: top.callFrameId, expression }, (_, answer) => {
      clearTimeout(timer);
      resolve(named(answer?.result.value));
      leave();
    });
  });
  session.post('Debugger.enable');
  session.post('Debugger.pause');
  return promise;
}

function named(answer: unknown): FrameName | undefined {
  if (typeof answer !== 'string') return undefined;
  const name = JSON.parse(answer) as FrameName;
  return name.extension === NO_NAME.extension && board.frame !== NOBODY ? undefined : name;
}
