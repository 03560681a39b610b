import type { ToSupervisor, ToWorker, WorkerOrder } from './messages.js';
import { WorkerProcess } from './worker-process.js';

/** What the supervisor starts: one process, one generation. Everything it is to do comes by message. */

// The supervisor hears these too and tells us what to do; a terminal and systemd send them to all of us at once.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => {});

const say = (message: ToSupervisor): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, () => resolve());
  });

process.on('uncaughtException', (error) => {
  process.stderr.write(
    `${JSON.stringify({ level: 60, time: Date.now(), pid: process.pid, msg: 'worker failed', stack: error.stack })}\n`,
  );
  process.exit(1);
});

const order = JSON.parse(process.env.POSTHORN_WORKER ?? '{}') as WorkerOrder;
const worker = new WorkerProcess(order, say);
process.on('message', (message: ToWorker) => worker.hear(message));
await worker.run();
