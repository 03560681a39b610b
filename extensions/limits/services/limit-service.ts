import { domains, type Key, mailboxes } from '@posthorn/admin/contract';
import type { Actor, ExtensionContext } from '@posthorn/sdk';
import { limitsParameters } from '../contract/parameters.js';
import { type AccountLimitName, DOMAIN_LIMITS, type DomainLimitName } from '../contract/resources.js';
import type { AccountResources, DomainResources, Limits, LimitView, ResourceSample } from '../contract/services.js';
import { Walls } from '../guards/walls.js';
import { Allocation } from './allocation.js';
import { CHANGE, isAbove, requireChange, requireGiver } from './giver.js';
import { type LimitedFacts, limitedFacts } from './limited-accounts.js';
import { asNumber, asText, replaceRows } from './rows.js';
import { type Level, tally, tallyOfDomains } from './tally.js';
import { parseLimits, percentOf } from './values.js';

/** Limits: the rules behind every door. */
export class LimitService implements Limits {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  async ofAccount(actor: Actor, key: Key): Promise<AccountResources> {
    return this.#view(await this.#account(actor, key));
  }

  async setOfAccount(
    actor: Actor,
    key: Key,
    values: Readonly<Partial<Record<AccountLimitName, number>>>,
  ): Promise<AccountResources> {
    requireChange(actor);
    const account = await this.#account(actor, key);
    await requireGiver(this.#context, actor, account);
    const parsed = parseLimits(values, account.names);
    const { data } = this.#context;
    await data.write(async () => {
      await new Allocation(this.#context).set(account, parsed);
      if (parsed.size > 0) await data.execute('delete from limits_userplan where user_id = ?', [account.id]);
    });
    return this.#view(account);
  }

  async ofDomain(actor: Actor, key: Key): Promise<DomainResources> {
    const { pk, name } = await this.#context.get(domains).show(actor, key);
    const levels = await tallyOfDomains(this.#context, [pk], DOMAIN_LIMITS);
    return Object.freeze({
      pk,
      name,
      plan: await this.#planOf('limits_domainplan', 'domain_id', pk),
      limits: levels.map(
        ({ name: limit, max, used }): LimitView<DomainLimitName> =>
          Object.freeze({
            name: limit,
            max,
            used,
            effective: max,
            source: null,
            effective_used: used,
            percent: percentOf(limit, used, max),
          }),
      ),
    });
  }

  async setOfDomain(
    actor: Actor,
    key: Key,
    values: Readonly<Partial<Record<DomainLimitName, number>>>,
  ): Promise<DomainResources> {
    requireChange(actor);
    const { pk } = await this.#context.get(domains).show(actor, key);
    const parsed = parseLimits(values, DOMAIN_LIMITS);
    const { data } = this.#context;
    const defaults = await this.#context.parameters(limitsParameters);
    const rows = [...parsed].map(
      ([name, max]) => [name, max === defaults[`deflt_domain_${name}_limit`] ? undefined : max] as const,
    );
    await data.write(async () => {
      await replaceRows(data, 'limits_domainobjectlimit', { column: 'domain_id', id: pk }, new Map(rows));
      await data.execute('delete from limits_domainplan where domain_id = ?', [pk]);
      await new Walls(this.#context).forget();
    });
    return this.ofDomain(actor, pk);
  }

  async mayGive(actor: Actor, account: number): Promise<boolean> {
    if (!actor.can(CHANGE) || account === actor.id) return false;
    const facts = await limitedFacts(this.#context, account);
    return facts !== undefined && facts.names.length > 0 && (await isAbove(this.#context, actor, account));
  }

  async historyOfAccount(actor: Actor, key: Key): Promise<readonly ResourceSample[]> {
    return this.#samples('user_id', (await this.#account(actor, key)).id);
  }

  async historyOfDomain(actor: Actor, key: Key): Promise<readonly ResourceSample[]> {
    return this.#samples('domain_id', (await this.#context.get(domains).show(actor, key)).pk);
  }

  async #account(actor: Actor, key: Key): Promise<LimitedFacts> {
    const { pk } = await this.#context.get(mailboxes).show(actor, key);
    return (await limitedFacts(this.#context, pk)) as LimitedFacts;
  }

  async #view(account: LimitedFacts): Promise<AccountResources> {
    const levels = await tally(this.#context, [account.id], account.names, 'all');
    return Object.freeze({
      pk: account.id,
      username: account.username,
      role: account.role,
      owner: account.ownerName,
      plan: await this.#planOf('limits_userplan', 'user_id', account.id),
      limits: account.names.flatMap((name) => {
        const view = limitView(levels.filter((level) => level.name === name));
        return view === undefined ? [] : [view];
      }),
    });
  }

  async #planOf(table: string, column: string, id: number): Promise<string | null> {
    const [row] = await this.#context.data.execute(
      `select p.name from ${table} x inner join limits_plan p on p.id = x.plan_id where x.${column} = ?`,
      [id],
    );
    return row === undefined ? null : asText(row.name);
  }

  async #samples(column: string, id: number): Promise<readonly ResourceSample[]> {
    const rows = await this.#context.data.execute(
      `select day, name, used, max_value from limits_sample where ${column} = ? order by day`,
      [id],
    );
    return rows.map((row) =>
      Object.freeze({
        day: asText(row.day),
        name: asText(row.name) as AccountLimitName,
        used: asNumber(row.used),
        max: asNumber(row.max_value),
      }),
    );
  }
}

/** Of one name, from the account itself upwards. */
export function limitView(levels: readonly Level[]): LimitView | undefined {
  const own = levels.find(({ depth }) => depth === 0);
  if (own === undefined) return undefined;
  const { name, max, used } = own;
  const wall = levels.find((level) => percentOf(name, level.used, level.max) !== -1) ?? own;
  return Object.freeze({
    name,
    max,
    used,
    effective: wall.max,
    source: wall === own ? null : wall.username,
    effective_used: wall.used,
    percent: percentOf(name, wall.used, wall.max),
  });
}
