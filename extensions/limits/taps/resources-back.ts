import { accountRoleChanged, accountsLeaving, on } from '@posthorn/sdk';
import { ACCOUNT_LIMITS } from '../contract/resources.js';
import { Walls } from '../guards/walls.js';
import { Allocation } from '../services/allocation.js';
import { limitedFacts } from '../services/limited-accounts.js';
import { asNumber, marks } from '../services/rows.js';

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

export const resourcesBack = [ofLeaving, ofDemoted];
