import { command, field, messages, type PrintableRow } from '@posthorn/sdk';
import { ACCOUNT_LIMITS } from '../contract/resources.js';
import { type PlanView, plans } from '../contract/services.js';
import { CHANGE } from '../services/giver.js';
import { MANAGE } from '../services/plan-service.js';
import { given, options, subjectOf, whose } from './fields.js';

const t = messages('limits');
const noun = 'limits';

const name = () => field.string({ label: t('Plan'), min: 1, max: 100 });

/** Flat: a limit that the plan leaves alone is null. */
const flat = ({ name: plan, limits, accounts, domains }: PlanView): PrintableRow => ({
  plan,
  ...Object.fromEntries(ACCOUNT_LIMITS.map((limit) => [limit, limits[limit] ?? null])),
  given_to_accounts: accounts,
  given_to_domains: domains,
});

export const planCommands = [
  command({
    noun,
    verb: 'plan list',
    summary: t('List plans'),
    examples: ['limits plan list', 'limits plan list --json'],
    permission: CHANGE,
    input: {},
    async run(_input, context) {
      await context.out.list((await context.get(plans).list(context.actor)).map(flat));
    },
  }),
  command({
    noun,
    verb: 'plan create',
    summary: t('Create a plan'),
    examples: ['limits plan create Basic --mailboxes 10 --mailbox-aliases 50'],
    permission: MANAGE,
    positional: ['name'],
    input: { name: name(), ...options },
    async run({ name: plan, ...values }, context) {
      context.out.item(flat(await context.get(plans).create(context.actor, { name: plan, limits: given(values) })));
    },
  }),
  command({
    noun,
    verb: 'plan update',
    summary: t('Change a plan, and the limits of those who have it'),
    examples: ['limits plan update Basic --mailboxes 20', 'limits plan update Basic --rename Small'],
    permission: MANAGE,
    positional: ['name'],
    input: { name: name(), rename: field.string({ label: t('The new name'), max: 100 }).optional(), ...options },
    async run({ name: key, rename, ...values }, context) {
      const service = context.get(plans);
      const before = await service.show(context.actor, key);
      const changed = await service.update(context.actor, before.pk, {
        ...(rename === undefined ? {} : { name: rename }),
        limits: { ...before.limits, ...given(values) },
      });
      context.out.item(flat(changed));
    },
  }),
  command({
    noun,
    verb: 'plan delete',
    summary: t('Delete a plan; those who have it keep their limits'),
    examples: ['limits plan delete Basic --yes'],
    permission: MANAGE,
    positional: ['name'],
    isDestructive: true,
    input: { name: name() },
    async run({ name: key }, context) {
      await context.confirm(t('Delete the plan {{name}}?', { name: key }));
      await context.get(plans).remove(context.actor, key);
      context.out.note(t('The plan {{name}} was deleted.', { name: key }));
    },
  }),
  command({
    noun,
    verb: 'plan apply',
    summary: t('Give a plan to an account or a domain'),
    examples: ['limits plan apply Basic reseller', 'limits plan apply Basic example.org'],
    permission: CHANGE,
    positional: ['name', 'whose'],
    input: { name: name(), whose: whose() },
    async run({ name: key, whose: to }, context) {
      await context.get(plans).give(context.actor, key, await subjectOf(to, context));
      context.out.note(t('{{whose}} has the plan {{name}}.', { whose: to, name: key }));
    },
  }),
];
