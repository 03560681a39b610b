import { command, messages } from '@posthorn/sdk';
import { limits } from '../contract/services.js';
import { columns, given, options, row, subjectOf, whose } from './fields.js';

const t = messages('limits');
const noun = 'limits';

export const limitCommands = [
  command({
    noun,
    verb: 'show',
    summary: t('Show the limits of an account or a domain, and what is used of them'),
    examples: ['limits show reseller', 'limits show example.org --json'],
    permission: 'admin.view_domains',
    positional: ['whose'],
    input: { whose: whose() },
    async run(input, context) {
      const subject = await subjectOf(input.whose, context);
      const service = context.get(limits);
      const found =
        'domain' in subject
          ? await service.ofDomain(context.actor, subject.domain)
          : await service.ofAccount(context.actor, subject.account);
      await context.out.list(found.limits.map(row), columns);
    },
  }),
  command({
    noun,
    verb: 'set',
    summary: t('Set limits of an account or a domain'),
    description: t('-1 is no limit, 0 is none; a quota of 0 is no limit. What is not given stays.'),
    examples: ['limits set reseller --domains 10 --mailboxes 200 --quota 50G', 'limits set example.org --mailboxes -1'],
    permission: 'limits.change_limits',
    positional: ['whose'],
    input: { whose: whose(), ...options },
    async run({ whose: name, ...values }, context) {
      const subject = await subjectOf(name, context);
      const service = context.get(limits);
      const found =
        'domain' in subject
          ? await service.setOfDomain(context.actor, subject.domain, given(values))
          : await service.setOfAccount(context.actor, subject.account, given(values));
      await context.out.list(found.limits.map(row), columns);
    },
  }),
];
