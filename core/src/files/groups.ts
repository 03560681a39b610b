import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The id of a system group, or undefined where it does not exist. Asks `getent` for groups kept outside /etc/group. */
export async function findGroupId(name: string): Promise<number | undefined> {
  if (!/^[a-z_][a-z0-9_.-]{0,31}$/i.test(name)) return undefined;
  const local = await readFile('/etc/group', 'utf8').catch(() => '');
  return idIn(local, name) ?? idIn(await getent(name), name);
}

async function getent(name: string): Promise<string> {
  try {
    return (await run('getent', ['group', name], { timeout: 5_000 })).stdout;
  } catch {
    return '';
  }
}

/** group(5): `name:password:gid:members`. */
function idIn(text: string, name: string): number | undefined {
  for (const line of text.split('\n')) {
    const [group, , id] = line.split(':');
    if (group === name && id !== undefined && /^\d+$/.test(id)) return Number(id);
  }
  return undefined;
}
