import { type Entry, messages } from '@posthorn/sdk';
import { mayEnter } from '../../access/entry.js';
import { HttpError } from '../http-error.js';
import { type Caller, signInFirst } from './caller.js';

const t = messages('host');

/** Refuses who may not call what asks for this permission. */
export function requireEntry(caller: Caller, permission: Entry): void {
  if (mayEnter(permission, caller.actor, caller.isSignedIn)) return;
  if (!caller.isSignedIn) throw signInFirst();
  throw new HttpError(403, t('You may not do this: it needs the permission {{permission}}.', { permission }));
}
