import { isProblem, job, messages } from '@posthorn/sdk';
import { adminParameters } from '../contract/parameters.js';
import { mailboxes } from '../contract/services.js';
import { inactiveAccounts, inactiveSince } from '../services/inactive-accounts.js';

const t = messages('admin');
const PAGE = 100;

/** Disables accounts of simple users that nobody signs in to any more, where the parameters ask for it. */
export const cleanInactiveAccounts = job({
  id: 'clean-inactive-accounts',
  title: t('Disable inactive accounts'),
  cron: '47 3 * * *',
  exclusive: 'cluster',
  timeoutMs: 600_000,
  async run(_payload, context) {
    const p = await context.parameters(adminParameters);
    if (!p.enable_inactive_accounts || !p.disable_inactive_accounts) return;
    const before = inactiveSince(context.now(), p.inactive_account_threshold);
    for (let after = 0; ; ) {
      const found = await inactiveAccounts(context, context.system, { before, isAnyRole: false, after, limit: PAGE });
      for (const { pk, username } of found) {
        context.signal.throwIfAborted();
        after = pk;
        try {
          await context.get(mailboxes).update(context.system, pk, { is_active: false });
          context.log.info({ username }, 'an inactive account was disabled');
        } catch (error) {
          if (!isProblem(error)) throw error;
          await context.report([{ subject: username, text: error.text }]);
        }
      }
      if (found.length < PAGE) return;
    }
  },
});
