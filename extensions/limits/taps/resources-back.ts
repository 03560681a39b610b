import { accountLeaving, accountRoleChanged, on } from '@posthorn/sdk';
import { ACCOUNT_LIMITS } from '../contract/resources.js';
import { Allocation } from '../services/allocation.js';
import { limitedFacts } from '../services/limited-accounts.js';

/** What an account was given goes back to its owner, together with what it made. */
const ofLeaving = on(accountLeaving, async ({ account }, context) => {
  const facts = await limitedFacts(context, account.id);
  if (facts !== undefined && facts.owner !== null) await new Allocation(context).giveBack(facts);
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
