import { type CommandContext, command, field, isProblem, messages, type PrintableRow } from '@posthorn/sdk';
import { adminParameters } from '../contract/parameters.js';
import { mailboxes } from '../contract/services.js';
import { type InactiveAccount, inactiveAccounts, inactiveSince } from '../services/inactive-accounts.js';

const t = messages('admin');
const PAGE = 200;

/** `posthorn account clean-inactive` */
export const cleanInactiveCommand = command({
  noun: 'account',
  verb: 'clean-inactive',
  summary: t('Disable or delete accounts that nobody signs in to any more'),
  description: t(
    'Those of simple users, unless --any-role is given; never super administrators, and never accounts that were not used yet.',
  ),
  examples: [
    'account clean-inactive --dry-run',
    'account clean-inactive --days 365 --yes --json',
    'account clean-inactive --delete --yes',
  ],
  permission: 'core.change_user',
  isDestructive: true,
  input: {
    days: field
      .integer({
        label: t('Days'),
        help: t('Since the last sign-in; without it the parameter inactive_account_threshold counts'),
        min: 1,
        max: 36_500,
      })
      .optional(),
    dry_run: field.boolean({ label: t('Dry run'), help: t('Only say which ones') }).default(false),
    delete: field.boolean({ label: t('Delete'), help: t('Delete them with their mailboxes') }).default(false),
    any_role: field.boolean({ label: t('Any role'), help: t('Also administrators and resellers') }).default(false),
  },
  async run(input, context) {
    const { inactive_account_threshold: threshold } = await context.parameters(adminParameters);
    const before = inactiveSince(context.now(), input.days ?? threshold);
    const found: InactiveAccount[] = [];
    for (;;) {
      const after = found.at(-1)?.pk ?? 0;
      const page = await inactiveAccounts(context, context.actor, {
        before,
        isAnyRole: input.any_role,
        after,
        limit: PAGE,
      });
      found.push(...page);
      if (page.length < PAGE) break;
    }
    const row = (one: InactiveAccount, outcome: string): PrintableRow => ({
      username: one.username,
      role: one.role,
      last_login: one.last_login,
      outcome,
    });
    if (input.dry_run || found.length === 0) return context.out.list(found.map((one) => row(one, 'found')));
    const count = found.length;
    await context.confirm(
      input.delete
        ? t(
            {
              one: 'Delete {{count}} account and its mailbox?',
              other: 'Delete {{count}} accounts and their mailboxes?',
            },
            { count },
          )
        : t({ one: 'Disable {{count}} account?', other: 'Disable {{count}} accounts?' }, { count }),
    );
    await context.out.list(done(found, input.delete, context, row));
  },
});

async function* done(
  found: readonly InactiveAccount[],
  isDelete: boolean,
  context: CommandContext,
  row: (one: InactiveAccount, outcome: string) => PrintableRow,
): AsyncGenerator<PrintableRow> {
  const service = context.get(mailboxes);
  for (const one of found) {
    context.signal.throwIfAborted();
    try {
      if (isDelete) await service.remove(context.actor, one.pk);
      else await service.update(context.actor, one.pk, { is_active: false });
      yield row(one, isDelete ? 'deleted' : 'disabled');
    } catch (error) {
      if (!isProblem(error)) throw error;
      context.out.warn(error.text);
      context.setExitCode(1);
      yield row(one, 'refused');
    }
  }
}
