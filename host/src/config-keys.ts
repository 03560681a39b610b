import { isIP } from 'node:net';
import { z } from '@posthorn/sdk';
import { parseListenAddress } from './listen-address.js';

/** One setting: its name in the file, its environment variables, what it may be. */
export interface ConfigKey {
  readonly name: string;
  readonly variables: readonly string[];
  readonly schema: z.ZodType;
  /** Turns what the environment or a flag gave, always text, into what the file would hold. */
  fromText(text: string): unknown;
}

const asItIs = (text: string): unknown => text;
const asNumber = (text: string): unknown => (/^-?\d{1,15}$/.test(text.trim()) ? Number(text) : text);
const asBoolean = (text: string): unknown =>
  ({ true: true, yes: true, on: true, false: false, no: false, off: false })[text.trim().toLowerCase()] ?? text;
const asList = (text: string): unknown =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const HOSTNAME = /^(?=.{1,253}$)(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)*(?!-)[a-z0-9-]{1,63}(?<!-)$/i;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function isLanguage(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

function isWebAddress(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '' && url.hash === '';
}

export const isRedisAddress = (text: string): boolean => /^rediss?:$/.test(URL.parse(text)?.protocol ?? '');

function isAddressRange(entry: string): boolean {
  const [address = '', prefix, more] = entry.split('/');
  const kind = isIP(address);
  if (kind === 0 || more !== undefined) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (kind === 4 ? 32 : 128));
}

const text = (what: string) => z.string({ error: `must be ${what}` });
const whole = (from: number, to: number) => {
  const error = `must be a whole number from ${from} to ${to}`;
  return z.int({ error }).min(from, { error }).max(to, { error });
};
const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** Checks used by `init` as well. */
export const hostnameSchema = text('a host name').regex(HOSTNAME, { error: 'must be a host name' });
export const languageSchema = text('a language tag such as en or pt-BR').refine(isLanguage, {
  error: 'must be a language tag such as en or pt-BR',
});
export const timeZoneSchema = text('a time zone').refine(isTimeZone, {
  error: 'must be a time zone such as Europe/Berlin',
});
export const baseUrlSchema = text('an http or https address').refine(isWebAddress, {
  error: 'must be an http or https address without a query',
});

export const CONFIG_KEYS = {
  database: {
    name: 'database',
    variables: ['POSTHORN_DATABASE_URL'],
    schema: text('a database URL').min(1, { error: 'must be a database URL' }),
    fromText: asItIs,
  },
  hostname: { name: 'hostname', variables: ['POSTHORN_HOSTNAME'], schema: hostnameSchema, fromText: asItIs },
  base_url: { name: 'base_url', variables: ['POSTHORN_BASE_URL'], schema: baseUrlSchema, fromText: asItIs },
  listen: {
    name: 'listen',
    variables: ['POSTHORN_LISTEN'],
    schema: z
      .union([z.string(), z.int()], { error: 'must be HOST:PORT' })
      .refine((value) => parseListenAddress(String(value)) !== undefined, { error: 'must be HOST:PORT' }),
    fromText: asItIs,
  },
  workers: { name: 'workers', variables: ['POSTHORN_WORKERS'], schema: whole(1, 64), fromText: asNumber },
  language: { name: 'language', variables: ['POSTHORN_LANGUAGE'], schema: languageSchema, fromText: asItIs },
  time_zone: { name: 'time_zone', variables: ['POSTHORN_TIME_ZONE'], schema: timeZoneSchema, fromText: asItIs },
  log_level: {
    name: 'log_level',
    variables: ['POSTHORN_LOG_LEVEL'],
    schema: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }),
    fromText: asItIs,
  },
  essential: {
    name: 'essential',
    variables: ['POSTHORN_ESSENTIAL'],
    schema: z.array(z.string({ error: 'must be a list of extension ids' }), {
      error: 'must be a list of extension ids',
    }),
    fromText: asList,
  },
  pool_size: { name: 'pool_size', variables: ['POSTHORN_POOL_SIZE'], schema: whole(1, 500), fromText: asNumber },
  block_log_ms: {
    name: 'block_log_ms',
    variables: ['POSTHORN_BLOCK_LOG_MS'],
    schema: whole(200, 600_000),
    fromText: asNumber,
  },
  block_end_ms: {
    name: 'block_end_ms',
    variables: ['POSTHORN_BLOCK_END_MS'],
    schema: whole(1_000, 600_000),
    fromText: asNumber,
  },
  trusted_proxies: {
    name: 'trusted_proxies',
    variables: ['POSTHORN_TRUSTED_PROXIES'],
    schema: z.array(
      z.string({ error: 'must be a list of addresses' }).refine(isAddressRange, {
        error: 'must be addresses or ranges such as 127.0.0.1 or 10.0.0.0/8',
      }),
      { error: 'must be a list of addresses' },
    ),
    fromText: asList,
  },
  jobs: {
    name: 'jobs',
    variables: ['POSTHORN_JOBS_URL'],
    schema: z.strictObject(
      {
        driver: z.literal('bullmq', { error: 'must have the driver bullmq' }),
        url: z.string({ error: 'must have a url such as redis://127.0.0.1:6379/0' }),
      },
      { error: 'must be { driver: bullmq, url: redis://… }' },
    ),
    fromText: (url) => ({ driver: 'bullmq', url }),
  },
  packages: {
    name: 'packages',
    variables: ['POSTHORN_PACKAGES_PAGES'],
    schema: z.strictObject(
      { pages: z.boolean({ error: 'must have pages: true or pages: false' }) },
      { error: 'must be { pages: true } or { pages: false }' },
    ),
    fromText: (text) => ({ pages: asBoolean(text) }),
  },
  syslog: {
    name: 'syslog',
    variables: ['POSTHORN_SYSLOG'],
    schema: z.boolean({ error: 'must be true or false' }),
    fromText: asBoolean,
  },
  syslog_socket: {
    name: 'syslog_socket',
    variables: ['POSTHORN_SYSLOG_SOCKET'],
    schema: text('the path of a socket').regex(/^\/[^\0]*$/, { error: 'must be the path of a socket from the root' }),
    fromText: asItIs,
  },
} as const satisfies Readonly<Record<string, ConfigKey>>;

export type ConfigKeyName = keyof typeof CONFIG_KEYS;
