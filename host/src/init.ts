import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLog, type InstanceConfig, parseDatabaseUrl, setUpInstance } from '@posthorn/core';
import { isProblem } from '@posthorn/sdk';
import { type InitFlags, type InitPlan, planFrom } from './init-options.js';
import { askFor, Cancelled } from './init-questions.js';
import { type InstalledPackage, installedBeside } from './installed-extensions.js';
import {
  configurationText,
  keepDatabaseUrl,
  linkPackages,
  makeDirectory,
  makeFolders,
  write,
} from './instance-files.js';
import { CONFIGURATION_FILE } from './instance-folder.js';
import { problem } from './problems.js';
import { randomPassword } from './random-password.js';
import { Undo } from './undo.js';

/** `posthorn init`: a new instance, or nothing at all. */

const OPTIONS = {
  database: { type: 'string' },
  'database-file': { type: 'string' },
  hostname: { type: 'string' },
  'base-url': { type: 'string' },
  'admin-username': { type: 'string' },
  'admin-password-file': { type: 'string' },
  extensions: { type: 'string' },
  language: { type: 'string' },
  'time-zone': { type: 'string' },
  'no-input': { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

function readFlags(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: OPTIONS,
      strict: true,
      allowPositionals: true,
    });
    if (positionals.length > 1) throw new Error(`One folder is enough, ${positionals.length} were given.`);
    const flags: InitFlags = {
      directory: positionals[0],
      database: values.database,
      databaseFile: values['database-file'],
      hostname: values.hostname,
      baseUrl: values['base-url'],
      adminUsername: values['admin-username'],
      adminPasswordFile: values['admin-password-file'],
      extensions: values.extensions,
      language: values.language,
      timeZone: values['time-zone'],
    };
    return { flags, isJson: values.json === true, mayAsk: values['no-input'] !== true };
  } catch (error) {
    throw problem('E_HOST_USAGE', { reason: (error as Error).message, noun: 'init' });
  }
}

/** Exit code of an interrupted command (128 + SIGINT). */
const INTERRUPTED = 130;

export async function runInit(args: readonly string[], o: { readonly logLevel: string | undefined }): Promise<number> {
  try {
    return await init(args, o);
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    process.stderr.write('Cancelled; nothing was changed.\n');
    return INTERRUPTED;
  }
}

async function init(args: readonly string[], o: { readonly logLevel: string | undefined }): Promise<number> {
  const { flags, isJson, mayAsk } = readFlags(args);
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const beside = installedBeside();
  const extensions = beside.filter((one) => one.extension !== undefined);
  let plan: InitPlan;
  if (mayAsk && process.stdin.isTTY === true && process.stderr.isTTY === true) {
    if (flags.directory !== undefined) refuseTaken(flags.directory);
    const answers = await askFor(
      flags,
      extensions.map((one) => one.extension ?? ''),
    );
    const asked = planFrom(answers.flags);
    plan = { ...asked, adminPassword: answers.adminPassword ?? asked.adminPassword };
  } else {
    plan = planFrom(flags);
  }
  if (flags.database !== undefined && hasPassword(plan)) {
    say(
      'Warning: the password in --database can be seen by others in the list of processes; --database-file F keeps it to yourself.',
    );
  }
  if (process.getuid?.() === 0)
    say('Warning: this runs as root, so the instance belongs to root; a user of its own would be safer.');
  refuseTaken(plan.directory);
  const chosen = choose(plan, extensions);
  const password = plan.adminPassword ?? randomPassword();
  const notes = await make(plan, chosen, beside, password, o.logLevel);

  for (const note of notes) say(note);
  const isRandom = plan.adminPassword === undefined;
  if (isJson) {
    process.stdout.write(
      `${JSON.stringify({
        directory: plan.directory,
        base_url: plan.baseUrl,
        admin_username: plan.adminUsername,
        ...(isRandom ? { admin_password: password } : {}),
        extensions: chosen.map((one) => one.extension),
      })}\n`,
    );
    return 0;
  }
  process.stdout.write(`Administrator: ${plan.adminUsername}\n`);
  if (isRandom) process.stdout.write(`Password:      ${password}\n`);
  if (isRandom) say('The password is shown this once; only its hash is kept.');
  say(`\nThe instance is ready. Start it with:\n  ${join(plan.directory, 'node_modules', '.bin', 'posthorn')} serve`);
  return 0;
}

const hasPassword = (plan: InitPlan): boolean => parseDatabaseUrl(plan.databaseUrl, plan.directory).password !== '';

function refuseTaken(directory: string): void {
  if (existsSync(join(directory, CONFIGURATION_FILE))) throw problem('E_HOST_INSTANCE_EXISTS', { directory });
  let content: readonly string[];
  try {
    content = readdirSync(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    throw problem('E_HOST_DIRECTORY_WRITE', { path: directory, reason: code ?? String(error) });
  }
  if (content.length > 0) throw problem('E_HOST_DIRECTORY_FOREIGN', { directory });
}

function choose(plan: InitPlan, installed: readonly InstalledPackage[]): readonly InstalledPackage[] {
  if (plan.extensions === 'all') return installed;
  return plan.extensions.map((id) => {
    const found = installed.find((one) => one.extension === id || one.name === id);
    if (found === undefined) {
      const known = installed.map((one) => one.extension).join(', ') || 'none';
      throw problem('E_HOST_EXTENSION_UNKNOWN', { id, known });
    }
    return found;
  });
}

/** Makes everything; on any failure, Ctrl C included, takes back what was made. */
async function make(
  plan: InitPlan,
  chosen: readonly InstalledPackage[],
  beside: readonly InstalledPackage[],
  password: string,
  logLevel: string | undefined,
): Promise<readonly string[]> {
  const undo = new Undo();
  const interrupted = (signal: NodeJS.Signals): void => {
    undo.run();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  // Programs of other users (jobs may run as one) read the packages, whatever the caller's umask says.
  const umask = process.umask(0o022);
  try {
    const { directory } = plan;
    makeDirectory(directory, undo);
    const target = parseDatabaseUrl(plan.databaseUrl, directory);
    const notes = makeFolders(directory, undo);
    linkPackages(directory, chosen, beside, undo);
    const isSecret = target.password !== '';
    const database = isSecret ? keepDatabaseUrl(directory, plan.databaseUrl, undo) : plan.databaseUrl;
    if (target.dialect === 'sqlite') {
      undo.makeFolder(dirname(target.path));
      for (const suffix of ['', '-wal', '-shm']) undo.note(`${target.path}${suffix}`);
    }
    const config: InstanceConfig = {
      directory,
      databaseUrl: plan.databaseUrl,
      hostname: plan.hostname,
      baseUrl: plan.baseUrl,
      language: plan.language,
      timeZone: plan.timeZone,
      logLevel: 'warn',
      essential: [],
      poolSize: 2,
    };
    // Files that SQLite makes beside the database are for owner and group.
    process.umask(0o007);
    await setUpInstance({
      config,
      extensions: chosen.map((one) => one.extension ?? ''),
      adminUsername: plan.adminUsername,
      adminPassword: password,
      log: createLog({ level: logLevel ?? (process.env.POSTHORN_LOG_LEVEL || 'warn'), name: 'command', to: 2 }),
    });
    process.umask(0o022);
    // Last: the configuration is what makes the folder an instance.
    write(join(directory, CONFIGURATION_FILE), configurationText({ ...plan, database }), 0o644, undo);
    return target.dialect === 'sqlite' ? notes : [];
  } catch (error) {
    undo.run();
    const { code, path } = error as NodeJS.ErrnoException;
    if (!isProblem(error) && code !== undefined && path !== undefined) {
      throw problem('E_HOST_DIRECTORY_WRITE', { path, reason: code }, { cause: error });
    }
    throw error;
  } finally {
    process.umask(umask);
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
  }
}
