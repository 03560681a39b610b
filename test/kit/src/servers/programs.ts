import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The suites that need programs of the operating system. */
export type SuiteName = 'mail' | 'postgresql' | 'mariadb' | 'redis' | 'browser';

export const suiteNames: readonly SuiteName[] = ['mail', 'postgresql', 'mariadb', 'redis', 'browser'];

/** Programs by suite; where several names stand in one entry, any of them will do. */
const needed: Readonly<Record<SuiteName, readonly (readonly string[])[]>> = {
  mail: [['postfix'], ['postmap'], ['postqueue'], ['dovecot'], ['doveadm'], ['openssl']],
  postgresql: [['initdb'], ['postgres'], ['psql']],
  mariadb: [['mariadbd'], ['mariadb-install-db'], ['mariadb']],
  redis: [['redis-server'], ['redis-cli']],
  browser: [['chromium', 'chromium-browser', 'google-chrome']],
};

/** PATH, the directories of administrators, and PostgreSQL's own (Debian keeps them off PATH), newest version first. */
function searchPath(): string[] {
  const root = '/usr/lib/postgresql';
  let versions: string[] = [];
  try {
    versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  } catch {
    // PostgreSQL lives on PATH, or is not installed
  }
  return [
    ...(process.env.PATH ?? '').split(delimiter).filter((dir) => dir !== ''),
    '/usr/local/sbin',
    '/usr/sbin',
    '/sbin',
    ...versions.map((version) => join(root, version, 'bin')),
  ];
}

/** Absolute path of a program, or undefined when it is not installed. */
export function findProgram(name: string): string | undefined {
  for (const dir of searchPath()) {
    const path = join(dir, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // look further
    }
  }
  return undefined;
}

/** Absolute path of a program that must be there. */
export function programPath(name: string): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`program ${name} is missing (test/setup installs it)`);
  return path;
}

/** Every program any suite needs, with its absolute path, or undefined where it is missing. */
export function findPrograms(): Record<string, string | undefined> {
  const names = new Set(suiteNames.flatMap((suite) => needed[suite].flat()));
  return Object.fromEntries([...names].map((name) => [name, findProgram(name)]));
}

/** The programs a suite lacks; empty when it has them all. */
export function missingFor(suite: SuiteName): string[] {
  return needed[suite]
    .filter((names) => names.every((name) => findProgram(name) === undefined))
    .map((names) => names.join(' or '));
}

/** The mail servers change users, so they start only as root; everything else also runs as an ordinary user. */
const lacksRoot = (suite: SuiteName): boolean => suite === 'mail' && process.getuid?.() !== 0;

/** Whether everything a suite needs is there. */
export const available = (suite: SuiteName): boolean => missingFor(suite).length === 0 && !lacksRoot(suite);

/** Whether POSTHORN_TEST_REQUIRE (`all`, or suite names separated by commas) says that a suite must run. */
function mustRun(suite: SuiteName): boolean {
  const required = (process.env.POSTHORN_TEST_REQUIRE ?? '').split(',').map((name) => name.trim());
  return required.includes('all') || required.includes(suite);
}

const reported = new Set<SuiteName>();

/**
 * For the head of a suite: `describe.skipIf(!requireSuite('mail'))`. True when the suite can run. When it cannot,
 * throws if POSTHORN_TEST_REQUIRE demands it; otherwise says so once on stderr and returns false, so that nobody
 * takes a skipped suite for a passed one.
 */
export function requireSuite(suite: SuiteName): boolean {
  if (available(suite)) return true;
  const missing = missingFor(suite);
  const reason =
    missing.length > 0
      ? `program ${missing.join(', ')} is missing (test/setup installs it)`
      : 'it has to run as root, because its daemons change users';
  if (mustRun(suite)) throw new Error(`suite ${suite} is required (POSTHORN_TEST_REQUIRE) but cannot run: ${reason}`);
  if (!reported.has(suite)) {
    reported.add(suite);
    process.stderr.write(`suite ${suite} did not run: ${reason}\n`);
  }
  return false;
}
