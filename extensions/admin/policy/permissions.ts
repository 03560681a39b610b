/** Permissions under the reference's names. Roles are only the defaults of the first enabling; grants are rows. */
import { messages, type Permission } from '@posthorn/sdk';
import { DOMAIN_ADMINS, RESELLERS } from '../contract/names.js';

const t = messages('admin');

const resellers = [RESELLERS];
const administrators = [DOMAIN_ADMINS, RESELLERS];

export const permissions = {
  'admin.view_domain': { label: t('See a domain'), roles: administrators },
  'admin.view_domains': { label: t('List domains'), roles: administrators },
  'admin.add_domain': { label: t('Create domains'), roles: resellers },
  'admin.change_domain': { label: t('Change domains'), roles: resellers },
  'admin.delete_domain': { label: t('Delete domains'), roles: resellers },
  'admin.view_domaliases': { label: t('List domain aliases'), roles: resellers },
  'admin.add_domainalias': { label: t('Create domain aliases'), roles: resellers },
  'admin.change_domainalias': { label: t('Change domain aliases'), roles: resellers },
  'admin.delete_domainalias': { label: t('Delete domain aliases'), roles: resellers },
  'admin.view_mailboxes': { label: t('List accounts and mailboxes'), roles: administrators },
  'admin.add_mailbox': { label: t('Create mailboxes'), roles: administrators },
  'admin.change_mailbox': { label: t('Change mailboxes'), roles: administrators },
  'admin.delete_mailbox': { label: t('Delete mailboxes'), roles: administrators },
  'admin.view_aliases': { label: t('List aliases'), roles: administrators },
  'admin.add_alias': { label: t('Create aliases'), roles: administrators },
  'admin.change_alias': { label: t('Change aliases'), roles: administrators },
  'admin.delete_alias': { label: t('Delete aliases'), roles: administrators },
  'admin.add_senderaddress': { label: t('Create sender addresses'), roles: administrators },
  'admin.change_senderaddress': { label: t('Change sender addresses'), roles: administrators },
  'admin.delete_senderaddress': { label: t('Delete sender addresses'), roles: administrators },
} as const satisfies Record<`admin.${string}`, Permission>;

export const claimedPermissions = {
  'core.add_user': { label: t('Create accounts'), roles: administrators },
  'core.change_user': { label: t('Change accounts'), roles: administrators },
  'core.delete_user': { label: t('Delete accounts'), roles: administrators },
  'core.view_audit': { label: t('See who changed what'), roles: administrators },
} as const satisfies Record<string, Permission>;

export type PermissionName = keyof typeof permissions | keyof typeof claimedPermissions;
