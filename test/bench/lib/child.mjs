/** The process of one benchmark: runs the module given as its argument and sends the outcome to its parent. */
import { pathToFileURL } from 'node:url';
import { NotRun } from './rows.mjs';

const send = (/** @type {object} */ message) =>
  new Promise((resolve) => {
    if (process.send === undefined) {
      console.log(JSON.stringify(message, undefined, 2));
      resolve(undefined);
    } else process.send(message, resolve);
  });

// So that what this process started is ended by its `exit` listeners.
for (const signal of ['SIGINT', 'SIGTERM', 'disconnect']) process.on(signal, () => process.exit(1));

try {
  const module = await import(pathToFileURL(process.argv[2] ?? '').href);
  await send({ type: 'done', ...(await module.default.run()) });
} catch (error) {
  if (error instanceof NotRun) await send({ type: 'not-run', reason: error.message });
  else await send({ type: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
process.exit(0);
