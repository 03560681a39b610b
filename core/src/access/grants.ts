import { type Account, type Actor, type Data, type Door, SUPER_ADMINS } from '@posthorn/sdk';

/** Which role holds which permission: rows, because administrators change them. */
export class Grants {
  #byRole: Promise<ReadonlyMap<string, ReadonlySet<string>>> | undefined;

  constructor(private readonly data: Data) {}

  refresh(): void {
    this.#byRole = undefined;
  }

  async of(role: string): Promise<ReadonlySet<string>> {
    this.#byRole ??= this.#load();
    const loading = this.#byRole;
    try {
      return (await loading).get(role) ?? new Set();
    } catch (error) {
      if (this.#byRole === loading) this.#byRole = undefined;
      throw error;
    }
  }

  /** Gives the default grants of an extension that is enabled for the first time. */
  async seed(
    extension: string,
    permissions: Readonly<Record<string, { readonly roles: readonly string[] }>>,
  ): Promise<void> {
    const known = await this.data.execute<{ role: string; permission: string }>(
      'select role, permission from core_grant',
    );
    const have = new Set(known.map((row) => `${row.role} ${row.permission}`));
    for (const [permission, { roles }] of Object.entries(permissions)) {
      for (const role of roles) {
        if (have.has(`${role} ${permission}`)) continue;
        await this.data.execute('insert into core_grant (role, permission, extension) values (?, ?, ?)', [
          role,
          permission,
          extension,
        ]);
      }
    }
    this.refresh();
  }

  async #load(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const rows = await this.data.execute<{ role: string; permission: string }>(
      'select role, permission from core_grant',
    );
    const all = new Map<string, Set<string>>();
    for (const { role, permission } of rows) {
      const held = all.get(role);
      if (held === undefined) all.set(role, new Set([permission]));
      else held.add(permission);
    }
    return all;
  }
}

/** What decides on an account's rights. */
export type RightsHolder = Pick<Account, 'id' | 'username' | 'role' | 'is_superuser'>;

export async function actorOf(grants: Pick<Grants, 'of'>, account: RightsHolder, door: Door): Promise<Actor> {
  const granted = await grants.of(account.role);
  const { id, username, role, is_superuser: isSuperuser } = account;
  const can = (permission: string): boolean => isSuperuser || granted.has(permission);
  return Object.freeze({ id, username, role, isSuperuser, door, can });
}

/** The system itself, and the operator at the command line: everything is allowed, nobody is behind it. */
export const superActor = (door: Door, username = 'system'): Actor =>
  Object.freeze({ id: null, username, role: SUPER_ADMINS, isSuperuser: true, door, can: () => true });
