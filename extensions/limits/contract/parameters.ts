import { field, messages, parameters } from '@posthorn/sdk';
import { LIMIT_MAX, RESOURCES } from './resources.js';

const t = messages('limits');

const count = (name: keyof typeof RESOURCES) =>
  field.integer({ label: RESOURCES[name].label, min: -1, max: LIMIT_MAX }).default(0);
const help = t('-1 is no limit, 0 is none.');

const whileOn = (field: 'enable_admin_limits' | 'enable_domain_limits') => ({ field, is: [true] });

/** Names are the reference's. */
export const limitsParameters = parameters(
  'limits',
  'global',
  {
    enable_admin_limits: field
      .boolean({
        label: t('Limits for administrators'),
        help: t('Of what resellers and domain administrators make. Super administrators have none.'),
      })
      .default(true),
    deflt_user_domain_admins_limit: count('domain_admins'),
    deflt_user_domains_limit: count('domains'),
    deflt_user_domain_aliases_limit: count('domain_aliases'),
    deflt_user_mailboxes_limit: count('mailboxes'),
    deflt_user_mailbox_aliases_limit: count('mailbox_aliases'),
    deflt_user_quota_limit: field
      .size({
        label: RESOURCES.quota.label,
        help: t('All quotas of an administrator’s domains together; 0 is no limit.'),
      })
      .default(0),
    enable_domain_limits: field
      .boolean({
        label: t('Limits for domains'),
        help: t('Of what is in one domain, whoever makes it.'),
      })
      .default(false),
    deflt_domain_domain_admins_limit: count('domain_admins'),
    deflt_domain_domain_aliases_limit: count('domain_aliases'),
    deflt_domain_mailboxes_limit: count('mailboxes'),
    deflt_domain_mailbox_aliases_limit: count('mailbox_aliases'),
    warning_threshold: field
      .integer({
        label: t('Warn from'),
        help: t('Whoever has used so much of a limit is told so. 0 warns nobody.'),
        unit: '%',
        min: 0,
        max: 100,
      })
      .default(90),
    history_days: field
      .integer({
        label: t('Days of history'),
        help: t('For so long it can be seen how use has grown.'),
        min: 1,
        max: 3_650,
      })
      .default(365),
  },
  {
    title: t('Limits'),
    sections: [
      { title: t('Administrators'), fields: ['enable_admin_limits'] },
      {
        title: t('Defaults for administrators'),
        text: help,
        fields: [
          'deflt_user_domain_admins_limit',
          'deflt_user_domains_limit',
          'deflt_user_domain_aliases_limit',
          'deflt_user_mailboxes_limit',
          'deflt_user_mailbox_aliases_limit',
          'deflt_user_quota_limit',
        ],
        when: whileOn('enable_admin_limits'),
      },
      { title: t('Domains'), fields: ['enable_domain_limits'] },
      {
        title: t('Defaults for domains'),
        text: help,
        fields: [
          'deflt_domain_domain_admins_limit',
          'deflt_domain_domain_aliases_limit',
          'deflt_domain_mailboxes_limit',
          'deflt_domain_mailbox_aliases_limit',
        ],
        when: whileOn('enable_domain_limits'),
      },
      { title: t('Use'), fields: ['warning_threshold', 'history_days'] },
    ],
  },
);
