import { randomUUID } from 'node:crypto';
import type { HookRef } from '@posthorn/sdk';
import type { SecretBox } from '../secrets/secret-box.js';
import type { NewEvent, StoredEvent } from './outbox-table.js';

const LONGEST_SUBJECT = 190;
/** Of an event as JSON, in bytes. */
const LARGEST = 65_536;
const JSON_START = /^["[{\dtfn-]/;

const purpose = (signal: string, eventId: string): string => `outbox ${signal} ${eventId}`;

/** An event to be stored; its subject is undefined where the signal names none. Throws a TypeError where it cannot be. */
export function packEvent(
  ref: HookRef<'signal', unknown, unknown>,
  event: unknown,
  json: string,
  secrets: SecretBox,
): Pick<NewEvent, 'eventId' | 'signal' | 'payload'> & { readonly subject: string | undefined } {
  if (Buffer.byteLength(json) > LARGEST)
    throw new TypeError(`${ref.id}: the event has more than ${LARGEST} bytes: store it elsewhere and pass its id`);
  const subject = ref.subject?.(event);
  if (subject !== undefined && (typeof subject !== 'string' || subject === '' || subject.length > LONGEST_SUBJECT))
    throw new TypeError(`${ref.id}: a subject is text of 1 to ${LONGEST_SUBJECT} characters`);
  const eventId = randomUUID();
  const payload = ref.isSecret === true ? secrets.seal(json, purpose(ref.id, eventId)) : json;
  return { eventId, signal: ref.id, subject, payload };
}

/** What listeners get. Throws where a secret event cannot be opened. */
export function unpackEvent({ payload, signal, eventId }: StoredEvent, secrets: SecretBox): unknown {
  return JSON.parse(JSON_START.test(payload) ? payload : secrets.open(payload, purpose(signal, eventId))) as unknown;
}
