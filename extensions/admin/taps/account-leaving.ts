import { access, accountsLeaving, on } from '@posthorn/sdk';
import { AccountFinder } from '../services/account-finder.js';
import { deletedAccount, leavingMailboxes, MailboxRemoval } from '../services/mailbox-removal.js';
import { handOverAliases } from '../services/object-owners.js';
import { deletionOptions, TrashBin } from '../trash/bin.js';

/**
 * Accounts take their mailboxes with them, whoever deletes the accounts: the table's own cascade would leave the internal
 * alias, the quota row and the aliases that lose their last recipient. Both go to the trash.
 */
export const removeMailboxesOfLeaving = on(accountsLeaving, async ({ actor, accounts }, context) => {
  const ids = accounts.map(({ id }) => id);
  const rows = [...(await new AccountFinder(context).findMany(ids)).values()];
  const options = deletionOptions();
  await new TrashBin(context).collect(actor, rows.map(deletedAccount), options, () =>
    new MailboxRemoval(context).run(actor, leavingMailboxes(rows), options),
  );
  const heirs = await context.get(access).heirs(ids);
  for (const [heir, theirs] of Map.groupBy(heirs.keys(), (id) => heirs.get(id) as number))
    await handOverAliases(context, theirs, heir);
  return undefined;
});
