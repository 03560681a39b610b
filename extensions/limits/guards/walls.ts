import type { ExtensionContext } from '@posthorn/sdk';
import { type AccountLimitName, type DomainLimitName, isUnlimited } from '../contract/resources.js';
import {
  type DomainLevel,
  type Level,
  lockForCounting,
  tally,
  tallyOfBoth,
  tallyOfDomains,
} from '../services/tally.js';

/** A limit as a transaction knows it: what it let pass counts at once, before it is written. */
interface Wall {
  readonly max: number;
  used: number;
}

export interface WallsRequest {
  /** Whoever it counts for. */
  readonly account: number | undefined;
  readonly names: readonly AccountLimitName[];
  readonly domain?: number | undefined;
  readonly domainNames?: readonly DomainLimitName[];
}

/** Undefined where there is no limit. */
type Found = ReadonlyMap<string, Wall | undefined>;

/**
 * Limits that a transaction has met, by what they limit. An import asks for each of a thousand rows: it locks and counts
 * for the first and goes on from there, since nobody else can make anything meanwhile.
 */
const known = new WeakMap<object, Map<string, Wall | undefined>>();

const keyOf = (kind: 'account' | 'domain', id: number, name: string): string => `${kind} ${id} ${name}`;

export class Walls {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  account(found: Found, id: number, name: AccountLimitName): Wall | undefined {
    return found.get(keyOf('account', id, name));
  }

  domain(found: Found, id: number, name: DomainLimitName): Wall | undefined {
    return found.get(keyOf('domain', id, name));
  }

  /** As this transaction knows them; counted where it does not, and wherever `isFull` says that they do not let it pass. */
  async find(request: WallsRequest, isFull: (found: Found) => boolean): Promise<Found> {
    const memory = await this.#memory();
    const keys = [
      ...(request.account === undefined
        ? []
        : request.names.map((name) => keyOf('account', request.account ?? 0, name))),
      ...(request.domain === undefined
        ? []
        : (request.domainNames ?? []).map((name) => keyOf('domain', request.domain ?? 0, name))),
    ];
    if (keys.length === 0) return memory;
    // What was deleted since counts again only when all is counted anew.
    if (!keys.every((key) => memory.has(key)) || isFull(memory)) await this.#count(request, keys, memory);
    return memory;
  }

  /** Limits were changed in this transaction. */
  async forget(): Promise<void> {
    (await this.#memory()).clear();
  }

  async isKnown(account: number, name: AccountLimitName): Promise<boolean> {
    return (await this.#memory()).has(keyOf('account', account, name));
  }

  async #memory(): Promise<Map<string, Wall | undefined>> {
    return this.#context.data.read(async (em) => {
      const memory = known.get(em) ?? new Map<string, Wall | undefined>();
      known.set(em, memory);
      return memory;
    });
  }

  async #count(request: WallsRequest, keys: readonly string[], memory: Map<string, Wall | undefined>): Promise<void> {
    const account = request.names.length === 0 ? undefined : request.account;
    const domain = (request.domainNames ?? []).length === 0 ? undefined : request.domain;
    await lockForCounting(this.#context.data, account, domain);
    for (const key of keys) memory.set(key, undefined);
    const { accounts, domains } = await this.#tally(account, request.names, domain, request.domainNames ?? []);
    for (const { root, name, max, used } of accounts) memory.set(keyOf('account', root, name), { max, used });
    for (const { id, name, max, used } of domains) {
      if (!isUnlimited(name, max)) memory.set(keyOf('domain', id, name), { max, used });
    }
  }

  async #tally(
    account: number | undefined,
    names: readonly AccountLimitName[],
    domain: number | undefined,
    domainNames: readonly DomainLimitName[],
  ): Promise<{ readonly accounts: readonly Level[]; readonly domains: readonly DomainLevel[] }> {
    const context = this.#context;
    if (account !== undefined && domain !== undefined) {
      return tallyOfBoth(context, { id: account, names }, { id: domain, names: domainNames });
    }
    return {
      accounts: account === undefined ? [] : await tally(context, [account], names, 'walls'),
      domains: domain === undefined ? [] : await tallyOfDomains(context, [domain], domainNames),
    };
  }
}
