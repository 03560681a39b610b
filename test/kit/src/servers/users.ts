import { readFileSync } from 'node:fs';

export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** A user of this machine, from /etc/passwd; undefined when there is none of that name. */
export function findUser(name: string): SystemUser | undefined {
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [user, , uid, gid] = line.split(':');
    if (user === name) return { name, uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

/** A user that `test/setup`, or a package it installs, has created. */
export function systemUser(name: string): SystemUser {
  const user = findUser(name);
  if (user === undefined) throw new Error(`there is no user ${name} on this machine (test/setup creates it)`);
  return user;
}

/** Id of a group, from /etc/group. */
export function groupId(name: string): number {
  for (const line of readFileSync('/etc/group', 'utf8').split('\n')) {
    const [group, , gid] = line.split(':');
    if (group === name) return Number(gid);
  }
  throw new Error(`there is no group ${name} on this machine (test/setup creates it)`);
}

/** The user to run a database server as: its own when we are root, else whoever we are (undefined). */
export const serverUser = (name: string): SystemUser | undefined =>
  process.getuid?.() === 0 ? systemUser(name) : undefined;
