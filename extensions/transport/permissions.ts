import { type Actor, messages, type Permission } from '@posthorn/sdk';
import { problem } from './problems.js';

const t = messages('transport');

/** Nobody but super administrators holds them by default: a transport can take any domain's mail elsewhere. */
export const permissions = {
  'transport.view_transport': { label: t('See transports'), roles: [] },
  'transport.add_transport': { label: t('Create transports'), roles: [] },
  'transport.change_transport': { label: t('Change transports'), roles: [] },
  'transport.delete_transport': { label: t('Delete transports'), roles: [] },
} as const satisfies Record<`transport.${string}`, Permission>;

export function requirePermission(actor: Actor, permission: keyof typeof permissions): void {
  if (!actor.can(permission)) throw problem('E_TRANSPORT_FORBIDDEN', { permission });
}
