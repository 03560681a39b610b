import { type Actor, type JobStarter, tokens } from '@posthorn/sdk';
import type { Kernel } from '../kernel.js';
import { KERNEL_ID } from '../kernel-extension.js';

/** Whoever started a job, with the rights of this moment; null where the account or the token would not be let in now. */
export async function jobStarter(kernel: Kernel, { id, token }: JobStarter): Promise<Actor | null> {
  if (token !== undefined) return kernel.generation.context(KERNEL_ID).get(tokens).actor(token, 'job');
  const account = id === null ? null : await kernel.accounts.findById(id);
  return account?.is_active === true ? kernel.accounts.actor(account, 'job') : null;
}
