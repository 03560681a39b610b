/**
 * The one place that decides what a domain name and a mail address are. What passes here ends up in lookups of Postfix,
 * Dovecot and OpenDKIM, in directory names and in CSV files, so the rules are narrower than the RFCs' where a character
 * means something to one of those programs. Quoted local parts (RFC 5321 section 4.1.2) are refused altogether.
 */
import { domainToASCII, domainToUnicode } from 'node:url';
import { isPlainLine, type Message, messages, type ProblemOptions } from '@posthorn/sdk';
import { addressProblem, nameProblem } from './problems.js';

const t = messages('admin');

export interface Address {
  /** Before the last `@`; empty for a catch-all. */
  readonly local: string;
  readonly domain: string;
  readonly address: string;
}

interface Where {
  /** The input field to blame. */
  readonly field?: string;
}

export interface AddressOptions extends Where {
  /** `@domain`, and `*@domain` for it: all addresses of a domain. */
  readonly allowEmptyLocal?: boolean;
  /**
   * The address may belong to somebody else. An apostrophe is then accepted, since `o'brien@` is out there and nothing
   * of ours is called after it; our own addresses become directory names and shell variables.
   */
  readonly isForeign?: boolean;
}

/** What `admin_domain.name` holds. */
export const DOMAIN_MAX = 100;
/** RFC 1035 section 2.3.4, without the root's dot. */
const DNS_NAME_MAX = 253;
/** RFC 5321 section 4.5.3.1.1. */
const LOCAL_MAX = 64;
/** RFC 5321 section 4.5.3.1.3, without the angle brackets. */
const ADDRESS_MAX = 254;
/** Longer input is not looked at: normalising costs time. */
const INPUT_MAX = 1_000;

// Letters of any script with their marks, digits, and dashes inside (RFC 5890 section 2.3.2.1).
const LABEL = /^[\p{L}\p{Nd}](?:[\p{L}\p{M}\p{Nd}-]*[\p{L}\p{M}\p{Nd}])?$/u;
// A top-level domain has no digits (RFC 3696 section 2), unless it is an IDN in its ASCII form.
const TOP_LEVEL = /^(?:xn--[a-z0-9-]{1,59}|[\p{L}\p{M}-]{2,63})$/u;
// Atoms of RFC 5322 section 3.2.3 with RFC 6531's letters, without ` $ % * / ? { | } and quotes.
const ATOM = /^[\p{L}\p{M}\p{N}!#&+=^_~-]+$/u;
const FOREIGN_ATOM = /^[\p{L}\p{M}\p{N}!#&'+=^_~-]+$/u;

const fold = (text: string): string => text.normalize('NFC').toLowerCase().normalize('NFC');

const tooLong = (max: number): Message => t('it is longer than {{max}} characters', { max });

/** The name in the form that is stored, or what is wrong with it. */
function readDomainName(text: string, max: number): { readonly name: string } | { readonly reason: Message } {
  if (typeof text !== 'string' || text === '') return { reason: t('it is empty') };
  if (text.length > INPUT_MAX) return { reason: tooLong(max) };
  if (!isPlainLine(text)) return { reason: t('it contains control or invisible characters') };
  const typed = fold(text).replace(/\.$/, '');
  const labels = typed.split('.');
  const odd = labels.find((label) => !LABEL.test(label));
  if (odd !== undefined)
    return { reason: odd === '' ? t('it has an empty part') : t('its parts are letters, digits and, inside, dashes') };
  const ascii = domainToASCII(typed);
  // Also refuses labels that are no valid IDN (RFC 5891 section 4.2), and ASCII forms that stand for none.
  const unicode = domainToUnicode(ascii);
  const isIdn = !/(?:^|\.)xn--/.test(unicode) && domainToASCII(unicode) === ascii;
  if (ascii === '' || !isIdn || labels.length !== ascii.split('.').length)
    return { reason: t('it is not a valid internationalised name') };
  if (ascii.split('.').some((label) => label.length > 63)) return { reason: t('a part is longer than 63 characters') };
  if (ascii.split('.').some((label) => /^(?!xn--)..--/.test(label)))
    return { reason: t('dashes at the third and fourth place are reserved') };
  // Kept as it was typed; only letters that IDNA itself maps to others (full width, ligatures) take their mapped form.
  const name = /^[\u0020-\u007e]*$/.test(typed) ? typed : unicode;
  if ([...name].length > max || ascii.length > DNS_NAME_MAX) return { reason: tooLong(max) };
  const top = name.split('.').at(-1) ?? '';
  if (name !== 'localhost' && (!name.includes('.') || !TOP_LEVEL.test(top)))
    return { reason: t('it needs a top-level domain') };
  return { name };
}

/** A domain name in the form that is stored: lower case, NFC, without the trailing dot, Unicode kept. */
export function parseDomainName(text: string, o: Where & { readonly max?: number } = {}): string {
  const max = o.max ?? DOMAIN_MAX;
  const read = readDomainName(text, max);
  if ('name' in read) return read.name;
  throw nameProblem(shown(text), read.reason, blame(o));
}

/** All ways to write the same name: Unicode and ASCII (`xn--…`). Two domains must not share one. */
export function formsOfName(name: string): readonly string[] {
  const ascii = domainToASCII(name);
  return [...new Set([name, ascii, domainToUnicode(ascii)])].filter((form) => form !== '');
}

/** What is wrong with the part before the @. */
function readLocalPart(local: string, o: AddressOptions): Message | undefined {
  if (local === '') return o.allowEmptyLocal === true ? undefined : t('the part before the @ is missing');
  if (Buffer.byteLength(local) > LOCAL_MAX)
    return t('the part before the @ is longer than {{max}} bytes', { max: LOCAL_MAX });
  const atoms = local.split('.');
  if (atoms.includes('')) return t('the part before the @ begins or ends with a dot, or has two in a row');
  // An address that begins with a dash is an option to the programs that get it as an argument.
  if (local.startsWith('-')) return t('the part before the @ begins with a dash');
  const pattern = o.isForeign === true ? FOREIGN_ATOM : ATOM;
  return atoms.every((atom) => pattern.test(atom))
    ? undefined
    : t('the part before the @ has a character that is not allowed');
}

/** A mail address in the form that is stored, split at its last `@`. */
export function parseAddress(text: string, o: AddressOptions = {}): Address {
  const refuse = (reason: Message): never => {
    throw addressProblem(shown(text), reason, blame(o));
  };
  if (typeof text !== 'string' || text === '') return refuse(t('it is empty'));
  if (text.length > INPUT_MAX) return refuse(t('it is longer than {{max}} bytes', { max: ADDRESS_MAX }));
  if (!isPlainLine(text)) return refuse(t('it contains control or invisible characters'));
  const at = text.lastIndexOf('@');
  if (at === -1) return refuse(t('it has no @'));
  const typed = fold(text.slice(0, at));
  const local = o.allowEmptyLocal === true && typed === '*' ? '' : typed;
  const wrong = readLocalPart(local, o);
  if (wrong !== undefined) return refuse(wrong);
  const read = readDomainName(text.slice(at + 1), DNS_NAME_MAX);
  if ('reason' in read) {
    return refuse(t('the part after the @ is no domain name: {{reason}}', { reason: read.reason }));
  }
  const address = `${local}@${read.name}`;
  if (Buffer.byteLength(address) > ADDRESS_MAX)
    return refuse(t('it is longer than {{max}} bytes', { max: ADDRESS_MAX }));
  return Object.freeze({ local, domain: read.name, address });
}

export interface Extension {
  readonly name: string;
  /** After the first `+`; undefined where there is none. */
  readonly extension: string | undefined;
}

/** Takes the extension off a local part the way Postfix does with `recipient_delimiter = +`. */
export function splitExtension(local: string): Extension {
  const plus = local.indexOf('+');
  // An extension without a name is none; a name with an empty extension is split.
  return plus <= 0
    ? { name: local, extension: undefined }
    : { name: local.slice(0, plus), extension: local.slice(plus + 1) };
}

const blame = (o: Where): ProblemOptions => (o.field === undefined ? {} : { field: o.field });

/** What may be repeated in a message: short, without characters that could fool whoever reads it. */
function shown(text: unknown): string {
  const line = String(text).slice(0, 100).toWellFormed();
  return [...line].filter((c) => isPlainLine(c)).join('');
}
