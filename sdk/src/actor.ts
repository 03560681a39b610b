/** Who asks. Every service call has an actor; a door (page, API, CSV, command line, job) only decides which. */

export type Door = 'command' | 'page' | 'api' | 'import' | 'job' | 'system';

export interface Actor {
  /** `core_user.id`; null for the system itself and for the operator at the command line. */
  readonly id: number | null;
  readonly username: string;
  /** A role's name; `SuperAdmins` is the kernel's all-powerful one. */
  readonly role: string;
  /** Holds every permission and reaches every object. */
  readonly isSuperuser: boolean;
  readonly door: Door;
  can(permission: string): boolean;
}
