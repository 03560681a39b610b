import { AsyncLocalStorage } from 'node:async_hooks';
import type { Actor } from '@posthorn/sdk';
import { running } from '../watch/attribution.js';

/** Who changes something, and from where. */
export interface Origin {
  readonly actorId: number | null;
  readonly actor: string;
  /** Who is behind it where that is somebody else: the user of the machine who typed a command. */
  readonly behind: string;
  readonly door: string;
  readonly address: string;
}

const NOBODY: Origin = { actorId: null, actor: 'system', behind: '', door: 'system', address: '' };

const origins = new AsyncLocalStorage<Origin>();

/** Whatever `work` changes has this origin; what is not given stays as it is around it. */
export const withOrigin = <T>(o: Partial<Origin>, work: () => T): T => origins.run({ ...currentOrigin(), ...o }, work);

export const currentOrigin = (): Origin => origins.getStore() ?? NOBODY;

export const originOf = (actor: Actor): Partial<Origin> => ({
  actorId: actor.id,
  actor: actor.username === '' ? 'guest' : actor.username,
  door: actor.door,
});

/** The request at work, and the command, route or job: where the program was. */
export const currentRequest = (): { readonly request: string; readonly via: string } => {
  const frame = running.getStore();
  return { request: frame?.request ?? '', via: frame?.at ?? '' };
};
