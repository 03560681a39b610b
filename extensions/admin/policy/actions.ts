/**
 * What each action of the services needs. Services ask by these names and explanations read the same rows, so that an
 * answer to "why may I not?" cannot differ from what happens.
 */
import { messages, type Text } from '@posthorn/sdk';
import type { PermissionName } from './permissions.js';

const t = messages('admin');

/** What an action is done to. */
export type ActionObject = 'none' | 'domain' | 'domain-alias' | 'account' | 'alias' | 'sender-address' | 'role';

interface ActionRow {
  readonly label: Text;
  /** All of them are needed. */
  readonly permissions: readonly PermissionName[];
  readonly object: ActionObject;
}

export const ACTIONS = {
  'domain.list': { label: t('List domains'), permissions: ['admin.view_domains'], object: 'none' },
  'domain.show': { label: t('See a domain'), permissions: ['admin.view_domain'], object: 'domain' },
  'domain.create': { label: t('Create domains'), permissions: ['admin.add_domain'], object: 'none' },
  'domain.update': { label: t('Change a domain'), permissions: ['admin.change_domain'], object: 'domain' },
  'domain.delete': { label: t('Delete a domain'), permissions: ['admin.delete_domain'], object: 'domain' },
  'domain.administrators': {
    label: t('Add and remove administrators of a domain'),
    permissions: ['admin.add_domain'],
    object: 'domain',
  },
  'domain.resolve': {
    label: t('See where addresses of a domain go'),
    permissions: ['admin.view_mailboxes', 'admin.view_aliases'],
    object: 'domain',
  },
  'domainalias.list': { label: t('List domain aliases'), permissions: ['admin.view_domaliases'], object: 'none' },
  'domainalias.show': {
    label: t('See a domain alias'),
    permissions: ['admin.view_domaliases'],
    object: 'domain-alias',
  },
  'domainalias.create': {
    label: t('Create domain aliases of a domain'),
    permissions: ['admin.add_domainalias'],
    object: 'domain',
  },
  'domainalias.update': {
    label: t('Change a domain alias'),
    permissions: ['admin.change_domainalias'],
    object: 'domain-alias',
  },
  'domainalias.delete': {
    label: t('Delete a domain alias'),
    permissions: ['admin.delete_domainalias'],
    object: 'domain-alias',
  },
  'domain.import': { label: t('Import domains'), permissions: ['admin.add_domain'], object: 'none' },
  'account.import': { label: t('Import accounts and aliases'), permissions: ['core.add_user'], object: 'none' },
  'account.list': { label: t('List accounts and mailboxes'), permissions: ['admin.view_mailboxes'], object: 'none' },
  'account.show': { label: t('See an account'), permissions: ['admin.view_mailboxes'], object: 'account' },
  'account.create': {
    label: t('Create accounts with mailboxes in a domain'),
    permissions: ['core.add_user', 'admin.add_mailbox'],
    object: 'domain',
  },
  'account.update': { label: t('Change an account'), permissions: ['core.change_user'], object: 'account' },
  'account.password': {
    label: t('Set the password of an account'),
    permissions: ['core.change_user'],
    object: 'account',
  },
  'account.disable': { label: t('Disable an account'), permissions: ['core.change_user'], object: 'account' },
  'account.delete': { label: t('Delete an account'), permissions: ['core.delete_user'], object: 'account' },
  'role.give': { label: t('Give a role'), permissions: ['core.change_user'], object: 'role' },
  'alias.list': { label: t('List aliases'), permissions: ['admin.view_aliases'], object: 'none' },
  'alias.show': { label: t('See an alias'), permissions: ['admin.view_aliases'], object: 'alias' },
  'alias.create': { label: t('Create aliases in a domain'), permissions: ['admin.add_alias'], object: 'domain' },
  'alias.update': { label: t('Change an alias'), permissions: ['admin.change_alias'], object: 'alias' },
  'alias.delete': { label: t('Delete an alias'), permissions: ['admin.delete_alias'], object: 'alias' },
  'senderaddress.list': { label: t('List sender addresses'), permissions: ['admin.view_mailboxes'], object: 'none' },
  'senderaddress.show': {
    label: t('See a sender address'),
    permissions: ['admin.view_mailboxes'],
    object: 'sender-address',
  },
  'senderaddress.create': {
    label: t('Create sender addresses of an account'),
    permissions: ['admin.add_senderaddress'],
    object: 'account',
  },
  'senderaddress.update': {
    label: t('Change a sender address'),
    permissions: ['admin.change_senderaddress'],
    object: 'sender-address',
  },
  'senderaddress.delete': {
    label: t('Delete a sender address'),
    permissions: ['admin.delete_senderaddress'],
    object: 'sender-address',
  },
} as const satisfies Record<string, ActionRow>;

export type ActionName = keyof typeof ACTIONS;
export const ACTION_NAMES = Object.keys(ACTIONS) as readonly ActionName[];
