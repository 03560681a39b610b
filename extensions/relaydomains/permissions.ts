import { DOMAIN_ADMINS, RESELLERS } from '@posthorn/admin/contract';
import { type Actor, messages, type Permission } from '@posthorn/sdk';
import { problem } from './problems.js';

const t = messages('relaydomains');

/** Of a domain within reach; what `admin` asks for domains comes on top. */
export const permissions = {
  'relaydomains.view_relaydomain': { label: t('See relay domains'), roles: [DOMAIN_ADMINS, RESELLERS] },
  'relaydomains.add_relaydomain': { label: t('Create relay domains'), roles: [RESELLERS] },
  'relaydomains.change_relaydomain': { label: t('Change where relay domains lead'), roles: [RESELLERS] },
  'relaydomains.delete_relaydomain': { label: t('Delete relay domains'), roles: [RESELLERS] },
} as const satisfies Record<`relaydomains.${string}`, Permission>;

export type PermissionName = keyof typeof permissions;

export function requirePermission(actor: Actor, permission: PermissionName): void {
  if (!actor.can(permission)) throw problem('E_RELAYDOMAINS_FORBIDDEN', { permission });
}
