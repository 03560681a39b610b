import { userInfo } from 'node:os';
import type { Actor, Problem } from '@posthorn/sdk';
import { isProblem } from '@posthorn/sdk';
import { superActor } from '../access/grants.js';
import { originOf, withOrigin } from '../audit/origin.js';
import { bootKernel } from '../boot.js';
import type { InstanceConfig } from '../config.js';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { KERNEL_ID } from '../kernel-extension.js';
import type { Translate } from '../text/catalogs.js';
import { callInFrame, ExtensionError } from '../watch/attribution.js';
import { createLog } from '../watch/log.js';
import { commandContext } from './command-context.js';
import { describeFailure, INTERRUPTED } from './failure.js';
import { CommandOutput, type Streams } from './output.js';
import type { CommonOptions, HostCommand, ParsedCommand } from './program.js';

export interface CommandLine {
  /** Without program and script name. */
  readonly argv: readonly string[];
  /** Finds and reads the instance; throws a `configuration` problem where there is none. */
  readonly config: () => Promise<InstanceConfig>;
  readonly hostCommands: readonly HostCommand[];
  readonly version: string;
  /** What the program is for, in one sentence. */
  readonly description: string;
}

const english: Translate = (text) =>
  typeof text === 'string' ? text : text.key.replace(/\{\{(\w+)\}\}/g, (all, n: string) => String(text.args[n] ?? all));

/** Runs one command line from start to end and returns its exit code. Never throws. */
export async function runCommandLine(line: CommandLine): Promise<number> {
  let translate = english;
  let kernel: Kernel | undefined;
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  // A reader that went away (`| head`) is not an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
  });
  const s = { streams: { out: process.stdout, err: process.stderr }, signal: interrupt.signal };
  try {
    const config = await configFor(line);
    if (config !== undefined) {
      const log = createLog({ level: config.logLevel === 'info' ? 'warn' : config.logLevel, name: 'command', to: 2 });
      kernel = await bootKernel({ config, role: 'command', log, isLenient: true });
      translate = await kernel.translator(config.language);
    }
    const exitCode = await runParsed(kernel, line, { ...s, translate, bootProblem: kernel?.bootProblem });
    return interrupt.signal.aborted ? INTERRUPTED : exitCode;
  } catch (thrown) {
    return interrupt.signal.aborted ? INTERRUPTED : tell(thrown, line.argv, { ...s, translate });
  } finally {
    process.off('SIGINT', onInterrupt);
    await kernel?.[Symbol.asyncDispose]().catch(() => undefined);
  }
}

/** Runs a command line in a kernel that is there already and stays. Returns the exit code. Never throws. */
export async function runOnKernel(kernel: Kernel, argv: readonly string[], streams: Streams): Promise<number> {
  const translate = await kernel.translator(kernel.config.language);
  // What was wrong when it was built may be over by now; what still is shows itself.
  const s = { streams, translate, signal: new AbortController().signal, bootProblem: undefined };
  try {
    return await runParsed(kernel, { argv, hostCommands: [], version: kernel.version, description: '' }, s);
  } catch (thrown) {
    return tell(thrown, argv, s);
  }
}

async function runParsed(kernel: Kernel | undefined, line: Omit<CommandLine, 'config'>, s: Surroundings) {
  // Imported here: a process that serves reads no command line.
  const { parseCommandLine } = await import('./program.js');
  const parsed = parseCommandLine(line.argv, {
    commands: kernel?.commands() ?? [],
    hostCommands: line.hostCommands,
    version: line.version,
    description: line.description,
  });
  if (parsed.kind === 'text') {
    s.streams.out.write(parsed.text);
    return 0;
  }
  // Without a readable wish only the kernel's commands are known: say why, not that a command is unknown.
  if (parsed.kind === 'problem') throw s.bootProblem ?? parsed.problem;
  if (kernel === undefined) throw problem('E_USAGE', { reason: 'This needs an instance.' });
  let exitCode = 0;
  await execute(kernel, parsed.parsed, s, (code) => {
    exitCode = code;
  });
  return exitCode;
}

/** Words a failure on the error stream, in the format that was asked for, and returns its exit code. */
function tell(
  thrown: unknown,
  argv: readonly string[],
  { streams, translate }: Pick<Surroundings, 'streams' | 'translate'>,
): number {
  const error = thrown instanceof ExtensionError && isProblem(thrown.cause) ? thrown.cause : thrown;
  if (!isProblem(error) && process.env['POSTHORN_LOG_LEVEL'] === 'debug') console.error(error);
  const failure = describeFailure(error, { json: argv.includes('--json'), translate });
  streams.err.write(`${failure.text}\n`);
  return failure.exitCode;
}

/** Help and version need no instance; with one, they show its extensions' commands too. */
async function configFor(line: CommandLine): Promise<InstanceConfig | undefined> {
  const isHelp = line.argv.length === 0 || line.argv.some((a) => a === '--help' || a === '--version');
  try {
    return await line.config();
  } catch (error) {
    if (isHelp) return undefined;
    throw error;
  }
}

interface Surroundings {
  readonly streams: Streams;
  readonly translate: Translate;
  readonly signal: AbortSignal;
  /** Why no wish could be read, so that only the kernel's own commands are known. */
  readonly bootProblem: Problem | undefined;
}

async function execute(
  kernel: Kernel,
  parsed: ParsedCommand,
  s: Surroundings,
  onExitCode: (code: number) => void,
): Promise<void> {
  const { command, options } = parsed;
  if (command.noun !== 'migrate' && command.noun !== 'check') await requireSchema(kernel, s.bootProblem);
  const { readInput } = await import('./program.js');
  const input = readInput(parsed);
  const actor = await actorFor(kernel, options);
  if (command.permission !== 'public' && !actor.can(command.permission))
    throw problem('E_FORBIDDEN', { permission: command.permission });
  const out = new CommandOutput({
    json: options.json === true,
    quiet: options.quiet === true,
    translate: s.translate,
    streams: s.streams,
  });
  const context = commandContext(kernel.generation.context(parsed.from), {
    actor,
    out,
    signal: s.signal,
    yes: options.yes === true,
    isInteractive: options.input !== false && process.stdin.isTTY === true && process.stderr.isTTY === true,
    translate: s.translate,
    onExitCode,
  });
  const at = `command:${command.noun} ${command.verb}`;
  const spot = kernel.spots.at(parsed.from, at);
  try {
    await withOrigin({ ...originOf(actor), behind: systemUser() }, () =>
      callInFrame({ extension: parsed.from, at, actor, spot }, () => command.run(input, context)),
    );
  } catch (error) {
    // What nobody wrote for people is the extension's, by name; the kernel needs none.
    if (isProblem(error) || error instanceof ExtensionError || parsed.from === KERNEL_ID) throw error;
    throw new ExtensionError(parsed.from, at, error);
  }
}

/** Commands run on the schema they were written for; only `migrate` and `check` may find an older one. */
async function requireSchema(kernel: Kernel, bootProblem: Problem | undefined): Promise<void> {
  if (bootProblem !== undefined) throw bootProblem;
  const [first, ...others] = await kernel.pendingMigrations();
  const [newer] = await kernel.newerMigrations();
  if (newer !== undefined) throw problem('E_SCHEMA_NEWER', { name: newer });
  if (first !== undefined) throw problem('E_SCHEMA_PENDING', { count: others.length + 1, first });
}

/** Who typed it, by the machine's own names: whoever became root by sudo is named too. */
function systemUser(): string {
  const own = ownName();
  const before = process.env['SUDO_USER'] ?? '';
  return before === '' || before === own ? own : `${before} as ${own}`;
}

/** A user without an entry in the machine's list has only a number. */
function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
}

async function actorFor(kernel: Kernel, options: CommonOptions): Promise<Actor> {
  if (options.as === undefined) return superActor('command', 'operator');
  const account = await kernel.accounts.findByUsername(options.as);
  if (account === null) throw problem('E_ACCOUNT_NOT_FOUND', { username: options.as }, { field: 'as' });
  if (!account.is_active) throw problem('E_FORBIDDEN_ACCOUNT', { username: options.as }, { field: 'as' });
  return kernel.accounts.actor(account, 'command');
}
