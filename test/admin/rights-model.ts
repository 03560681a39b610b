/** Who may do what, as a model that knows nothing of tables: it keeps who owns and administers what. */

const RANKS = { SuperAdmins: 100, Resellers: 80, DomainAdmins: 60, SimpleUsers: 20 } as const;
export type Role = keyof typeof RANKS;
export const ROLES = Object.keys(RANKS) as readonly Role[];

export interface Person {
  readonly id: number;
  username: string;
  role: Role;
  /** The domain of the mailbox. */
  domain: Domain | undefined;
  /** Undefined: the super administrators. */
  owner: Person | undefined;
}
export interface Domain {
  readonly id: number;
  name: string;
  owner: Person | undefined;
  /** Also the owner. */
  readonly administrators: Set<Person>;
}
export interface Alias {
  readonly id: number;
  domain: Domain;
}

const rank = (person: Person): number => RANKS[person.role];
export const isSuper = (person: Person): boolean => person.role === 'SuperAdmins';

/** Says by rank and ownership alone what each may do and see, and follows what was done. */
export class RightsModel {
  readonly people = new Set<Person>();
  readonly domains = new Set<Domain>();
  readonly aliases = new Set<Alias>();

  isAtLeast(person: Person, role: Role): boolean {
    return rank(person) >= RANKS[role];
  }

  /** Whether somebody is below another by a chain of owners, each of higher rank than the next. */
  owns(owner: Person, person: Person): boolean {
    for (let at: Person | undefined = person; at?.owner !== undefined; at = at.owner) {
      if (rank(at.owner) <= rank(at)) return false;
      if (at.owner === owner) return true;
    }
    return false;
  }

  reaches(actor: Person, domain: Domain): boolean {
    if (isSuper(actor)) return true;
    if (!this.isAtLeast(actor, 'DomainAdmins')) return false;
    return [...domain.administrators].some((one) => one === actor || this.owns(actor, one));
  }

  manages(actor: Person, person: Person): boolean {
    if (isSuper(actor) || actor === person) return true;
    if (rank(person) >= rank(actor) || !this.isAtLeast(actor, 'DomainAdmins')) return false;
    if (person.domain !== undefined && this.reaches(actor, person.domain)) return true;
    const isHisByOwner = person.domain === undefined || person.role !== 'SimpleUsers';
    return isHisByOwner && this.owns(actor, person);
  }

  /** Whether somebody who is able to sign in as the other gains nothing by it. */
  covers(actor: Person, person: Person): boolean {
    if (actor === person || person.role === 'SimpleUsers') return true;
    return [...this.domains].every((domain) => !this.reaches(person, domain) || this.reaches(actor, domain));
  }

  mayGive(actor: Person, role: Role): boolean {
    return isSuper(actor) || RANKS[role] < rank(actor);
  }

  /** Whether everybody with a mailbox in the domain is below the actor, or the actor. */
  isAbove(actor: Person, domain: Domain): boolean {
    return isSuper(actor) || this.inside(domain).every((one) => one === actor || rank(one) < rank(actor));
  }

  inside(domain: Domain): readonly Person[] {
    return [...this.people].filter((one) => one.domain === domain);
  }

  /** The next owner above somebody who ranks above what is handed over. */
  heir(from: Person, above: number): Person | undefined {
    let at = from.owner;
    while (at !== undefined && rank(at) <= above) at = at.owner;
    return at;
  }

  setRole(person: Person, role: Role): void {
    if (person.role === role) return;
    person.role = role;
    if (person.owner !== undefined && rank(person.owner) <= rank(person)) {
      person.owner = this.heir(person.owner, rank(person));
    }
    for (const one of this.people) {
      if (one.owner === person && rank(person) <= rank(one)) one.owner = this.heir(person, rank(one));
    }
    if (role === 'SimpleUsers') this.leave(person);
  }

  /** Everything of somebody's goes to his own owner; what he only administered, he does no more. */
  leave(person: Person): void {
    for (const one of this.people) if (one.owner === person) one.owner = person.owner;
    for (const domain of this.domains) {
      domain.administrators.delete(person);
      if (domain.owner !== person) continue;
      domain.owner = person.owner;
      if (person.owner !== undefined) domain.administrators.add(person.owner);
    }
  }
}
