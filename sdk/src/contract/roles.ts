import { type Contribution, contribute, slot } from '../slot.js';
import type { Text } from '../text.js';

/** A role. The kernel knows one of its own, `SuperAdmins`, above all others. @public @since 1.0.0 */
export interface Role {
  /** Stored in `core_user.role` and shown by the API. */
  readonly name: string;
  /** What it is called. */
  readonly label: Text;
  /** Who ranks higher may manage who ranks lower. `SuperAdmins` is 100. */
  readonly rank: number;
}

/** The name of the kernel's own role, above all others. @public @since 1.0.0 */
export const SUPER_ADMINS = 'SuperAdmins';

/** The slot of roles. @public @since 1.0.0 */
export const roles = slot<Role>('host.roles@1');
/** Contributes a role. @public @since 1.0.0 */
export const role = (r: Role): Contribution => contribute(roles, r);
