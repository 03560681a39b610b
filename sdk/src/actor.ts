/** Who asks. Every service call has an actor; a door (page, API, CSV, command line, job) only decides which. */

/** The way a call came in. @public @since 1.0.0 */
export type Door = 'command' | 'page' | 'api' | 'import' | 'job' | 'system';

/** Who asks, with the rights that count for this call. @public @since 1.0.0 */
export interface Actor {
  /** `core_user.id`; null for the system itself and for the operator at the command line. */
  readonly id: number | null;
  /** For people and logs; the system's own where `id` is null. */
  readonly username: string;
  /** A role's name; `SuperAdmins` is the kernel's all-powerful one. */
  readonly role: string;
  /** Holds every permission and reaches every object. */
  readonly isSuperuser: boolean;
  /** The way the call came in. */
  readonly door: Door;
  /** Whether the actor holds a permission, `owner.verb`. */
  can(permission: string): boolean;
  /** Present where a token leaves less than its owner's rights. */
  readonly confined?: Confinement;
  /** `core_token.id` of the token that the call brought. What is enqueued for this actor ends with it. */
  readonly token?: number;
}

/**
 * What a token leaves of its owner's rights. `isSuperuser` of the actor is false then, so that whoever does not know of
 * this denies; `can` knows it already.
 * @public @since 1.0.0
 */
export interface Confinement {
  /** Whether the owner reaches every object; of those, `within` says which are left. */
  readonly isSuperuser: boolean;
  /** Roles that hold no right beyond what is left. Accounts of others must not be made, given rights or changed. */
  readonly roles: ReadonlySet<string>;
  /** Ids of the objects of a kind that are left; undefined where all are. */
  within(kind: string): ReadonlySet<number> | undefined;
}
