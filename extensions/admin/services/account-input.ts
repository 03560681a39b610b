import { isPlainLine, messages, SUPER_ADMINS } from '@posthorn/sdk';
import { type Address, parseAddress } from '../addresses.js';
import type { AccountUpdate, MailboxInput, NewAccountInput } from '../contract/inputs.js';
import { SIMPLE_USERS } from '../contract/names.js';
import { problem } from '../problems.js';
import { Complaints } from './values.js';

const t = messages('admin');

/** Fields of the account itself that are handed to the kernel as they are. */
export const PROFILE_FIELDS = [
  'first_name',
  'last_name',
  'is_active',
  'master_user',
  'language',
  'phone_number',
  'secondary_email',
] as const;
export type Profile = Pick<NewAccountInput, (typeof PROFILE_FIELDS)[number]>;

const LANGUAGE = /^[a-z]{2,3}(?:[-_][A-Za-z0-9]{2,4})?$/;
const PHONE = /^\+?[0-9 ()./-]{3,40}$/;

/** Everything that can be said about the input without looking at the database. */
export function checkAccountInput(input: Partial<NewAccountInput> & AccountUpdate): void {
  const complaints = new Complaints();
  complaints.line('username', input.username, 254);
  complaints.line('role', input.role, 30);
  complaints.line('first_name', input.first_name, 100);
  complaints.line('last_name', input.last_name, 100);
  complaints.line('language', input.language, 10);
  complaints.line('phone_number', input.phone_number ?? undefined, 40);
  complaints.line('secondary_email', input.secondary_email ?? undefined, 254);
  complaints.line('passwordHash', input.passwordHash, 512);
  // The kernel's policy says what a password may be; this only keeps the work bounded.
  if (input.password !== undefined && (typeof input.password !== 'string' || input.password.length > 1_024)) {
    complaints.add('password', t('must be text of at most {{max}} characters', { max: 1_024 }));
  }
  if (input.language && !LANGUAGE.test(input.language)) complaints.add('language', t('must be a language code'));
  if (input.phone_number && !PHONE.test(input.phone_number))
    complaints.add('phone_number', t('must be a phone number'));
  for (const name of ['is_active', 'master_user', 'create_alias_with_old_address'] as const)
    complaints.boolean(name, input[name]);
  complaints.texts('domains', input.domains, 10_000);
  complaints.texts('aliases', input.aliases, 1_000);
  complaints.texts('senderaddresses', input.senderaddresses, 1_000);
  const { mailbox } = input;
  if (mailbox !== undefined && mailbox !== null) {
    complaints.line('full_address', mailbox.full_address, 320);
    complaints.integer('quota', mailbox.quota ?? undefined);
    complaints.boolean('use_domain_quota', mailbox.use_domain_quota);
    complaints.boolean('refuses_mail', mailbox.refuses_mail);
  }
  complaints.raise();
  if (input.password !== undefined && input.passwordHash !== undefined) {
    throw problem('E_ADMIN_PASSWORD_TWICE', {}, { field: 'password' });
  }
  if (input.secondary_email) parseAddress(input.secondary_email, { field: 'secondary_email', isForeign: true });
}

/** The username in its stored form. One that has an `@` is a mail address, and simple users have no other. */
export function parseUsername(username: string, role: string): string {
  if (role === SIMPLE_USERS || username.includes('@')) return parseAddress(username, { field: 'username' }).address;
  // The kernel refuses the rest of what cannot be a username.
  if (username === '' || !isPlainLine(username)) {
    throw problem('E_ADMIN_USERNAME', {}, { field: 'username' });
  }
  return username.normalize('NFC').toLowerCase();
}

/** The mailbox's address: what is given, else the username. */
export function parseMailboxAddress(mailbox: MailboxInput, username: string): Address {
  if (mailbox.full_address !== undefined) return parseAddress(mailbox.full_address, { field: 'full_address' });
  if (!username.includes('@')) throw problem('E_ADMIN_MAILBOX_ADDRESS', {}, { field: 'full_address' });
  return parseAddress(username, { field: 'username' });
}

/** Simple users sign in with the address of their mailbox, and with nothing else. */
export function requireSameAddress(role: string, username: string, address: Address): void {
  if (role === SIMPLE_USERS && username !== address.address) {
    throw problem('E_ADMIN_MAILBOX_USERNAME', { username, address: address.address }, { field: 'full_address' });
  }
}

/** Somebody who may open everybody's mailbox. */
export function requireMasterRole(isMaster: boolean | undefined, role: string): void {
  if (isMaster === true && role !== SUPER_ADMINS) throw problem('E_ADMIN_MASTER_USER', {}, { field: 'master_user' });
}

/** What is present of the fields that go to the kernel. */
export function profileOf(input: Profile): Profile {
  return Object.fromEntries(
    PROFILE_FIELDS.filter((name) => input[name] !== undefined).map((name) => [name, input[name]]),
  );
}
