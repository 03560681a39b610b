/** The real command line, as an operator types it: the built program in a process of its own. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { program as installedProgram } from '../host/processes.js';
import { makeTempDir, removeTempDir } from '../servers/temp-dir.js';

/** The built program. */
export const program = installedProgram();

export interface CliOptions {
  /** Written to standard input, which is then closed; empty unless given. */
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export type CliRow = Readonly<Record<string, unknown>>;

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output of a command that succeeded, as one JSON object. */
  json(): CliRow;
  /** Standard output of a command that succeeded, as one JSON object per line. */
  rows(): CliRow[];
}

const inherited = (name: string): Record<string, string> => {
  const value = process.env[name];
  return value === undefined ? {} : { [name]: value };
};

/**
 * The environment of a login shell: nothing of npm's and of the test runner's, and no `POSTHORN_…` that would steer the
 * program, unless the test gives it.
 */
const environment = (extra: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: process.env.HOME ?? '/',
  LC_ALL: 'C.UTF-8',
  ...inherited('TMPDIR'),
  ...inherited('NODE_COMPILE_CACHE'),
  ...extra,
});

function result(args: readonly string[], code: number, stdout: string, stderr: string): CliResult {
  const succeeded = (): string => {
    if (code !== 0) throw new Error(`posthorn ${args.join(' ')} ended with ${code}: ${stderr || stdout}`);
    return stdout;
  };
  return {
    code,
    stdout,
    stderr,
    json: () => JSON.parse(succeeded()) as CliRow,
    rows: () =>
      succeeded()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as CliRow),
  };
}

/**
 * Runs `posthorn ARGS`, with `--instance` where an instance's folder is given, and returns whatever came of it: a
 * refusal is a result. Only a program that could not be started, or that a signal ended, throws.
 */
export function posthorn(
  instance: string | undefined,
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliResult> {
  const all = [...args, ...(instance === undefined ? [] : ['--instance', instance])];
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [program, ...all],
      { cwd: '/', env: environment(options.env), maxBuffer: 64 * 1024 * 1024, timeout: 120_000 },
      (error, stdout, stderr) => {
        if (error === null) resolve(result(all, 0, stdout, stderr));
        else if (typeof error.code === 'number') resolve(result(all, error.code, stdout, stderr));
        else reject(new Error(`posthorn ${all.join(' ')}: ${error.message}\n${stderr}`, { cause: error }));
      },
    );
    // a program that ends without reading its input is no failure of the test
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.stdin ?? '');
  });
}

export interface InstanceOptions {
  /** Connection URL of an empty database; SQLite in the instance's folder unless given. */
  readonly database?: string;
  /** Ids of the extensions that are on; all that are installed unless given. */
  readonly extensions?: readonly string[];
}

export interface Instance extends AsyncDisposable {
  /** Its folder, which every system user may search. */
  readonly directory: string;
  /** The SQLite file; undefined on a database server. */
  readonly sqliteFile: string | undefined;
  readonly admin: { readonly username: string; readonly password: string };
  /** `posthorn` for this instance, whatever its exit code. */
  posthorn(args: readonly string[], options?: CliOptions): Promise<CliResult>;
  /** The same for a command that has to succeed: anything but exit code 0 throws. */
  must(args: readonly string[], options?: CliOptions): Promise<CliResult>;
  /** A file with that content, for options such as `--password-file`; only its owner can read it. */
  secretFile(content: string): Promise<string>;
  remove(): Promise<void>;
}

/** Makes an instance with `posthorn init`, all extensions on unless told otherwise, in a folder of its own. */
export async function freshInstance(options: InstanceOptions = {}): Promise<Instance> {
  const root = await makeTempDir('instance');
  const remove = (): Promise<void> => removeTempDir(root);
  const directory = join(root, 'posthorn');
  const secrets = join(root, 'secrets');
  await mkdir(secrets);
  await chmod(secrets, 0o700);
  let count = 0;
  const secretFile = async (content: string): Promise<string> => {
    count += 1;
    const file = join(secrets, String(count));
    await writeFile(file, `${content}\n`, { mode: 0o600 });
    return file;
  };
  const admin = { username: 'admin', password: 'Wind-in-42-Weiden' };
  const run = (args: readonly string[], more?: CliOptions): Promise<CliResult> => posthorn(directory, args, more);
  try {
    const made = await posthorn(undefined, [
      'init',
      directory,
      '--database',
      options.database ?? 'sqlite:data/db/posthorn.db',
      '--hostname',
      'mx.example.test',
      '--admin-username',
      admin.username,
      '--admin-password-file',
      await secretFile(admin.password),
      '--extensions',
      options.extensions?.join(',') ?? 'all',
      '--no-input',
    ]);
    if (made.code !== 0) throw new Error(`posthorn init ended with ${made.code}: ${made.stderr}${made.stdout}`);
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    directory,
    sqliteFile: options.database === undefined ? join(directory, 'data', 'db', 'posthorn.db') : undefined,
    admin,
    posthorn: run,
    async must(args, more) {
      const done = await run(args, more);
      if (done.code !== 0) throw new Error(`posthorn ${args.join(' ')} ended with ${done.code}: ${done.stderr}`);
      return done;
    },
    secretFile,
    remove,
    [Symbol.asyncDispose]: remove,
  };
}
