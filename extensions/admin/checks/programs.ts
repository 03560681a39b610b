import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

// Administrators' programs are often not on the path of a service.
const MORE = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin'];

/** Absolute path of a program, or undefined where it is not installed. */
export async function findProgram(name: string): Promise<string | undefined> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...MORE].filter((folder) => folder.startsWith('/'));
  for (const folder of folders) {
    const path = join(folder, name);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}

/** What a program answers, or undefined where it is not installed. Never through a shell, and not for longer than ten seconds. */
export async function ask(name: string, args: readonly string[]): Promise<Answer | undefined> {
  const path = await findProgram(name);
  if (path === undefined) return undefined;
  return new Promise((resolve) => {
    execFile(
      path,
      [...args],
      { timeout: 10_000, maxBuffer: 1024 * 1024, env: { ...process.env, LC_ALL: 'C' } },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ code, stdout, stderr: stderr === '' && error !== null ? error.message : stderr });
      },
    );
  });
}
