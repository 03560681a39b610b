/**
 * The one place that decides what a domain name and a mail address are. What passes here ends up in lookups of Postfix,
 * Dovecot and OpenDKIM, in directory names and in CSV files, so the rules are narrower than the RFCs' where a character
 * means something to one of those programs. Quoted local parts (RFC 5321 section 4.1.2) are refused altogether.
 */
import { domainToASCII, domainToUnicode } from 'node:url';
import { isPlainLine, type ProblemOptions } from '@posthorn/sdk';
import { addressProblem, nameProblem } from './problems.js';

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
/** Begins the reason where the domain of an address is wrong. */
export const DOMAIN_PART = 'the part after the @ is no domain name';
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

/** What can be wrong with a domain name, as the end of a sentence. */
export const NAME_REASONS = {
  empty: 'it is empty',
  long: 'it is longer than {{max}} characters',
  invisible: 'it contains control or invisible characters',
  emptyPart: 'it has an empty part',
  letters: 'its parts are letters, digits and, inside, dashes',
  idn: 'it is not a valid internationalised name',
  longPart: 'a part is longer than 63 characters',
  dashes: 'dashes at the third and fourth place are reserved',
  top: 'it needs a top-level domain',
} as const;
type NameReason = keyof typeof NAME_REASONS;

/** The name in the form that is stored, or what is wrong with it. */
function readDomainName(text: string, max: number): { readonly name: string } | { readonly reason: NameReason } {
  if (typeof text !== 'string' || text === '') return { reason: 'empty' };
  if (text.length > INPUT_MAX) return { reason: 'long' };
  if (!isPlainLine(text)) return { reason: 'invisible' };
  const typed = fold(text).replace(/\.$/, '');
  const labels = typed.split('.');
  const odd = labels.find((label) => !LABEL.test(label));
  if (odd !== undefined) return { reason: odd === '' ? 'emptyPart' : 'letters' };
  const ascii = domainToASCII(typed);
  // Also refuses labels that are no valid IDN (RFC 5891 section 4.2), and ASCII forms that stand for none.
  const unicode = domainToUnicode(ascii);
  const isIdn = !/(?:^|\.)xn--/.test(unicode) && domainToASCII(unicode) === ascii;
  if (ascii === '' || !isIdn || labels.length !== ascii.split('.').length) return { reason: 'idn' };
  if (ascii.split('.').some((label) => label.length > 63)) return { reason: 'longPart' };
  if (ascii.split('.').some((label) => /^(?!xn--)..--/.test(label))) return { reason: 'dashes' };
  // Kept as it was typed; only letters that IDNA itself maps to others (full width, ligatures) take their mapped form.
  const name = /^[\u0020-\u007e]*$/.test(typed) ? typed : unicode;
  if ([...name].length > max || ascii.length > DNS_NAME_MAX) return { reason: 'long' };
  const top = name.split('.').at(-1) ?? '';
  if (name !== 'localhost' && (!name.includes('.') || !TOP_LEVEL.test(top))) return { reason: 'top' };
  return { name };
}

/** A domain name in the form that is stored: lower case, NFC, without the trailing dot, Unicode kept. */
export function parseDomainName(text: string, o: Where & { readonly max?: number } = {}): string {
  const max = o.max ?? DOMAIN_MAX;
  const read = readDomainName(text, max);
  if ('name' in read) return read.name;
  throw nameProblem(shown(text), NAME_REASONS[read.reason], { max }, blame(o));
}

/** All ways to write the same name: Unicode and ASCII (`xn--…`). Two domains must not share one. */
export function formsOfName(name: string): readonly string[] {
  const ascii = domainToASCII(name);
  return [...new Set([name, ascii, domainToUnicode(ascii)])].filter((form) => form !== '');
}

/** What can be wrong with an address, as the end of a sentence. */
export const ADDRESS_REASONS = {
  empty: 'it is empty',
  long: 'it is longer than {{max}} bytes',
  invisible: 'it contains control or invisible characters',
  at: 'it has no @',
  noLocal: 'the part before the @ is missing',
  longLocal: 'the part before the @ is longer than {{localMax}} bytes',
  dots: 'the part before the @ begins or ends with a dot, or has two in a row',
  dash: 'the part before the @ begins with a dash',
  letters: 'the part before the @ has a character that is not allowed',
} as const;
type AddressReason = keyof typeof ADDRESS_REASONS;

function readLocalPart(local: string, o: AddressOptions): AddressReason | undefined {
  if (local === '') return o.allowEmptyLocal === true ? undefined : 'noLocal';
  if (Buffer.byteLength(local) > LOCAL_MAX) return 'longLocal';
  const atoms = local.split('.');
  if (atoms.includes('')) return 'dots';
  // An address that begins with a dash is an option to the programs that get it as an argument.
  if (local.startsWith('-')) return 'dash';
  const pattern = o.isForeign === true ? FOREIGN_ATOM : ATOM;
  return atoms.every((atom) => pattern.test(atom)) ? undefined : 'letters';
}

/** A mail address in the form that is stored, split at its last `@`. */
export function parseAddress(text: string, o: AddressOptions = {}): Address {
  const refuse = (reason: AddressReason): never => {
    throw addressProblem(shown(text), ADDRESS_REASONS[reason], { max: ADDRESS_MAX, localMax: LOCAL_MAX }, blame(o));
  };
  if (typeof text !== 'string' || text === '') return refuse('empty');
  if (text.length > INPUT_MAX) return refuse('long');
  if (!isPlainLine(text)) return refuse('invisible');
  const at = text.lastIndexOf('@');
  if (at === -1) return refuse('at');
  const typed = fold(text.slice(0, at));
  const local = o.allowEmptyLocal === true && typed === '*' ? '' : typed;
  const wrong = readLocalPart(local, o);
  if (wrong !== undefined) return refuse(wrong);
  const read = readDomainName(text.slice(at + 1), DNS_NAME_MAX);
  if ('reason' in read) {
    const reason = `${DOMAIN_PART}: ${NAME_REASONS[read.reason]}`;
    throw addressProblem(shown(text), reason, { max: DNS_NAME_MAX }, blame(o));
  }
  const address = `${local}@${read.name}`;
  if (Buffer.byteLength(address) > ADDRESS_MAX) return refuse('long');
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
  // Postfix never splits these two (owner-… and …-request excepted by other rules), nor an extension without a name.
  const isWhole = plus <= 0 || local.endsWith('+') || local === 'mailer-daemon' || local === 'double-bounce';
  return isWhole
    ? { name: local, extension: undefined }
    : { name: local.slice(0, plus), extension: local.slice(plus + 1) };
}

const blame = (o: Where): ProblemOptions => (o.field === undefined ? {} : { field: o.field });

/** What may be repeated in a message: short, without characters that could fool whoever reads it. */
function shown(text: unknown): string {
  const line = String(text).slice(0, 100).toWellFormed();
  return [...line].filter((c) => isPlainLine(c)).join('');
}
