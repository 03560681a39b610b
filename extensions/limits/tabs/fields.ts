import { field, messages } from '@posthorn/sdk';
import { type AccountLimitName, LIMIT_MAX, RESOURCES } from '../contract/resources.js';

const t = messages('limits');

const count = (name: AccountLimitName) => field.integer({ label: RESOURCES[name].label, min: -1, max: LIMIT_MAX });

/** Limits as people type them, in forms and on the command line. */
export const limitFields = {
  domains: count('domains'),
  domain_aliases: count('domain_aliases'),
  mailboxes: count('mailboxes'),
  mailbox_aliases: count('mailbox_aliases'),
  domain_admins: count('domain_admins'),
  quota: field.size({
    label: RESOURCES.quota.label,
    help: t('All quotas of an administrator’s domains together; 0 is no limit.'),
  }),
};
