import { accountLeaving, on } from '@posthorn/sdk';
import { AccountFinder } from '../services/account-finder.js';
import { MailboxRemoval } from '../services/mailbox-removal.js';

/**
 * An account takes its mailbox with it, whoever deletes the account: the table's own cascade would leave the internal
 * alias, the quota row and the aliases that lose their last recipient.
 */
export const removeMailboxOfLeaving = on(accountLeaving, async ({ actor, account }, context) => {
  const row = await new AccountFinder(context).find(account.id);
  if (row !== undefined && row.mailbox !== null) await new MailboxRemoval(context).run(actor, row, row.mailbox, {});
  return undefined;
});
