import type { ExtensionContext } from '@posthorn/sdk';
import { limitsParameters } from '../contract/parameters.js';
import { ACCOUNT_LIMITS, type AccountLimitName, isUnlimited, RESOURCES } from '../contract/resources.js';
import { Walls } from '../guards/walls.js';
import { problem } from '../problems.js';
import { replaceRows } from './rows.js';
import { type Level, lockForCounting, tally } from './tally.js';

export interface LimitedAccount {
  readonly id: number;
  readonly username: string;
  /** Whom it belongs to; null where that is nobody but super administrators. */
  readonly owner: number | null;
}

const TABLE = 'limits_userobjectlimit';

/**
 * Gives resources to accounts: out of the limit that their owner has or shares, and back into it. Whose account belongs
 * to nobody gets them from nowhere. All methods run inside a `write`.
 */
export class Allocation {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  /** Only what differs from what is. With `isPinned`, values are kept as rows although they are the default. */
  async set(account: LimitedAccount, values: ReadonlyMap<AccountLimitName, number>, isPinned = false): Promise<void> {
    const { levels, pools } = await this.#count(account, [...values.keys()]);
    const own = new Map<string, number | undefined>();
    const given = new Map<Level, number>();
    const defaults = await this.#context.parameters(limitsParameters);
    for (const [name, max] of values) {
      const level = levels.find((one) => one.name === name);
      if (level === undefined) continue;
      const normal = account.owner === null ? defaults[`deflt_user_${name}_limit`] : 0;
      if (isPinned || max !== level.max) own.set(name, max === normal && !isPinned ? undefined : max);
      const pool = pools.find((one) => one.name === name);
      if (pool !== undefined && max !== level.max) given.set(pool, taken(level, pool, max));
    }
    await this.#write(account.id, own, given);
  }

  /** What of these was given to the account goes back to where it came from. */
  async giveBack(account: LimitedAccount, names: readonly AccountLimitName[] = ACCOUNT_LIMITS): Promise<void> {
    const { levels, pools } = await this.#count(account, names);
    const given = new Map<Level, number>();
    for (const pool of pools) {
      const level = levels.find((one) => one.name === pool.name);
      if (level !== undefined) given.set(pool, -amount(level));
    }
    await this.#write(account.id, new Map(names.map((name) => [name, undefined])), given);
  }

  async #count(account: LimitedAccount, names: readonly AccountLimitName[]) {
    await lockForCounting(this.#context.data, account.id, undefined);
    const all = await tally(this.#context, [account.id], names, 'all');
    return {
      levels: all.filter(({ depth }) => depth === 0),
      pools: account.owner === null ? [] : await tally(this.#context, [account.owner], names, 'walls'),
    };
  }

  async #write(
    account: number,
    own: ReadonlyMap<string, number | undefined>,
    given: ReadonlyMap<Level, number>,
  ): Promise<void> {
    const { data } = this.#context;
    await replaceRows(data, TABLE, { column: 'user_id', id: account }, own);
    for (const [pool, delta] of given) {
      if (delta === 0) continue;
      await replaceRows(data, TABLE, { column: 'user_id', id: pool.id }, new Map([[pool.name, pool.max - delta]]));
    }
    await new Walls(this.#context).forget();
  }
}

const amount = ({ name, max }: Level): number => (isUnlimited(name, max) ? 0 : max);

/** What the owner's limit loses by this, or gets. */
function taken(own: Level, pool: Level, max: number): number {
  const { name } = own;
  const { label } = RESOURCES[name];
  const options = { field: name };
  const shared = isUnlimited(name, own.max);
  if (isUnlimited(name, max)) {
    // No quota of one's own is what everybody begins with: the owner's limit stays the one that is met.
    if (name === 'quota') return -amount(own);
    throw problem('E_LIMITS_UNLIMITED', { label, owner: pool.username }, options);
  }
  const delta = max - amount(own);
  if (max < own.used && (shared || max < own.max)) {
    throw problem('E_LIMITS_IN_USE', { label, used: own.used, max }, options);
  }
  // What the account made counted for the owner as long as it shared his limit.
  const free = pool.max - pool.used + (shared ? own.used : 0);
  // A quota of 0 would be no limit at all.
  const left = name === 'quota' ? Math.min(free, pool.max - 1) : free;
  if (delta > 0 && delta > left) {
    throw problem('E_LIMITS_SHORTAGE', { label, owner: pool.username, free: Math.max(0, left) }, options);
  }
  return delta;
}
