import { setTimeout as sleep } from 'node:timers/promises';
import { type CommandContext, type Contribution, command, field, messages } from '@posthorn/sdk';
import { nudgeSupervisors } from '../cluster/supervisor-file.js';
import { waitForAssembly } from '../cluster/wait-for-assembly.js';
import { follow } from '../commands/follow.js';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { KERNEL_ID } from '../kernel-extension.js';
import { arrange, leftBehind } from './arrange.js';
import { findCulprit, type Suspect } from './search.js';
import { commandTrial, QuestionTrial, type Trial, urlTrial } from './trials.js';

const t = messages('host');

/** What processes get to follow; a busy machine tries again in between. */
const PATIENCE_MS = 120_000;

/** `posthorn extension bisect`: which extension causes a problem. */
export const bisectCommand = (kernel: () => Kernel): Contribution =>
  command({
    noun: 'extension',
    verb: 'bisect',
    summary: t('Find the extension that causes a problem, by switching halves off'),
    description: t(
      'Asks after each step, or looks itself with --command or --url. What was enabled is enabled again at the end, after Ctrl C too; after anything worse, --restore does it. Essential extensions stay on.',
    ),
    examples: [
      'extension bisect',
      'extension bisect --url /dashboard/ --expect 303',
      'extension bisect --command "curl -fsS http://127.0.0.1:8000/readyz"',
      'extension bisect --restore',
    ],
    permission: 'core.manage_extensions',
    input: {
      command: field.string({ label: t('A command that ends with 0 where all is well'), max: 4_000 }).optional(),
      url: field.string({ label: t('A path or address to ask'), max: 2_000 }).optional(),
      expect: field
        .integer({ label: t('The status it answers with where all is well'), min: 100, max: 599 })
        .default(200),
      restore: field
        .boolean({ label: t('Only enable what an interrupted search has left switched off') })
        .default(false),
    },
    run: async (input, c) => {
      const left = await leftBehind(kernel());
      if (left.length > 0) {
        await follow(kernel(), await arrange(kernel(), left, new Set(left)), c);
        c.out.note(t('Enabled again after an interrupted search: {{ids}}.', { ids: left.join(', ') }));
      }
      if (input.restore) return;
      const suspects = suspectsOf(kernel(), left);
      if (suspects.length === 0) throw problem('E_BISECT_NOTHING');
      using trial = trialFor(input, kernel(), c);
      await search(kernel(), suspects, trial, c);
    },
  });

/** Dependencies first. What an interrupted search had switched off is not part of this process's generation. */
function suspectsOf(kernel: Kernel, left: readonly string[]): readonly Suspect[] {
  const ordered = kernel.generation.order.map(({ id, requires }) => ({ id, requires: Object.keys(requires ?? {}) }));
  const others = kernel.packages.filter(({ id }) => left.includes(id));
  const late = others.map(({ id, requires }) => ({ id, requires: Object.keys(requires) }));
  late.sort((a, b) => (a.requires.includes(b.id) ? 1 : b.requires.includes(a.id) ? -1 : 0));
  const kept = new Set<string>([KERNEL_ID, ...kernel.config.essential]);
  for (let size = -1; size !== kept.size; ) {
    size = kept.size;
    for (const { id, requires } of ordered) if (kept.has(id)) for (const peer of requires) kept.add(peer);
  }
  return [...ordered, ...late].filter(({ id }) => !kept.has(id));
}

interface Wanted {
  readonly command?: string | undefined;
  readonly url?: string | undefined;
  readonly expect: number;
}

function trialFor(wanted: Wanted, kernel: Kernel, c: CommandContext): Trial {
  if (wanted.command !== undefined) return commandTrial(wanted.command, c.signal);
  if (wanted.url === undefined) return new QuestionTrial(c.signal);
  const url = URL.parse(wanted.url, kernel.config.baseUrl);
  if (url === null) throw problem('E_USAGE', { reason: `--url: ${wanted.url} is no address` });
  return urlTrial(url, wanted.expect, c.signal);
}

async function search(kernel: Kernel, suspects: readonly Suspect[], trial: Trial, c: CommandContext): Promise<void> {
  const ids = suspects.map(({ id }) => id);
  // Ends by Ctrl C are the context's signal; this one would end the process before anything is put back.
  const ended = new AbortController();
  const end = (): void => ended.abort(problem('E_CANCELLED'));
  process.once('SIGTERM', end);
  try {
    const { culprit, trials } = await findCulprit(suspects, async (on) => {
      c.signal.throwIfAborted();
      ended.signal.throwIfAborted();
      await everybodyFollows(kernel, await arrange(kernel, ids, on), c.signal);
      const off = ids.filter((id) => !on.has(id)).join(', ') || '—';
      c.out.note(t('Switched off now: {{ids}}.', { ids: off }));
      const stopped = Promise.withResolvers<never>();
      ended.signal.addEventListener('abort', () => stopped.reject(ended.signal.reason));
      return Promise.race([trial.isThere('Is the problem still there?'), stopped.promise]);
    });
    c.out.item({ culprit: culprit ?? null, trials });
    if (culprit !== undefined) return;
    c.out.warn(t('No single extension causes it: it is not there now, or it is there without any of them.'));
    c.setExitCode(1);
  } finally {
    await follow(kernel, await arrange(kernel, ids, new Set(ids)), c);
    process.off('SIGTERM', end);
  }
}

/** A trial of processes that have not followed would say something about the arrangement before. */
async function everybodyFollows(kernel: Kernel, assembly: number, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  nudgeSupervisors(kernel.config.directory);
  while (!(await waitForAssembly(kernel.database, assembly)).isDone) {
    signal.throwIfAborted();
    if (performance.now() > deadline) throw problem('E_BISECT_NOT_FOLLOWED');
    await sleep(1_000);
  }
}
