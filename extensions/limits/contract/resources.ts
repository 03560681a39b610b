/** What can be limited. Names are the reference's: they stand in the tables, the API and the command line. */
import { messages, type Text } from '@posthorn/sdk';

const t = messages('limits');

export const ACCOUNT_LIMITS = [
  'domains',
  'domain_aliases',
  'mailboxes',
  'mailbox_aliases',
  'domain_admins',
  'quota',
] as const;
export type AccountLimitName = (typeof ACCOUNT_LIMITS)[number];

export const DOMAIN_LIMITS = ['domain_aliases', 'mailboxes', 'mailbox_aliases', 'domain_admins'] as const;
export type DomainLimitName = (typeof DOMAIN_LIMITS)[number];

interface Resource {
  readonly label: Text;
  /** Who may not make such a thing needs no limit of it. */
  readonly permission: string;
  /** What no limit is written as. */
  readonly unlimited: -1 | 0;
}

/** `quota` is a sum of megabytes, the others count. */
export const RESOURCES: Readonly<Record<AccountLimitName, Resource>> = {
  domains: { label: t('Domains'), permission: 'admin.add_domain', unlimited: -1 },
  domain_aliases: { label: t('Domain aliases'), permission: 'admin.add_domainalias', unlimited: -1 },
  mailboxes: { label: t('Mailboxes'), permission: 'admin.add_mailbox', unlimited: -1 },
  mailbox_aliases: { label: t('Mailbox aliases'), permission: 'admin.add_alias', unlimited: -1 },
  domain_admins: { label: t('Domain admins'), permission: 'admin.add_domain', unlimited: -1 },
  quota: { label: t('Quota'), permission: 'admin.add_domain', unlimited: 0 },
};

export const isUnlimited = (name: AccountLimitName, max: number): boolean => max === RESOURCES[name].unlimited;

/** The largest that the tables hold. */
export const LIMIT_MAX = 2_147_483_647;
