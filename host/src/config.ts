import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type InstanceConfig, parseDatabaseUrl } from '@posthorn/core';
import { type Issue, isProblem } from '@posthorn/sdk';
import { LineCounter, parseDocument } from 'yaml';
import { CONFIG_KEYS, type ConfigKey, type ConfigKeyName, isRedisAddress } from './config-keys.js';
import { CONFIGURATION_FILE } from './instance-folder.js';
import { type ListenAddress, listenUrl, parseListenAddress } from './listen-address.js';
import { problem } from './problems.js';

/** What the program needs beside what the kernel does. */
export interface HostConfig extends InstanceConfig {
  readonly listen: ListenAddress;
  readonly workers: number;
  readonly trustedProxies: readonly string[];
  /** Milliseconds without a turn of the event loop that are logged, and after which a worker is ended. */
  readonly blockLogMs: number;
  readonly blockEndMs: number;
}

/** Settings given on the command line, as text. */
export type ConfigFlags = Partial<Readonly<Record<ConfigKeyName, string>>>;

interface Given {
  readonly value: unknown;
  /** `posthorn.yaml:3`, `POSTHORN_WORKERS`, `--workers`: where to go and mend it. */
  readonly origin: string;
}

/** Prefix of a `database` value that stands in a file of its own, which may be readable by fewer people. */
const IN_FILE = 'file:';

const KEYS = Object.entries(CONFIG_KEYS) as readonly (readonly [ConfigKeyName, ConfigKey])[];

/**
 * Reads an instance's settings: flags over environment over `posthorn.yaml` over defaults. Whatever is wrong is told in
 * one `configuration` problem, each complaint with the setting's name and its origin. Values never appear in it, since
 * one of them is a password.
 */
export function loadConfig(
  directory: string,
  o: { readonly environment?: NodeJS.ProcessEnv; readonly flags?: ConfigFlags } = {},
): HostConfig {
  const environment = o.environment ?? process.env;
  const issues: Issue[] = [];
  const given = new Map<ConfigKeyName, Given>([
    ...readFile(directory, issues),
    ...readEnvironment(environment, issues),
    ...readFlags(o.flags ?? {}),
  ]);
  const values: Partial<Record<ConfigKeyName, unknown>> = {};
  for (const [name, key] of KEYS) {
    const one = given.get(name);
    if (one === undefined) continue;
    const result = key.schema.safeParse(one.value);
    if (result.success) values[name] = result.data;
    else issues.push({ path: name, message: `(${one.origin}) ${result.error.issues[0]?.message ?? 'is not valid'}` });
  }
  const databaseUrl = readDatabase(directory, given.get('database'), values.database, issues);
  const jobsUrl = readJobs(directory, given.get('jobs'), values.jobs as { readonly url: string } | undefined, issues);
  if (issues.length > 0) {
    const reasons = issues.map((issue) => `${issue.path} ${String(issue.message)}`).join('; ');
    throw problem('E_HOST_CONFIGURATION', { reasons }, { issues });
  }

  const listen = parseListenAddress(String(values.listen ?? '127.0.0.1:8000')) as ListenAddress;
  return {
    directory,
    databaseUrl,
    hostname: (values.hostname as string | undefined) ?? 'localhost',
    baseUrl: ((values.base_url as string | undefined) ?? listenUrl(listen)).replace(/\/+$/, ''),
    language: (values.language as string | undefined) ?? 'en',
    timeZone: (values.time_zone as string | undefined) ?? 'UTC',
    logLevel: (values.log_level as HostConfig['logLevel'] | undefined) ?? 'info',
    essential: (values.essential as readonly string[] | undefined) ?? [],
    poolSize: (values.pool_size as number | undefined) ?? 10,
    ...(jobsUrl === undefined ? {} : { jobsUrl }),
    ...((values.packages as { readonly pages: boolean } | undefined)?.pages === true ? { packagePages: true } : {}),
    ...syslogOf(values.syslog as boolean | undefined, values.syslog_socket as string | undefined),
    listen,
    workers: (values.workers as number | undefined) ?? 1,
    blockLogMs: (values.block_log_ms as number | undefined) ?? 1_000,
    blockEndMs: (values.block_end_ms as number | undefined) ?? 10_000,
    trustedProxies: (values.trusted_proxies as readonly string[] | undefined) ?? [],
  };
}

const SYSLOG_SOCKET = '/dev/log';

/** On wherever there is somebody to hear it, unless the settings say otherwise. */
function syslogOf(isOn: boolean | undefined, socket = SYSLOG_SOCKET): Pick<HostConfig, 'syslogSocket'> {
  return (isOn ?? existsSync(socket)) ? { syslogSocket: socket } : {};
}

function readFile(directory: string, issues: Issue[]): Map<ConfigKeyName, Given> {
  const found = new Map<ConfigKeyName, Given>();
  let text: string;
  try {
    text = readFileSync(join(directory, CONFIGURATION_FILE), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw problem('E_HOST_NO_INSTANCE', { place: directory });
    issues.push({ path: CONFIGURATION_FILE, message: `cannot be read: ${code ?? String(error)}` });
    return found;
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  for (const error of document.errors) {
    const line = lines.linePos(error.pos[0]).line;
    issues.push({ path: `${CONFIGURATION_FILE}:${line}`, message: error.message.split('\n')[0] ?? 'is no YAML' });
  }
  if (document.errors.length > 0 || document.contents === null) return found;
  const content = document.contents;
  if (!('items' in content) || !Array.isArray(content.items) || content.constructor.name !== 'YAMLMap') {
    issues.push({ path: CONFIGURATION_FILE, message: 'must be a list of `key: value` lines' });
    return found;
  }
  const plain = document.toJS() as Readonly<Record<string, unknown>>;
  for (const item of content.items as readonly { key: { value?: unknown; range?: readonly number[] | null } }[]) {
    const name = String(item.key.value);
    const origin = `${CONFIGURATION_FILE}:${lines.linePos(item.key.range?.[0] ?? 0).line}`;
    if (!Object.hasOwn(CONFIG_KEYS, name)) {
      issues.push({ path: name, message: `(${origin}) is not a known setting` });
      continue;
    }
    const value = plain[name];
    // `key:` with nothing behind it means: as if it were not there.
    if (value !== null && value !== undefined) found.set(name as ConfigKeyName, { value, origin });
  }
  return found;
}

function readEnvironment(environment: NodeJS.ProcessEnv, issues: Issue[]): Map<ConfigKeyName, Given> {
  const found = new Map<ConfigKeyName, Given>();
  for (const [name, key] of KEYS) {
    for (const variable of key.variables) {
      const text = environment[variable];
      if (text !== undefined && text !== '') found.set(name, { value: key.fromText(text), origin: variable });
    }
  }
  const file = environment.POSTHORN_DATABASE_URL_FILE;
  if (file !== undefined && file !== '') {
    const origin = 'POSTHORN_DATABASE_URL_FILE';
    if (found.has('database')) {
      issues.push({ path: 'database', message: `(${origin}) is given beside POSTHORN_DATABASE_URL; keep one of them` });
    } else {
      found.set('database', { value: `${IN_FILE}${resolve(file)}`, origin });
    }
  }
  // What platforms and people set for any web program; our own variable is more to the point.
  const { PORT, HOST } = environment;
  if (!found.has('listen') && (PORT || HOST)) {
    const host = HOST || '127.0.0.1';
    found.set('listen', {
      value: `${host.includes(':') ? `[${host}]` : host}:${PORT || '8000'}`,
      origin: PORT && HOST ? 'HOST and PORT' : PORT ? 'PORT' : 'HOST',
    });
  }
  return found;
}

function readFlags(flags: ConfigFlags): Map<ConfigKeyName, Given> {
  const found = new Map<ConfigKeyName, Given>();
  for (const [name, key] of KEYS) {
    const text = flags[name];
    if (text !== undefined) found.set(name, { value: key.fromText(text), origin: `--${name.replaceAll('_', '-')}` });
  }
  return found;
}

/** The database URL itself, looked up in its file where it has one, and checked part by part. */
function readDatabase(directory: string, given: Given | undefined, value: unknown, issues: Issue[]): string {
  if (given === undefined) {
    issues.push({
      path: 'database',
      message: `is missing: set it in ${CONFIGURATION_FILE}, POSTHORN_DATABASE_URL or POSTHORN_DATABASE_URL_FILE`,
    });
    return '';
  }
  if (typeof value !== 'string') return '';
  const url = lookUp(directory, 'database', given, value, issues);
  if (url === undefined) return '';
  try {
    parseDatabaseUrl(url, directory);
  } catch (error) {
    if (!isProblem(error)) throw error;
    issues.push({ path: 'database', message: `(${given.origin}) ${error.message}` });
  }
  return url;
}

/** Where Redis is that hands out jobs; its address may have a password too. */
function readJobs(
  directory: string,
  given: Given | undefined,
  jobs: { readonly url: string } | undefined,
  issues: Issue[],
): string | undefined {
  if (given === undefined || jobs === undefined) return undefined;
  const url = lookUp(directory, 'jobs', given, jobs.url, issues);
  if (url !== undefined && !isRedisAddress(url)) {
    issues.push({ path: 'jobs', message: `(${given.origin}) must have a url such as redis://127.0.0.1:6379/0` });
  }
  return url;
}

/** A value, or what stands in the file that it names. Undefined, and an issue, where that cannot be read. */
function lookUp(directory: string, key: string, given: Given, value: string, issues: Issue[]): string | undefined {
  const text = value.trim();
  if (!text.startsWith(IN_FILE)) return text;
  const path = resolve(directory, text.slice(IN_FILE.length));
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    issues.push({ path: key, message: `(${given.origin}) its file ${path} cannot be read: ${code}` });
    return undefined;
  }
}
