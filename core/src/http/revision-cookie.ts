import type { Revisions } from '../cluster/revision.js';

/**
 * Whoever changed what processes read once, or which generation is wanted, gets a short-lived cookie with the numbers
 * that the change has made. A process that is still behind catches up before it answers him; nobody else waits. The
 * cookie is no secret, and one that is made up delays its maker only.
 */
const NAME = 'posthorn-revision';
const VALUE = /^(\d{1,15})\.(\d{1,15})$/;
/** All processes have followed by then, or say why they cannot. */
const SECONDS = 60;

/** The newest numbers that a `Cookie` header tells of; undefined where it tells none. */
export function readRevisionCookie(header: string | undefined): Revisions | undefined {
  if (header?.includes(NAME) !== true) return undefined;
  for (const part of header.split(';')) {
    const [name, value = ''] = part.trim().split('=');
    if (name !== NAME) continue;
    const [, revision, assembly] = VALUE.exec(value) ?? [];
    return revision === undefined ? undefined : { revision: Number(revision), assembly: Number(assembly) };
  }
  return undefined;
}

/** A `Set-Cookie` header. */
export function writeRevisionCookie(now: Revisions, o: { readonly isSecure: boolean }): string {
  const secure = o.isSecure ? '; Secure' : '';
  return `${NAME}=${now.revision}.${now.assembly}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${SECONDS}${secure}`;
}
