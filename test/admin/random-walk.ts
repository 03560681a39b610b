/** Random calls by people of every role, compared with an independent model after each. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { all, type Bench, empty, HASH, refusal } from './fixture.js';
import { type Alias, type Domain, isSuper, type Person, RightsModel, ROLES, type Role } from './rights-model.js';

const KINDS = [
  'create-domain',
  'rename-domain',
  'delete-domain',
  'create-account',
  'create-bare-account',
  'give-role',
  'give-role',
  'set-password',
  'move-mailbox',
  'delete-account',
  'add-administrator',
  'add-administrator',
  'remove-administrator',
  'create-alias',
  'move-alias',
  'delete-alias',
] as const;

const step = fc.record({
  kind: fc.constantFrom(...KINDS),
  actor: fc.nat({ max: 30 }),
  person: fc.nat({ max: 30 }),
  thing: fc.nat({ max: 30 }),
  role: fc.constantFrom(...ROLES),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

class Walk {
  readonly model = new RightsModel();
  #count = 0;

  constructor(private readonly b: Bench) {}

  /** Two resellers with a domain and people of every rank in it each. */
  async begin(): Promise<void> {
    await empty(this.b);
    const { id } = await this.b.host.kernel.accounts.create(this.b.system, {
      username: 'root',
      role: 'SuperAdmins',
      passwordHash: HASH,
    });
    const root: Person = { id, username: 'root', role: 'SuperAdmins', domain: undefined, owner: undefined };
    this.model.people.add(root);
    for (let i = 0; i < 2; i++) {
      await this.createAccount(root, 'Resellers', undefined);
      const seller = [...this.model.people].at(-1) as Person;
      await this.createDomain(seller);
      const domain = [...this.model.domains].at(-1) as Domain;
      await this.createAccount(seller, 'DomainAdmins', domain);
      const boss = [...this.model.people].at(-1) as Person;
      await this.addAdministrator(seller, domain, boss);
      await this.createAccount(boss, 'SimpleUsers', domain);
      // In the same domain: one of the same rank, and one above.
      await this.createAccount(seller, 'DomainAdmins', domain);
      await this.createAccount(root, 'SuperAdmins', domain);
    }
  }

  async take({ kind, actor: at, person: to, thing, role }: Step): Promise<string> {
    const { people, domains, aliases } = this.model;
    const one = <T>(set: Set<T>, index: number): T | undefined => [...set][index % Math.max(1, set.size)];
    const actor = one(people, at) as Person;
    // The first super administrator stays, so that there always is one.
    const person = [...people].slice(1)[to % Math.max(1, people.size - 1)];
    const domain = one(domains, thing);
    const alias = one(aliases, to);
    const said = `${kind} by ${actor.username} (${actor.role})`;
    if (kind === 'create-domain') return `${said}: ${await this.createDomain(actor)}`;
    if (kind === 'create-bare-account') return `${said} ${role}: ${await this.createAccount(actor, role, undefined)}`;
    if (person === undefined || domain === undefined) return said;
    const told = `${said}, ${person.username} (${person.role}), ${domain.name}, ${role}`;
    switch (kind) {
      case 'create-account':
        return `${told}: ${await this.createAccount(actor, role, domain)}`;
      case 'rename-domain':
        return `${told}: ${await this.renameDomain(actor, domain)}`;
      case 'delete-domain':
        return `${told}: ${await this.deleteDomain(actor, domain)}`;
      case 'give-role':
        return `${told}: ${await this.giveRole(actor, person, role)}`;
      case 'set-password':
        return `${told}: ${await this.setPassword(actor, person)}`;
      case 'move-mailbox':
        return `${told}: ${await this.moveMailbox(actor, person, domain)}`;
      case 'delete-account':
        return `${told}: ${await this.deleteAccount(actor, person)}`;
      case 'add-administrator':
        return `${told}: ${await this.addAdministrator(actor, domain, person)}`;
      case 'remove-administrator':
        return `${told}: ${await this.removeAdministrator(actor, domain, person)}`;
      case 'create-alias':
        return `${told}: ${await this.createAlias(actor, domain)}`;
      case 'move-alias':
        return alias === undefined ? told : `${told}: ${await this.moveAlias(actor, alias, domain)}`;
      case 'delete-alias':
        return alias === undefined ? told : `${told}: ${await this.deleteAlias(actor, alias)}`;
    }
  }

  /** Does what the model allows and nothing else; the model follows. */
  async #try<T>(actor: Person, isAllowed: boolean, call: (as: Awaited<ReturnType<Bench['actor']>>) => Promise<T>) {
    const as = await this.b.actor(actor.username);
    let made: T | undefined;
    const said = await refusal(
      call(as).then((value) => {
        made = value;
      }),
    );
    expect(said === 'accepted', `${actor.username} (${actor.role}) was told: ${said}`).toBe(isAllowed);
    return { isDone: said === 'accepted', made: made as T };
  }

  #name = (): string => `n${++this.#count}`;

  async createDomain(actor: Person): Promise<boolean> {
    const name = `${this.#name()}.test`;
    const { isDone, made } = await this.#try(actor, this.model.isAtLeast(actor, 'Resellers'), (as) =>
      this.b.domains.create(as, { name, quota: 0, default_mailbox_quota: 0 }),
    );
    if (!isDone) return false;
    const owner = isSuper(actor) ? undefined : actor;
    this.model.domains.add({ id: made.pk, name, owner, administrators: new Set(owner === undefined ? [] : [owner]) });
    return true;
  }

  async renameDomain(actor: Person, domain: Domain): Promise<boolean> {
    const { model } = this;
    const name = `${this.#name()}.test`;
    const may = model.isAtLeast(actor, 'Resellers') && model.reaches(actor, domain) && model.isAbove(actor, domain);
    const { isDone } = await this.#try(actor, may, (as) => this.b.domains.update(as, domain.id, { name }));
    if (!isDone) return false;
    for (const one of model.inside(domain)) one.username = one.username.replace(/@.*/, `@${name}`);
    domain.name = name;
    return true;
  }

  async deleteDomain(actor: Person, domain: Domain): Promise<boolean> {
    const { model } = this;
    const may =
      model.isAtLeast(actor, 'Resellers') &&
      model.reaches(actor, domain) &&
      model.isAbove(actor, domain) &&
      actor.domain !== domain;
    const { isDone } = await this.#try(actor, may, (as) => this.b.domains.remove(as, domain.id));
    if (!isDone) return false;
    for (const one of model.inside(domain)) one.domain = undefined;
    for (const alias of model.aliases) if (alias.domain === domain) model.aliases.delete(alias);
    model.domains.delete(domain);
    return true;
  }

  async createAccount(actor: Person, given: Role, domain: Domain | undefined): Promise<boolean> {
    const { model } = this;
    const role = domain === undefined && given === 'SimpleUsers' ? 'DomainAdmins' : given;
    const username = domain === undefined ? this.#name() : `${this.#name()}@${domain.name}`;
    const mayPlace = domain === undefined ? model.isAtLeast(actor, 'Resellers') : model.reaches(actor, domain);
    const may = model.isAtLeast(actor, 'DomainAdmins') && model.mayGive(actor, role) && mayPlace;
    const { isDone, made } = await this.#try(actor, may, (as) =>
      this.b.mailboxes.create(as, {
        username,
        role,
        passwordHash: HASH,
        ...(domain === undefined ? {} : { mailbox: {} }),
      }),
    );
    if (isDone) model.people.add({ id: made.pk, username, role, domain, owner: isSuper(actor) ? undefined : actor });
    return isDone;
  }

  async giveRole(actor: Person, person: Person, role: Role): Promise<boolean> {
    const { model } = this;
    const isOther = role !== person.role;
    const may =
      model.isAtLeast(actor, 'DomainAdmins') &&
      model.manages(actor, person) &&
      (!isOther || (actor !== person && model.mayGive(actor, role)));
    const { isDone } = await this.#try(actor, may, (as) => this.b.mailboxes.update(as, person.id, { role }));
    if (isDone) model.setRole(person, role);
    return isDone;
  }

  async setPassword(actor: Person, person: Person): Promise<boolean> {
    const { model } = this;
    const may = model.isAtLeast(actor, 'DomainAdmins') && model.manages(actor, person) && model.covers(actor, person);
    const change = { passwordHash: HASH };
    return (await this.#try(actor, may, (as) => this.b.mailboxes.update(as, person.id, change))).isDone;
  }

  async moveMailbox(actor: Person, person: Person, domain: Domain): Promise<boolean> {
    if (person.domain === undefined) return false;
    const { model } = this;
    const username = `${this.#name()}@${domain.name}`;
    const may = model.isAtLeast(actor, 'DomainAdmins') && model.manages(actor, person) && model.reaches(actor, domain);
    const { isDone } = await this.#try(actor, may, (as) =>
      this.b.mailboxes.update(as, person.id, { username, create_alias_with_old_address: false }),
    );
    if (isDone) Object.assign(person, { username, domain });
    return isDone;
  }

  async deleteAccount(actor: Person, person: Person): Promise<boolean> {
    const { model } = this;
    const may = model.isAtLeast(actor, 'DomainAdmins') && model.manages(actor, person) && actor !== person;
    const { isDone } = await this.#try(actor, may, (as) => this.b.mailboxes.remove(as, person.id));
    if (!isDone) return false;
    model.leave(person);
    model.people.delete(person);
    return true;
  }

  async addAdministrator(actor: Person, domain: Domain, person: Person): Promise<boolean> {
    const { model } = this;
    const may =
      model.isAtLeast(actor, 'Resellers') &&
      model.reaches(actor, domain) &&
      model.manages(actor, person) &&
      person.role !== 'SimpleUsers';
    const { isDone } = await this.#try(actor, may, (as) => this.b.domains.addAdmin(as, domain.id, person.id));
    if (isDone && !isSuper(person)) domain.administrators.add(person);
    return isDone;
  }

  async removeAdministrator(actor: Person, domain: Domain, person: Person): Promise<boolean> {
    const { model } = this;
    const may = model.isAtLeast(actor, 'Resellers') && model.reaches(actor, domain) && model.manages(actor, person);
    const { isDone } = await this.#try(actor, may, (as) => this.b.domains.removeAdmin(as, domain.id, person.id));
    if (!isDone) return false;
    domain.administrators.delete(person);
    if (domain.owner === person) domain.owner = undefined;
    return true;
  }

  async createAlias(actor: Person, domain: Domain): Promise<boolean> {
    const may = this.model.isAtLeast(actor, 'DomainAdmins') && this.model.reaches(actor, domain);
    const { isDone, made } = await this.#try(actor, may, (as) =>
      this.b.aliases.create(as, { address: `${this.#name()}@${domain.name}`, recipients: ['x@elsewhere.org'] }),
    );
    if (isDone) this.model.aliases.add({ id: made.pk, domain });
    return isDone;
  }

  async moveAlias(actor: Person, alias: Alias, domain: Domain): Promise<boolean> {
    const { model } = this;
    const may =
      model.isAtLeast(actor, 'DomainAdmins') && model.reaches(actor, alias.domain) && model.reaches(actor, domain);
    const { isDone } = await this.#try(actor, may, (as) =>
      this.b.aliases.update(as, alias.id, { address: `${this.#name()}@${domain.name}` }),
    );
    if (isDone) alias.domain = domain;
    return isDone;
  }

  async deleteAlias(actor: Person, alias: Alias): Promise<boolean> {
    const may = this.model.isAtLeast(actor, 'DomainAdmins') && this.model.reaches(actor, alias.domain);
    const { isDone } = await this.#try(actor, may, (as) => this.b.aliases.remove(as, alias.id));
    if (isDone) this.model.aliases.delete(alias);
    return isDone;
  }

  /** One by one, everybody finds what the model lets him find, and nothing else. */
  async compareEach(): Promise<void> {
    const { b, model } = this;
    for (const person of model.people) {
      if (!model.isAtLeast(person, 'DomainAdmins')) continue;
      const actor = await b.actor(person.username);
      const found: string[] = [];
      const allowed: string[] = [];
      const look = async (name: string, show: Promise<unknown>, isAllowed: boolean) => {
        if ((await refusal(show)) === 'accepted') found.push(name);
        if (isAllowed) allowed.push(name);
      };
      for (const one of model.people) {
        await look(one.username, b.mailboxes.show(actor, one.id), model.manages(person, one));
      }
      for (const one of model.domains) {
        await look(one.name, b.domains.show(actor, one.id), model.reaches(person, one));
      }
      for (const one of model.aliases) {
        await look(`alias ${one.id}`, b.aliases.show(actor, one.id), model.reaches(person, one.domain));
      }
      expect([person.username, person.role, ...found]).toEqual([person.username, person.role, ...allowed]);
    }
  }

  /** Everybody has the role that the model gave him, and sees what the model lets him see. */
  async compare(): Promise<void> {
    const { b, model } = this;
    const rows = await b.sql<{ username: string; role: string }>('select username, role from core_user order by id');
    expect(rows.map((row) => `${row.username} ${row.role}`)).toEqual(
      [...model.people].map((one) => `${one.username} ${one.role}`),
    );
    for (const person of model.people) {
      if (!model.isAtLeast(person, 'DomainAdmins')) continue;
      const actor = await b.actor(person.username);
      const ids = async (list: AsyncIterable<{ readonly pk: number }>) =>
        (await all(list)).map(({ pk }) => pk).sort((x, y) => x - y);
      const among = <T extends { readonly id: number }>(set: Set<T>, isSeen: (one: T) => boolean) =>
        [...set]
          .filter(isSeen)
          .map(({ id }) => id)
          .sort((x, y) => x - y);
      expect({
        who: `${person.username} (${person.role})`,
        domains: await ids(b.domains.list(actor)),
        accounts: await ids(b.mailboxes.list(actor)),
        aliases: await ids(b.aliases.list(actor)),
      }).toEqual({
        who: `${person.username} (${person.role})`,
        domains: among(model.domains, (one) => model.reaches(person, one)),
        accounts: among(model.people, (one) => model.manages(person, one)),
        aliases: among(model.aliases, (one) => model.reaches(person, one.domain)),
      });
    }
  }
}

/** Walks; a walk that goes wrong is shortened to the fewest steps that still do. */
export async function randomWalks(b: Bench, o: { readonly runs: number; readonly steps: number }): Promise<void> {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(fc.noBias(fc.array(step, { minLength: 1, maxLength: o.steps, size: 'max' })), async (steps) => {
      const walk = new Walk(b);
      await walk.begin();
      const told: string[] = [];
      try {
        for (const one of steps) {
          const said = await walk.take(one);
          told.push(said);
          if (!said.endsWith(': true')) continue;
          accepted++;
          await walk.compare();
        }
        await walk.compareEach();
      } catch (error) {
        (error as Error).message += `\nafter:\n${told.join('\n')}`;
        throw error;
      }
    }),
    { numRuns: o.runs },
  );
  // Walks on which everything is refused would say nothing.
  expect(accepted).toBeGreaterThan(2 * o.runs);
}
