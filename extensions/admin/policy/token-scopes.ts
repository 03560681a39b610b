import { type Contribution, messages, type Text, tokenRange, tokenScope } from '@posthorn/sdk';
import { DOMAIN_KIND } from '../contract/names.js';
import { domains } from '../contract.js';
import type { PermissionName } from './permissions.js';

const t = messages('admin');

const scope = (name: string, label: Text, permissions: readonly PermissionName[]): Contribution =>
  tokenScope({ name, label, permissions });

/** What a token may be confined to: reading or writing each resource of the API, and some domains. */
export const tokenContributions: readonly Contribution[] = [
  scope('domains:read', t('See domains'), ['admin.view_domain', 'admin.view_domains']),
  scope('domains:write', t('Create, change and delete domains'), [
    'admin.view_domain',
    'admin.view_domains',
    'admin.add_domain',
    'admin.change_domain',
    'admin.delete_domain',
  ]),
  scope('domainaliases:read', t('See domain aliases'), ['admin.view_domaliases']),
  scope('domainaliases:write', t('Create, change and delete domain aliases'), [
    'admin.view_domaliases',
    'admin.add_domainalias',
    'admin.change_domainalias',
    'admin.delete_domainalias',
  ]),
  scope('accounts:read', t('See accounts'), ['admin.view_mailboxes']),
  scope('accounts:write', t('Create, change and delete accounts'), [
    'admin.view_mailboxes',
    'core.add_user',
    'core.change_user',
    'core.delete_user',
    'admin.add_mailbox',
    'admin.change_mailbox',
    'admin.delete_mailbox',
  ]),
  scope('aliases:read', t('See aliases'), ['admin.view_aliases']),
  scope('aliases:write', t('Create, change and delete aliases'), [
    'admin.view_aliases',
    'admin.add_alias',
    'admin.change_alias',
    'admin.delete_alias',
  ]),
  scope('senderaddresses:read', t('See sender addresses'), ['admin.view_mailboxes']),
  scope('senderaddresses:write', t('Create, change and delete sender addresses'), [
    'admin.view_mailboxes',
    'admin.add_senderaddress',
    'admin.change_senderaddress',
    'admin.delete_senderaddress',
  ]),
  tokenRange({
    name: 'domain',
    label: t('Domain'),
    kind: DOMAIN_KIND,
    find: async (context, actor, name) => (await context.get(domains).show(actor, name)).pk,
  }),
];
