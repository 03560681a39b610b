import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { makeTempDir, removeTempDir } from '@posthorn/testkit/servers';
import { environment, program } from './serving.js';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Another Node than the one that runs the tests. */
  readonly node?: string;
}

/** Runs the built program to its end. */
export function run(args: readonly string[], o: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      o.node ?? process.execPath,
      [program, ...args],
      { cwd: o.cwd ?? '/', env: environment(o.env), timeout: 60_000 },
      (error, stdout, stderr) => {
        if (error === null) resolve({ code: 0, stdout, stderr });
        else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr });
        else reject(error);
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(o.stdin ?? '');
  });
}

/** A folder below which instances can be made, gone with the test. */
export async function scratch(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await makeTempDir('host');
  return { path, [Symbol.asyncDispose]: () => removeTempDir(path) };
}

/** A fresh instance with every extension, on SQLite unless told otherwise. */
export async function instance(
  o: { readonly database?: string } = {},
): Promise<{ readonly directory: string } & AsyncDisposable> {
  const folder = await scratch();
  const directory = join(folder.path, 'i');
  const { code, stderr } = await run([
    'init',
    directory,
    ...(o.database === undefined ? [] : ['--database', o.database]),
    '--hostname',
    'mx.example.test',
    '--no-input',
  ]);
  if (code !== 0) {
    await folder[Symbol.asyncDispose]();
    throw new Error(`posthorn init ended with ${code}: ${stderr}`);
  }
  return { directory, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}
