import type { Actor, ApiToken, Door, Tokens } from '@posthorn/sdk';
import type { Kernel } from '../../kernel.js';
import { KERNEL_ID } from '../../kernel-extension.js';
import { tokenActor } from './token-actor.js';
import type { TokenRow } from './token-store.js';

/** Tokens as extensions see them. */
export class TokensService implements Tokens {
  constructor(private readonly kernel: () => Kernel) {}

  async of(accountId: number): Promise<readonly ApiToken[]> {
    return (await this.kernel().tokens.list(accountId)).map((row) => ({
      id: row.id,
      prefix: row.prefix,
      label: row.label,
      scopes: row.scopes?.said ?? [],
      isOver: this.#isOver(row),
    }));
  }

  async actor(id: number, door: Door): Promise<Actor | null> {
    const row = await this.kernel().tokens.findById(id);
    const account =
      row === undefined || this.#isOver(row) ? null : await this.kernel().accounts.findById(row.accountId);
    return row === undefined || account === null || !account.is_active
      ? null
      : tokenActor(this.kernel(), account, row, door);
  }

  #isOver({ expiresAt }: TokenRow): boolean {
    const now = this.kernel().generation.context(KERNEL_ID).now().getTime();
    return expiresAt !== null && expiresAt <= now;
  }
}
