import type { Actor, Entry } from '@posthorn/sdk';

/** Whether somebody may come in; a guest's account is undefined. */
export const mayEnter = (entry: Entry, actor: Actor, isSignedIn: boolean): boolean =>
  entry === 'public' || (isSignedIn && (entry === 'signed-in' || actor.can(entry)));
