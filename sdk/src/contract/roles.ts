import { type Contribution, contribute, slot } from '../slot.js';
import type { Text } from '../text.js';

/** A role. The kernel knows one of its own, `SuperAdmins`, above all others. */
export interface Role {
  /** Stored in `core_user.role` and shown by the API. */
  readonly name: string;
  readonly label: Text;
  /** Who ranks higher may manage who ranks lower. `SuperAdmins` is 100. */
  readonly rank: number;
}

export const SUPER_ADMINS = 'SuperAdmins';

export const roles = slot<Role>('host.roles@1');
export const role = (r: Role): Contribution => contribute(roles, r);
