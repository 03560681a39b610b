import type { Actor } from '@posthorn/sdk';
import type { Kernel } from '../../kernel.js';
import { KERNEL_ID } from '../../kernel-extension.js';
import { actorOf, type RightsHolder } from '../grants.js';
import { confine } from './confine.js';
import type { TokenRow } from './token-store.js';

/** A token's owner, with the rights that the token leaves. */
export async function tokenActor(
  kernel: Kernel,
  account: RightsHolder,
  { id, scopes }: TokenRow,
  door: Actor['door'],
): Promise<Actor> {
  const owner = { ...(await actorOf(kernel.grants, account, door)), token: id };
  if (scopes === null) return Object.freeze(owner);
  return confine(kernel.generation.context(KERNEL_ID), kernel.grants, owner, scopes);
}
