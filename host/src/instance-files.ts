import { chmodSync, chownSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newKeyLine } from '@posthorn/core';
import { stringify } from 'yaml';
import { HOST_DIRECTORY, type InstalledPackage, isCheckout, packagedNode } from './installed-extensions.js';
import type { Undo } from './undo.js';

/** The files and folders of an instance, apart from its configuration. */

/** Postfix and Dovecot look into the SQLite database as members of this group. */
const MAIL_GROUP = 'postfix';

function groupId(name: string): number | undefined {
  try {
    const line = readFileSync('/etc/group', 'utf8')
      .split('\n')
      .find((one) => one.startsWith(`${name}:`));
    const id = Number(line?.split(':')[2]);
    return line === undefined || !Number.isInteger(id) ? undefined : id;
  } catch {
    return undefined;
  }
}

/** Gives a folder to a group, as root or as one of its members. Returns why that was not possible. */
function shareWith(group: string, path: string): string | undefined {
  const id = groupId(group);
  if (id === undefined) return `there is no group ${group} here`;
  try {
    chownSync(path, process.getuid?.() ?? 0, id);
  } catch {
    return `only root or a member of the group ${group} can arrange that`;
  }
  // Set-group-id: the files SQLite makes beside the database belong to the group as well.
  chmodSync(path, 0o2770);
  return undefined;
}

/** Makes DIR searchable, whatever the umask: Postfix has to pass through it on its way to the database. */
export function makeDirectory(directory: string, undo: Undo): void {
  undo.makeFolder(directory);
  chmodSync(directory, 0o711);
}

/** `data/db` for the database, `secrets` and `run` for us alone. Returns what the operator should know. */
export function makeFolders(directory: string, undo: Undo): readonly string[] {
  const notes: string[] = [];
  const folder = (name: string, mode: number): string => {
    const path = join(directory, name);
    undo.note(path);
    mkdirSync(path);
    chmodSync(path, mode);
    return path;
  };
  folder('data', 0o711);
  const database = folder('data/db', 0o770);
  const why = shareWith(MAIL_GROUP, database);
  if (why !== undefined) {
    notes.push(`With SQLite, Postfix and Dovecot must be able to read ${database}, but ${why}. As root, once Postfix is there:
  chgrp -R ${MAIL_GROUP} ${database} && chmod 2770 ${database}`);
  }
  write(join(folder('secrets', 0o700), 'keys'), newKeyLine(), 0o600, undo);
  folder('run', 0o700);
  return notes;
}

/** What extensions with entities have as a peer, beside the SDK. */
const ORM = '@mikro-orm/core';

/**
 * `package.json` and links to the packages as they lie beside the program, so that nothing has to be downloaded. From a
 * checkout the dependencies name its folders, and `npm install` in the instance makes the same links again.
 */
export function linkPackages(
  directory: string,
  extensions: readonly InstalledPackage[],
  beside: readonly InstalledPackage[],
  undo: Undo,
): void {
  const own = beside.filter((one) => ['@posthorn/host', '@posthorn/core', '@posthorn/sdk', ORM].includes(one.name));
  // Entities of two copies would be strangers to each other, so the ORM is the very version that the program has.
  const range = (one: InstalledPackage): string =>
    isCheckout() ? `file:${one.directory}` : one.name === ORM ? one.version : `^${one.version}`;
  // All of them: npm takes away what the manifest does not name, and extensions need the SDK that the program has.
  const wanted = [...own, ...extensions];
  const manifest = {
    name: 'posthorn-instance',
    private: true,
    description: 'An instance of Posthorn: what is installed here can be enabled here.',
    type: 'module',
    dependencies: Object.fromEntries(wanted.map((one) => [one.name, range(one)]).sort()),
  };
  write(join(directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`, 0o644, undo);
  const modules = join(directory, 'node_modules');
  undo.note(modules);
  for (const one of [...own, ...extensions]) {
    const path = join(modules, one.name);
    mkdirSync(join(path, '..'), { recursive: true });
    symlinkSync(one.directory, path);
  }
  mkdirSync(join(modules, '.bin'), { recursive: true });
  symlinkSync(join(HOST_DIRECTORY, 'bin', 'posthorn.js'), join(modules, '.bin', 'posthorn'));
  const node = packagedNode();
  if (node !== undefined) symlinkSync(node, join(modules, '.bin', 'node'));
}

/** A database URL with a password, for nobody's eyes but ours. Returns what the configuration says instead. */
export function keepDatabaseUrl(directory: string, url: string, undo: Undo): string {
  write(join(directory, 'secrets', 'database-url'), `${url}\n`, 0o600, undo);
  return 'file:secrets/database-url';
}

export interface ConfigurationText {
  readonly database: string;
  readonly hostname: string;
  readonly baseUrl: string;
  readonly language: string;
  readonly timeZone: string;
}

const value = (text: string): string => stringify(text).trimEnd();

/** `posthorn.yaml` with every setting, those left at their default as comments. */
export const configurationText = (
  c: ConfigurationText,
): string => `# Posthorn's configuration. Flags and environment variables (POSTHORN_…) go before it.
# A change takes effect with the next start, or at once with: kill -USR2 <pid of posthorn serve>

# sqlite:data/db/posthorn.db (relative to this folder), postgresql://user:password@host/name,
# mariadb://user:password@host/name, or file:PATH for a file that holds one of these.
database: ${value(c.database)}

# The mail host's name, for generated files and documents.
hostname: ${value(c.hostname)}

# Where browsers reach this instance, for links in mail and documents.
base_url: ${value(c.baseUrl)}

# Defaults for accounts that chose nothing themselves.
language: ${value(c.language)}
time_zone: ${value(c.timeZone)}

# Where \`posthorn serve\` listens, and with how many processes.
# listen: 127.0.0.1:8000
# workers: 1

# Proxies in front of us whose X-Forwarded-… headers are believed.
# trusted_proxies: [127.0.0.1, "::1"]

# Sign-ins go to the system's log where it listens.
# jobs: { driver: bullmq, url: redis://127.0.0.1:6379/0 }
# packages: { pages: false }
# syslog: true
# syslog_socket: /dev/log

# Connections per process to PostgreSQL or MariaDB.
# pool_size: 10

# When code keeps a process from answering for so many milliseconds, that is logged, or the process is replaced.
# block_log_ms: 1000
# block_end_ms: 10000

# debug, info, warn, error or silent.
# log_level: info

# Extensions without which nothing is served rather than something half.
# essential: []
`;

/** Writes a new file with a mode of its own, whatever the umask. */
export function write(path: string, text: string, mode: number, undo: Undo): void {
  undo.note(path);
  writeFileSync(path, text, { mode, flag: 'wx' });
  chmodSync(path, mode);
}
