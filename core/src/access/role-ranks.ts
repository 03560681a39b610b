import { type Actor, type Contributed, type Role, SUPER_ADMINS } from '@posthorn/sdk';
import { problem } from '../errors.js';

/** Who stands above whom. */
export class RoleRanks {
  readonly #roles: ReadonlyMap<string, Role>;

  constructor(items: readonly Contributed<Role>[]) {
    this.#roles = new Map(items.map(({ item }) => [item.name, item]));
  }

  find(name: string): Role {
    const found = this.#roles.get(name);
    if (found === undefined) {
      throw problem('E_ROLE_UNKNOWN', { role: name, known: [...this.#roles.keys()].join(', ') }, { field: 'role' });
    }
    return found;
  }

  /** A role whose extension is not enabled ranks below everything. */
  rankOf(name: string): number {
    return this.#roles.get(name)?.rank ?? 0;
  }

  /** Whether the actor may manage accounts of this role: superusers all, others only those below them. */
  isBelow(actor: Actor, role: string): boolean {
    if (actor.isSuperuser) return true;
    return role !== SUPER_ADMINS && this.rankOf(role) < this.rankOf(actor.role);
  }
}
