import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { parseArgs } from 'node:util';
import { codeCache } from './code-cache.js';
import { HOST_COMMANDS, helpOf } from './host-commands.js';
import { findInstance } from './instance-folder.js';

/**
 * The program's switchboard. Only what the chosen command needs is imported: `serve` stays a supervisor of a few
 * megabytes, and everything heavy happens in its workers.
 */

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

interface Global {
  readonly instance: string | undefined;
  readonly logLevel: string | undefined;
  /** What is left for the command. */
  readonly rest: readonly string[];
}

/** Takes out the options that mean the same before and after every command. */
function takeGlobal(argv: readonly string[]): Global {
  const rest: string[] = [];
  const taken: Record<string, string | undefined> = {};
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    if (word === '--') {
      rest.push(...argv.slice(at));
      break;
    }
    const [, name, value] = /^--(instance|log-level)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined) {
      rest.push(word);
    } else {
      at += value === undefined ? 1 : 0;
      const given = value ?? argv[at];
      if (given === undefined || given === '') throw new UsageError(`--${name} needs a value`, '');
      taken[name] = given;
    }
  }
  return { instance: taken.instance, logLevel: taken['log-level'], rest };
}

/** Stands in for a problem until somebody has imported those. */
class UsageError extends Error {
  constructor(
    readonly reason: string,
    readonly noun: string,
  ) {
    super(reason);
  }
}

async function folder(global: Global): Promise<string> {
  const found = findInstance(process.cwd(), global.instance);
  if (found !== undefined) return found;
  const { problem } = await import('./problems.js');
  throw problem('E_HOST_NO_INSTANCE', { place: global.instance ?? (process.env.POSTHORN_INSTANCE || process.cwd()) });
}

const flag = (name: string, value: string | undefined): Record<string, string> =>
  value === undefined ? {} : { [name]: value };

async function serve(global: Global): Promise<number> {
  const { values } = parse('serve', global.rest.slice(1), {
    listen: { type: 'string' },
    workers: { type: 'string' },
    'no-jobs': { type: 'boolean' },
  });
  const directory = await folder(global);
  const { supervise } = await import('./supervisor.js');
  return supervise({
    directory,
    version,
    mode: 'web',
    flags: {
      ...flag('listen', values.listen),
      ...flag('workers', values.workers),
      ...flag('log_level', global.logLevel),
    },
    queues: values['no-jobs'] === true ? [] : ['default'],
  });
}

async function work(global: Global): Promise<number> {
  const { values } = parse('worker', global.rest.slice(1), { queue: { type: 'string', multiple: true } });
  const directory = await folder(global);
  const { supervise } = await import('./supervisor.js');
  return supervise({
    directory,
    version,
    mode: 'jobs',
    flags: flag('log_level', global.logLevel),
    queues: [...new Set(values.queue ?? ['default'])],
  });
}

/** Node's own parser, strict: an unknown option is an error with the option's name. */
function parse<const O extends NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>>(
  noun: string,
  args: readonly string[],
  options: O,
) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false });
  } catch (error) {
    throw new UsageError((error as Error).message, noun);
  }
}

async function dispatch(argv: readonly string[]): Promise<number> {
  const global = takeGlobal(argv);
  const noun = global.rest[0];
  if (noun === '--version' || noun === '-V') {
    process.stdout.write(`posthorn ${version}\n`);
    return 0;
  }
  const own = HOST_COMMANDS.find((command) => command.noun === noun);
  if (own !== undefined && global.rest.some((word) => word === '--help' || word === '-h')) {
    process.stdout.write(helpOf(own));
    return 0;
  }
  if (noun === 'serve') return serve(global);
  if (noun === 'worker') return work(global);
  if (noun === 'init') {
    const { runInit } = await import('./init.js');
    return runInit(global.rest.slice(1), { logLevel: global.logLevel });
  }
  return other(global);
}

/** Everything that is not ours belongs to the kernel and its extensions. */
async function other(global: Global): Promise<number> {
  const found = findInstance(process.cwd(), global.instance);
  const cache = found === undefined ? undefined : codeCache(found);
  if (cache !== undefined) enableCompileCache(cache);
  const { runCommandLine } = await import('@posthorn/core');
  const flags = flag('log_level', global.logLevel);
  return runCommandLine({
    argv: global.rest,
    config: async () => {
      const directory = await folder(global);
      const { loadConfig } = await import('./config.js');
      return loadConfig(directory, { flags });
    },
    hostCommands: HOST_COMMANDS,
    version,
    description:
      'Posthorn hosts and manages e-mail: domains, mailboxes and aliases, beside Postfix, Dovecot and OpenDKIM.',
  });
}

/** Runs the program and sets the exit code. */
export async function run(argv: readonly string[]): Promise<void> {
  try {
    process.exitCode = await dispatch(argv);
  } catch (error) {
    const { showError } = await import('./show-error.js');
    const { problem } = await import('./problems.js');
    const shown = showError(
      error instanceof UsageError ? problem('E_HOST_USAGE', { reason: error.reason, noun: error.noun }) : error,
      { json: argv.includes('--json'), debug: process.env.POSTHORN_LOG_LEVEL === 'debug' },
    );
    process.stderr.write(shown.text);
    process.exitCode = shown.exitCode;
  }
}
