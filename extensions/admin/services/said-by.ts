import type { Actor } from '@posthorn/sdk';
import type { Happening } from '../contract/hooks.js';

/** Who did it, as plain data for a signal. */
export const saidBy = (actor: Actor): Happening => ({ actor: { id: actor.id, username: actor.username } });
