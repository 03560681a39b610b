import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ExtensionState } from '../assembly/assemble.js';
import { bootKernel } from '../boot.js';
import type { Kernel } from '../kernel.js';
import { createLog } from '../watch/log.js';
import type { CandidateOrder, CandidatePlan, FromCandidate, ToCandidate } from './candidate-messages.js';

/**
 * The process that an upgrade tries its arrangement in. A process that imported one version of a package cannot take
 * another: modules stay, and entity classes would be there twice. It ends with whoever started it.
 */

let kernel: Kernel | undefined;

/** Lets everybody who imports the package meet the new version, as they will once the link points at it. */
function preferVersion(name: string, directory: string): void {
  const parentURL = pathToFileURL(join(directory.slice(0, -`/node_modules/${name}`.length), 'package.json')).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, specifier === name || specifier.startsWith(`${name}/`) ? { ...context, parentURL } : context),
  });
}

async function plan({ config, packages, upgraded, desired }: CandidateOrder): Promise<CandidatePlan> {
  preferVersion(upgraded.package, upgraded.directory);
  const log = createLog({ level: config.logLevel, name: 'command', to: 2 });
  kernel = await bootKernel({ config, role: 'command', log, packages, desired });
  const { generation } = kernel;
  const lacking = kernel.states.filter((s) => s.desired === 'enabled' && !generation.has(s.id));
  const definition = generation.order.find(({ id }) => id === upgraded.id);
  const permissions: CandidatePlan['permissions'] = { ...definition?.permissions, ...definition?.claimedPermissions };
  return {
    reasons: Object.fromEntries(lacking.map((s) => [s.id, reasonOf(s)])),
    permissions: Object.fromEntries(Object.entries(permissions).map(([name, { roles }]) => [name, { roles }])),
    pending: await kernel.pendingMigrations(),
    unknown: (await kernel.newerMigrations()).filter((name) => name.startsWith(`${upgraded.id}/`)),
  };
}

const reasonOf = ({ state, reason }: ExtensionState): string =>
  state === 'quarantined' ? `it is quarantined, so disable it, upgrade it and enable it again (${reason})` : reason;

async function answer(message: ToCandidate, steps: string[]): Promise<FromCandidate> {
  if (message.type === 'plan') return { type: 'done', plan: await plan(message.order) };
  if (kernel === undefined) throw new Error('there is no arrangement yet');
  if (message.type === 'down') return { type: 'done', steps: await kernel.migrations().down(message.names) };
  await kernel.migrations().up({ onStep: (name) => void steps.push(name) });
  return { type: 'done', steps };
}

process.on('message', (message: ToCandidate) => {
  const steps: string[] = [];
  void answer(message, steps)
    .catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      return { type: 'failed', reason, steps } as const;
    })
    .then((said) => process.send?.(said));
});
// A terminal sends it to everybody; whoever started this process decides what is finished first.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));
