import { readFileSync } from 'node:fs';

/** Name of the system user with this id (passwd(5)), or undefined: Dovecot's services take names only. */
export function systemUserName(uid: number): string | undefined {
  let text = '';
  try {
    text = readFileSync('/etc/passwd', 'utf8');
  } catch {
    return undefined;
  }
  for (const line of text.split('\n')) {
    const [name, , id] = line.split(':');
    if (id === String(uid) && name !== undefined && /^[a-z_][a-z0-9_.-]*\$?$/i.test(name)) return name;
  }
  return undefined;
}

/** What is written where no user has the id yet. */
export const USUAL_OWNER = 'vmail';
