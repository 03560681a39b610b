import type { Actor, JobStarter } from '@posthorn/sdk';
import { tokenActor } from '../access/tokens/token-actor.js';
import type { Kernel } from '../kernel.js';
import { KERNEL_ID } from '../kernel-extension.js';

/** Whoever started a job, with the rights of this moment; null where the account or the token would not be let in now. */
export async function jobStarter(kernel: Kernel, { id, token }: JobStarter): Promise<Actor | null> {
  const account = id === null ? null : await kernel.accounts.findById(id);
  if (account === null || !account.is_active) return null;
  if (token === undefined) return kernel.accounts.actor(account, 'job');
  const row = await kernel.tokens.findById(token);
  const isOver =
    row === undefined ||
    row.accountId !== account.id ||
    (row.expiresAt ?? Infinity) <= kernel.generation.context(KERNEL_ID).now().getTime();
  return isOver ? null : tokenActor(kernel, account, row, 'job');
}
