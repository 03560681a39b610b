import { ACCOUNT_KIND, access, accountLeaving, on } from '@posthorn/sdk';
import { AccountFinder } from '../services/account-finder.js';
import { MailboxRemoval } from '../services/mailbox-removal.js';
import { handOverAliases } from '../services/object-owners.js';
import { deletionOptions, TrashBin } from '../trash/bin.js';

/**
 * An account takes its mailbox with it, whoever deletes the account: the table's own cascade would leave the internal
 * alias, the quota row and the aliases that lose their last recipient. Both go to the trash.
 */
export const removeMailboxOfLeaving = on(accountLeaving, async ({ actor, account }, context) => {
  const row = await new AccountFinder(context).find(account.id);
  if (row === undefined) return undefined;
  const { id, username: name, role, domainId, mailbox } = row;
  const options = deletionOptions();
  await new TrashBin(context).collect(actor, { kind: 'account', id, name, role, domainId }, options, async () => {
    if (mailbox !== null) await new MailboxRemoval(context).run(actor, row, mailbox, options);
  });
  const heir = (await context.get(access).holders(ACCOUNT_KIND, id)).find((one) => one.isOwner && one.accountId !== id);
  if (heir !== undefined) await handOverAliases(context, id, heir.accountId);
  return undefined;
});
