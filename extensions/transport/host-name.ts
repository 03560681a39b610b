/** Hosts that mail is handed on to, and the next hop that Postfix makes a connection to. */
import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { isPlainLine, type Message, messages } from '@posthorn/sdk';
import { hostProblem } from './problems.js';

const t = messages('transport');

/** What `transport_transport.next_hop` holds, less the brackets, the colon and the longest port. */
const HOST_MAX = 92;

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** As it is typed: `domainToASCII` drops a path and what else an URL may have. */
const TYPED = /^[\p{L}\p{M}\p{Nd}.-]+$/u;

/** A domain name in the form that is stored, or what is wrong with it. Letters of any script stay as they are typed. */
export function readName(
  text: string,
): { readonly name: string; readonly ascii: string } | { readonly reason: Message } {
  const name = text.normalize('NFC').toLowerCase().replace(/\.$/, '');
  if (name === '') return { reason: t('it is empty') };
  if (!isPlainLine(name) || /\s/.test(name)) return { reason: t('it contains spaces or invisible characters') };
  const ascii = domainToASCII(name);
  const labels = ascii.split('.');
  if (!TYPED.test(name) || labels.length !== name.split('.').length || !labels.every((label) => LABEL.test(label))) {
    return { reason: t('its parts are letters, digits and, inside, dashes') };
  }
  if (ascii.length > 253) return { reason: t('it is longer than {{max}} characters', { max: 253 }) };
  return { name, ascii };
}

/** A host as Postfix gets it: an address, or a name in its ASCII form. Blames `field`. */
export function parseHost(text: string, field: string): string {
  const refuse = (reason: Message): never => {
    throw hostProblem(isPlainLine(text) ? text.slice(0, 100) : '?', reason, field);
  };
  const typed = text.trim().toLowerCase();
  if (isIPv4(typed)) return typed;
  if (typed.includes('[') || typed.includes(']')) return refuse(t('leave the brackets out'));
  if (isIPv6(typed)) return typed.includes('%') ? refuse(t('an address with a zone is not reached by Postfix')) : typed;
  if (/^[^:]*:\d*$/.test(typed)) return refuse(t('the port has a field of its own'));
  const read = readName(typed);
  if ('reason' in read) return refuse(read.reason);
  // Four numbers that are no address, or a number alone, would be looked up as a name and never found.
  if (/(?:^|\.)\d+$/.test(read.ascii)) return refuse(t('it is neither a name nor an address'));
  if (read.ascii.length > HOST_MAX) return refuse(t('it is longer than {{max}} characters', { max: HOST_MAX }));
  return read.ascii;
}

/** Brackets keep Postfix from asking DNS for an MX of the host (transport(5)). */
export const hostHop = (host: string, port: number, field = 'target_host'): string =>
  `[${parseHost(host, field)}]:${port}`;
