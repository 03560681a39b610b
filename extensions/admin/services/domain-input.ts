import { messages } from '@posthorn/sdk';
import { parseDomainName } from '../addresses.js';
import { DOMAIN_TYPES, type DomainChange } from '../contract.js';
import { problem } from '../problems.js';
import { Complaints } from './values.js';

const t = messages('admin');

/** The columns of a domain that an input may set, under the same names. */
export const DOMAIN_FIELDS = [
  'type',
  'quota',
  'default_mailbox_quota',
  'enabled',
  'enable_dns_checks',
  'enable_dkim',
  'dkim_key_selector',
  'dkim_key_length',
] as const;

const KEY_LENGTHS = [null, 1024, 2048, 4096];
// One or more DNS labels (RFC 6376 section 3.1); it becomes part of a DNS name and of a file's name.
const SELECTOR = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

export interface ParsedDomainInput {
  readonly name: string | undefined;
  /** Names of domain aliases, without duplicates. */
  readonly aliases: readonly string[] | undefined;
}

/** Everything that can be said about the input without looking at the database. */
export function parseDomainInput(input: DomainChange): ParsedDomainInput {
  const complaints = new Complaints();
  complaints.integer('quota', input.quota);
  complaints.integer('default_mailbox_quota', input.default_mailbox_quota);
  for (const name of ['enabled', 'enable_dns_checks', 'enable_dkim'] as const) complaints.boolean(name, input[name]);
  complaints.oneOf('type', input.type, DOMAIN_TYPES);
  complaints.oneOf('dkim_key_length', input.dkim_key_length, KEY_LENGTHS);
  complaints.line('dkim_key_selector', input.dkim_key_selector, 30);
  if (typeof input.dkim_key_selector === 'string' && !SELECTOR.test(input.dkim_key_selector)) {
    complaints.add('dkim_key_selector', t('must be a DNS label'));
  }
  complaints.texts('aliases', input.aliases, 1_000);
  complaints.raise();
  const aliases = input.aliases?.map((alias) => parseDomainName(alias, { field: 'aliases' }));
  return {
    name: input.name === undefined ? undefined : parseDomainName(input.name, { field: 'name' }),
    aliases: aliases === undefined ? undefined : [...new Set(aliases)],
  };
}

/** A mailbox's share cannot be more than the whole. */
export function requireQuotasFit(quota: number, defaultMailboxQuota: number): void {
  if (quota !== 0 && defaultMailboxQuota > quota) {
    throw problem('E_ADMIN_DEFAULT_QUOTA', { default: defaultMailboxQuota, quota }, { field: 'default_mailbox_quota' });
  }
}
