import { readFileSync } from 'node:fs';
import { hostname as machineName } from 'node:os';
import { resolve } from 'node:path';
import { type Issue, invalid, type z } from '@posthorn/sdk';
import { baseUrlSchema, hostnameSchema, languageSchema, timeZoneSchema } from './config-keys.js';
import { problem } from './problems.js';

/** What the command line of `init` says, unchecked. */
export interface InitFlags {
  readonly directory: string | undefined;
  readonly database: string | undefined;
  readonly databaseFile: string | undefined;
  readonly hostname: string | undefined;
  readonly baseUrl: string | undefined;
  readonly adminUsername: string | undefined;
  readonly adminPasswordFile: string | undefined;
  readonly extensions: string | undefined;
  readonly language: string | undefined;
  readonly timeZone: string | undefined;
}

/** Everything `init` needs to know, checked. */
export interface InitPlan {
  readonly directory: string;
  readonly databaseUrl: string;
  readonly hostname: string;
  readonly baseUrl: string;
  readonly adminUsername: string;
  /** Undefined: make one and print it. */
  readonly adminPassword: string | undefined;
  /** Ids, or `all`. */
  readonly extensions: readonly string[] | 'all';
  readonly language: string;
  readonly timeZone: string;
}

export const DEFAULT_DATABASE = 'sqlite:data/db/posthorn.db';

/** A machine's name is only taken for a mail host's when it is a full one. */
export const defaultHostname = (): string => {
  const name = machineName();
  return name.includes('.') && hostnameSchema.safeParse(name).success ? name : 'localhost';
};

export const defaultTimeZone = (): string => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return timeZoneSchema.safeParse(zone).success ? zone : 'UTC';
};

export const defaultBaseUrl = (hostname: string | undefined): string =>
  hostname === undefined || hostname === 'localhost' ? 'http://127.0.0.1:8000' : `https://${hostname}`;

let hasReadInput = false;

/** A secret from a file, or from standard input for `-`; one newline at its end is not part of it. */
export function readSecret(path: string): string {
  if (path === '-' && hasReadInput)
    throw problem('E_HOST_USAGE', { reason: 'Only one secret can come from standard input.', noun: 'init' });
  hasReadInput ||= path === '-';
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw problem('E_HOST_SECRET_FILE', { path: path === '-' ? 'Standard input' : path, reason }, { cause: error });
  }
}

/** Fills what was not said with defaults, and tells everything that is wrong at once. */
export function planFrom(flags: InitFlags): InitPlan {
  if (flags.directory === undefined || flags.directory === '') {
    throw problem('E_HOST_USAGE', { reason: 'The folder of the new instance is missing.', noun: 'init' });
  }
  if (flags.database !== undefined && flags.databaseFile !== undefined) {
    throw problem('E_HOST_USAGE', { reason: 'Give --database or --database-file, not both.', noun: 'init' });
  }
  const databaseUrl =
    flags.databaseFile === undefined ? (flags.database ?? databaseFromEnvironment()) : readSecret(flags.databaseFile);
  const adminPassword = flags.adminPasswordFile === undefined ? undefined : readSecret(flags.adminPasswordFile);
  const plan: InitPlan = {
    directory: resolve(flags.directory),
    databaseUrl: databaseUrl.trim(),
    hostname: flags.hostname ?? defaultHostname(),
    baseUrl: (flags.baseUrl ?? defaultBaseUrl(flags.hostname)).replace(/\/+$/, ''),
    adminUsername: flags.adminUsername ?? 'admin',
    adminPassword,
    extensions: listOf(flags.extensions),
    language: flags.language ?? 'en',
    timeZone: flags.timeZone ?? defaultTimeZone(),
  };
  const issues: Issue[] = [];
  const check = (path: string, schema: z.ZodType, value: string): void => {
    const result = schema.safeParse(value);
    if (!result.success) issues.push({ path, message: result.error.issues[0]?.message ?? 'is not valid' });
  };
  check('hostname', hostnameSchema, plan.hostname);
  // Made from the host name, it would only repeat that complaint.
  if (flags.baseUrl !== undefined || issues.length === 0) check('base_url', baseUrlSchema, plan.baseUrl);
  check('language', languageSchema, plan.language);
  check('time_zone', timeZoneSchema, plan.timeZone);
  if (plan.adminUsername.trim() === '') issues.push({ path: 'admin_username', message: 'must not be empty' });
  if (plan.adminPassword === '') issues.push({ path: 'admin_password', message: 'must not be empty' });
  if (issues.length > 0) throw invalid(issues);
  return plan;
}

function databaseFromEnvironment(): string {
  const { POSTHORN_DATABASE_URL: url, POSTHORN_DATABASE_URL_FILE: file } = process.env;
  if (url) return url;
  return file ? readSecret(file) : DEFAULT_DATABASE;
}

function listOf(text: string | undefined): readonly string[] | 'all' {
  if (text === undefined || text.trim() === 'all') return 'all';
  return [...new Set(text.split(',').map((id) => id.trim()))].filter((id) => id !== '');
}
