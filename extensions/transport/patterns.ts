/** Patterns of transport(5), and `@domain` for what is sent from a domain, which Postfix never asks transport_maps for. */
import { isPlainLine, type Message, messages } from '@posthorn/sdk';
import type { PatternKind } from './contract/backends.js';
import { readName } from './host-name.js';
import { patternProblem, problem } from './problems.js';

const t = messages('transport');

export interface Pattern {
  readonly kind: PatternKind;
  /** As it is stored and looked up. */
  readonly text: string;
  /** The domain in it. */
  readonly domain: string;
}

const PATTERN_MAX = 253;
// Atoms of RFC 5322 section 3.2.3 with letters of any script, without what means something to a lookup.
const LOCAL = /^[\p{L}\p{M}\p{N}!#&'+=^_~.-]{1,64}$/u;

export function parsePattern(text: string): Pattern {
  const refuse = (reason: Message): never => {
    throw patternProblem(isPlainLine(text) ? text.slice(0, 100) : '?', reason);
  };
  const typed = text.trim().normalize('NFC').toLowerCase();
  if (typed === '*') throw problem('E_TRANSPORT_EVERYTHING', {}, { field: 'pattern' });
  const at = typed.lastIndexOf('@');
  const local = typed.slice(0, Math.max(at, 0));
  const rest = typed.slice(at + 1);
  const isBelow = at === -1 && rest.startsWith('.');
  const read = readName(isBelow ? rest.slice(1) : rest);
  if ('reason' in read) return refuse(read.reason);
  if (local !== '' && (!LOCAL.test(local) || local.split('.').includes(''))) {
    return refuse(t('the part before the @ has a character that is not allowed'));
  }
  const kind = at === 0 ? 'sender' : at > 0 ? 'address' : isBelow ? 'subdomains' : 'domain';
  const pattern = patternOf({ kind, local }, read.name);
  if (pattern.length > PATTERN_MAX) return refuse(t('it is longer than {{max}} characters', { max: PATTERN_MAX }));
  return { kind, text: pattern, domain: read.name };
}

function patternOf({ kind, local }: { readonly kind: PatternKind; readonly local: string }, domain: string): string {
  if (kind === 'domain') return domain;
  return kind === 'subdomains' ? `.${domain}` : `${local}@${domain}`;
}

/** The same pattern after its domain got another name. */
export function renamed(pattern: string, from: string, to: string): string {
  return pattern.endsWith(from) ? pattern.slice(0, -from.length) + to : pattern;
}

/** What Postfix asks transport_maps for, in its order: address, address without extension, domain, domains above. */
export function lookupPatterns(address: string): readonly string[] {
  const at = address.lastIndexOf('@');
  const [local, domain] = [address.slice(0, at), address.slice(at + 1)];
  const plus = local.indexOf('+');
  const plain = plus > 0 ? [`${local.slice(0, plus)}@${domain}`] : [];
  const above = domain.split('.').flatMap((_, i, labels) => (i === 0 ? [] : [`.${labels.slice(i).join('.')}`]));
  return [address, ...plain, domain, ...above];
}
