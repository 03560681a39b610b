import { domains, type Key, mailboxes } from '@posthorn/admin/contract';
import { type Actor, type ExtensionContext, isProblem, type Row } from '@posthorn/sdk';
import { ACCOUNT_LIMITS, type AccountLimitName, DOMAIN_LIMITS, isUnlimited, RESOURCES } from '../contract/resources.js';
import type { ChosenPlan, NewPlan, PlanChange, Plans, PlanView } from '../contract/services.js';
import { Walls } from '../guards/walls.js';
import { problem } from '../problems.js';
import { Allocation } from './allocation.js';
import { requireChange, requireGiver } from './giver.js';
import { type LimitedFacts, limitedFacts } from './limited-accounts.js';
import { asNumber, asText, marks, replaceRows } from './rows.js';
import { lockForCounting, tally } from './tally.js';
import { parseLimits } from './values.js';

export const MANAGE = 'limits.manage_plans';

const NAME_MAX = 100;

type Values = ReadonlyMap<AccountLimitName, number>;

/** Plans: the rules behind every door. */
export class PlanService implements Plans {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  async list(actor: Actor): Promise<readonly PlanView[]> {
    requireChange(actor);
    return this.#views('');
  }

  async show(actor: Actor, key: Key): Promise<PlanView> {
    requireChange(actor);
    return this.#find(key);
  }

  async create(actor: Actor, input: NewPlan): Promise<PlanView> {
    requireManage(actor);
    const name = parseName(input.name);
    const values = parseLimits(input.limits ?? {}, ACCOUNT_LIMITS);
    const { data } = this.#context;
    await data.write(async () => {
      await this.#requireFree(name);
      await data.execute('insert into limits_plan (name) values (?)', [name]);
      await this.#store((await this.#find(name)).pk, values);
    });
    return this.#find(name);
  }

  async update(actor: Actor, key: Key, change: PlanChange): Promise<PlanView> {
    requireManage(actor);
    const name = change.name === undefined ? undefined : parseName(change.name);
    const values = change.limits === undefined ? undefined : parseLimits(change.limits, ACCOUNT_LIMITS);
    const { pk } = await this.#find(key);
    const { data } = this.#context;
    await data.write(async () => {
      const before = await this.#find(pk);
      if (name !== undefined && name !== before.name) {
        await this.#requireFree(name);
        await data.execute('update limits_plan set name = ? where id = ?', [name, pk]);
      }
      if (values === undefined) return;
      const old: Values = new Map(Object.entries(before.limits) as [AccountLimitName, number][]);
      await data.execute('delete from limits_planlimit where plan_id = ?', [pk]);
      await this.#store(pk, values);
      const changed = new Map([...values].filter(([limit, max]) => old.get(limit) !== max));
      await this.#changeDomains(pk, changed);
      await this.#changeAccounts(pk, old, changed);
      await new Walls(this.#context).forget();
    });
    return this.#find(pk);
  }

  async remove(actor: Actor, key: Key): Promise<void> {
    requireManage(actor);
    const { pk } = await this.#find(key);
    await this.#context.data.execute('delete from limits_plan where id = ?', [pk]);
  }

  async give(actor: Actor, key: Key | null, to: ChosenPlan): Promise<void> {
    requireChange(actor);
    const plan = key === null ? undefined : await this.#find(key);
    const values: Values = new Map(Object.entries(plan?.limits ?? {}) as [AccountLimitName, number][]);
    if ('account' in to) await this.#giveAccount(actor, plan, values, to.account);
    else await this.#giveDomain(actor, plan, values, to.domain);
  }

  async #giveAccount(actor: Actor, plan: PlanView | undefined, values: Values, key: Key): Promise<void> {
    const { pk } = await this.#context.get(mailboxes).show(actor, key);
    const account = (await limitedFacts(this.#context, pk)) as LimitedFacts;
    await requireGiver(this.#context, actor, account);
    const own = new Map([...values].filter(([name]) => account.names.includes(name)));
    await this.#context.data.write(async () => {
      await new Allocation(this.#context).set(account, own, true);
      await this.#keep('limits_userplan', 'user_id', account.id, plan);
    });
  }

  async #giveDomain(actor: Actor, plan: PlanView | undefined, values: Values, key: Key): Promise<void> {
    const { pk } = await this.#context.get(domains).show(actor, key);
    const own = DOMAIN_LIMITS.flatMap((name) => {
      const max = values.get(name);
      return max === undefined ? [] : [[name, max] as const];
    });
    const { data } = this.#context;
    await data.write(async () => {
      await replaceRows(data, 'limits_domainobjectlimit', { column: 'domain_id', id: pk }, new Map(own));
      await this.#keep('limits_domainplan', 'domain_id', pk, plan);
      await new Walls(this.#context).forget();
    });
  }

  async #keep(table: string, column: string, id: number, plan: PlanView | undefined): Promise<void> {
    const { data } = this.#context;
    await data.execute(`delete from ${table} where ${column} = ?`, [id]);
    if (plan !== undefined)
      await data.execute(`insert into ${table} (${column}, plan_id) values (?, ?)`, [id, plan.pk]);
  }

  /** However many domains have it, two statements for each limit. */
  async #changeDomains(plan: number, changed: Values): Promise<void> {
    const { data } = this.#context;
    for (const [name, max] of changed) {
      if (!DOMAIN_LIMITS.some((one) => one === name)) continue;
      await data.execute(
        `delete from limits_domainobjectlimit where name = ?
         and domain_id in (select domain_id from limits_domainplan where plan_id = ?)`,
        [name, plan],
      );
      await data.execute(
        `insert into limits_domainobjectlimit (domain_id, name, max_value)
         select domain_id, '${name}', ${max} from limits_domainplan where plan_id = ?`,
        [plan],
      );
    }
  }

  /** By as much as the plan changes: what somebody gave on to others is his to give, and stays given. */
  async #changeAccounts(plan: number, old: Values, changed: Values): Promise<void> {
    const rows = await this.#context.data.execute(
      'select user_id from limits_userplan where plan_id = ? order by user_id',
      [plan],
    );
    for (const { user_id: id } of rows) {
      const account = await limitedFacts(this.#context, asNumber(id));
      if (account === undefined) continue;
      const names = [...changed.keys()].filter((name) => account.names.includes(name));
      await lockForCounting(this.#context.data, account.id, undefined);
      const levels = await tally(this.#context, [account.id], names, 'all');
      try {
        const values = new Map(
          names.map((name) => {
            const has = levels.find((level) => level.name === name && level.depth === 0)?.max ?? 0;
            return [name, moved(account, name, has, old.get(name), changed.get(name) ?? has)] as const;
          }),
        );
        await new Allocation(this.#context).set(account, values, true);
      } catch (error) {
        if (!isProblem(error) || !error.code.startsWith('E_LIMITS_')) throw error;
        throw problem('E_LIMITS_PLAN_MEMBER', { reason: error.text, name: account.username });
      }
    }
  }

  async #store(plan: number, values: Values): Promise<void> {
    const { data } = this.#context;
    await replaceRows(data, 'limits_planlimit', { column: 'plan_id', id: plan }, values);
  }

  async #requireFree(name: string): Promise<void> {
    const [taken] = await this.#context.data.execute('select id from limits_plan where name = ?', [name]);
    if (taken !== undefined) throw problem('E_LIMITS_PLAN_TAKEN', { name }, { field: 'name' });
  }

  async #find(key: Key): Promise<PlanView> {
    const isNumber = typeof key === 'number';
    const [plan] = await this.#views(isNumber ? 'where p.id = ?' : 'where p.name = ?', [key]);
    if (plan === undefined) throw problem('E_LIMITS_PLAN_NOT_FOUND', { name: String(key) });
    return plan;
  }

  async #views(where: string, params: readonly unknown[] = []): Promise<readonly PlanView[]> {
    const { data } = this.#context;
    const rows = await data.execute(
      `select p.id, p.name, (select count(*) from limits_userplan x where x.plan_id = p.id) as accounts,
       (select count(*) from limits_domainplan x where x.plan_id = p.id) as domains
       from limits_plan p ${where} order by p.name`,
      params,
    );
    if (rows.length === 0) return [];
    const ids = rows.map((row) => asNumber(row.id));
    const values = await data.execute(
      `select plan_id, name, max_value from limits_planlimit where plan_id in (${marks(ids)})`,
      ids,
    );
    return rows.map((row) => viewOf(row, values));
  }
}

function viewOf(row: Row, values: readonly Row[]): PlanView {
  const own = values.filter((value) => asNumber(value.plan_id) === asNumber(row.id));
  const limits = ACCOUNT_LIMITS.flatMap((name) => {
    const value = own.find((one) => asText(one.name) === name);
    return value === undefined ? [] : [[name, asNumber(value.max_value)] as const];
  });
  return Object.freeze({
    pk: asNumber(row.id),
    name: asText(row.name),
    limits: Object.freeze(Object.fromEntries(limits)),
    accounts: asNumber(row.accounts),
    domains: asNumber(row.domains),
  });
}

/** What an account has after its plan went from `from` to `to`. */
function moved(
  { username: owner }: LimitedFacts,
  name: AccountLimitName,
  has: number,
  from: number | undefined,
  to: number,
): number {
  if (from === undefined || [has, from, to].some((max) => isUnlimited(name, max))) return to;
  const next = has + to - from;
  // Given on to others; and neither -1 nor a quota of 0 may come of it, which are no limit.
  if (next < 0 || isUnlimited(name, next)) {
    throw problem('E_LIMITS_SHORTAGE', { label: RESOURCES[name].label, owner, free: has });
  }
  return next;
}

function parseName(text: unknown): string {
  const name = typeof text === 'string' ? text.normalize('NFC').trim() : '';
  if (name === '' || [...name].length > NAME_MAX) throw problem('E_LIMITS_PLAN_NAME', {}, { field: 'name' });
  return name;
}

function requireManage(actor: Actor): void {
  if (!actor.can(MANAGE)) throw problem('E_LIMITS_FORBIDDEN', { permission: MANAGE });
}
