import { domains, mailboxes } from '@posthorn/admin/contract';
import { type CommandContext, field, isProblem, messages, type PrintableRow } from '@posthorn/sdk';
import type { ChosenPlan } from '../contract/services.js';
import { limitFields } from '../tabs/fields.js';

const t = messages('limits');

export const whose = () =>
  field.string({ label: t('Whose'), help: t('A username, or the name of a domain'), min: 1, max: 320 });

export const options = {
  domains: limitFields.domains.optional(),
  domain_aliases: limitFields.domain_aliases.optional(),
  mailboxes: limitFields.mailboxes.optional(),
  mailbox_aliases: limitFields.mailbox_aliases.optional(),
  domain_admins: limitFields.domain_admins.optional(),
  quota: limitFields.quota.optional(),
};

/** Without what was not given. */
export const given = (values: Readonly<Record<string, unknown>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Record<string, number>;

/** What a name means: a domain's cannot be a username of an account with a mailbox, so the domain goes first. */
export async function subjectOf(name: string, context: CommandContext): Promise<ChosenPlan> {
  const { actor } = context;
  try {
    return { domain: (await context.get(domains).show(actor, name)).pk };
  } catch (error) {
    if (!isProblem(error) || error.kind !== 'not-found') throw error;
    return { account: (await context.get(mailboxes).show(actor, name)).pk };
  }
}

export const columns = ['name', 'max', 'used', 'effective', 'source', 'percent'];
export const row = (view: object): PrintableRow => ({ ...view }) as PrintableRow;
