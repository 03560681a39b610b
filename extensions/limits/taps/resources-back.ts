import { restoring } from '@posthorn/admin/contract';
import { accountRoleChanged, accountsLeaving, type ExtensionContext, on } from '@posthorn/sdk';
import { ACCOUNT_LIMITS, type AccountLimitName } from '../contract/resources.js';
import { Walls } from '../guards/walls.js';
import { Allocation } from '../services/allocation.js';
import { limitedFacts } from '../services/limited-accounts.js';
import { asNumber, asText, marks } from '../services/rows.js';

/** What an account was given goes back to its owner, together with what it made. */
const ofLeaving = on(accountsLeaving, async ({ accounts }, context) => {
  const ids = accounts.map(({ id }) => id);
  const given = await context.data.execute(
    `select distinct user_id from limits_userobjectlimit where user_id in (${marks(ids)}) order by user_id`,
    ids,
  );
  for (const row of given) {
    const facts = await limitedFacts(context, asNumber(row.user_id));
    if (facts !== undefined && facts.owner !== null) await new Allocation(context).giveBack(facts);
  }
  await new Walls(context).forget();
  return undefined;
});

/** Resources that the new role has no use for. A second delivery finds none. */
const ofDemoted = on(accountRoleChanged, async ({ account }, context) => {
  await context.data.write(async () => {
    const facts = await limitedFacts(context, account.id);
    if (facts === undefined) return;
    const useless = ACCOUNT_LIMITS.filter((name) => !facts.names.includes(name));
    await new Allocation(context).giveBack(facts, useless);
    if (facts.names.length > 0) return;
    await context.data.execute('delete from limits_userplan where user_id = ?', [account.id]);
  });
});

/** Accounts asked for at once. */
const MANY = 500;

/** What somebody has again after an undo is taken again from whom it went back to, if that one still has it. */
const ofReturning = on(restoring, async ({ accounts }, context) => {
  for (let at = 0; at < accounts.length; at += MANY) {
    const some = accounts.slice(at, at + MANY);
    const rows = await context.data.execute(
      `select user_id, name, max_value from limits_userobjectlimit where user_id in (${marks(some)})`,
      some,
    );
    for (const [id, own] of Map.groupBy(rows, (row) => asNumber(row.user_id))) {
      const values = own.map((row) => [asText(row.name) as AccountLimitName, asNumber(row.max_value)] as const);
      await takeAgain(context, id, new Map(values));
    }
  }
  return undefined;
});

async function takeAgain(context: ExtensionContext, id: number, values: ReadonlyMap<AccountLimitName, number>) {
  const facts = await limitedFacts(context, id);
  if (facts === undefined) return;
  const { data } = context;
  await data.execute('delete from limits_userobjectlimit where user_id = ?', [id]);
  const [plan] = await data.execute('select id from limits_userplan where user_id = ?', [id]);
  await new Allocation(context).set(facts, values, plan !== undefined);
}

export const resourcesBack = [ofLeaving, ofDemoted, ofReturning];
