import { addReseller, type Bench, HASH } from './fixture.js';

export const ROLES = ['super', 'reseller', 'domainadmin', 'user', 'guest'] as const;
export type RoleName = (typeof ROLES)[number];

/**
 * How an object stands to who acts: his own self or the domain that his own mailbox lies in; of his own domain; of
 * somebody of his rank; of whoever made him; of a super administrator, but inside his own domain; of nobody but the
 * super administrators.
 */
export const RELATIONS = ['self', 'own', 'sibling', 'parent', 'higher', 'nobody'] as const;
export type Relation = (typeof RELATIONS)[number];

export const OBJECTS = ['domain', 'domainalias', 'account', 'administrator', 'alias', 'sender'] as const;
export type ObjectName = (typeof OBJECTS)[number];

/** One object of each kind that belong together. */
export interface Household extends Readonly<Record<Exclude<ObjectName, 'sender'>, string>> {
  readonly sender: number;
  /** A relay domain. */
  readonly relay: string;
  /** As pages and the API name them. */
  readonly ids: Readonly<Record<'domain' | 'account' | 'administrator' | 'domainalias' | 'alias' | 'relay', number>>;
}

export interface Cast {
  readonly people: Readonly<Record<Exclude<RoleName, 'guest'>, string>>;
  of(role: RoleName, relation: Relation): Household;
}

/** Everybody and everything that the access matrix is about, through the services, without the cost of a hash. */
export async function makeCast(b: Bench): Promise<Cast> {
  const { system } = b;
  const admin = await b.host.kernel.accounts.create(system, {
    username: 'admin',
    role: 'SuperAdmins',
    passwordHash: HASH,
  });
  const root = await b.actor('admin');
  const reseller = await addReseller(b, 'seller');
  const rival = await addReseller(b, 'rival');
  const make = (by: typeof root, username: string, more: object = {}) =>
    b.mailboxes.create(by, { username, passwordHash: HASH, ...more });

  const relayDomain = async (by: typeof root, name: string) =>
    (await b.domains.create(by, { name: `relay.${name}.test`, type: 'relaydomain' })).name;
  const household = async (by: typeof root, name: string, o: { account?: string; administrator?: string } = {}) => {
    const domain = `${name}.test`;
    await b.domains.create(by, { name: domain, aliases: [`${name}.alias`] });
    const relay = await relayDomain(by, name);
    const account = o.account ?? `user@${domain}`;
    if (o.account === undefined) await make(by, account);
    const administrator = o.administrator ?? `boss@${domain}`;
    if (o.administrator === undefined) {
      await make(by, administrator, { role: 'DomainAdmins', mailbox: {}, domains: [domain, relay] });
    }
    return { domain, relay, account, administrator, alias: `list@${domain}` };
  };
  const finish = async (one: Omit<Household, 'ids' | 'sender' | 'domainalias'>): Promise<Household> => {
    const domainalias = one.domain.replace(/test$/, 'alias');
    if ((await b.sql('select id from admin_alias where address = ? and internal = false', [one.alias])).length === 0) {
      await b.aliases.create(system, { address: one.alias, recipients: ['x@elsewhere.org'] });
    }
    const address = `${one.account.replace('@', '-')}@elsewhere.org`;
    const sender = await b.senders.create(system, { address, mailbox: one.account });
    return {
      ...one,
      domainalias,
      sender: sender.pk,
      ids: {
        domain: (await b.domains.show(system, one.domain)).pk,
        relay: (await b.domains.show(system, one.relay)).pk,
        account: (await b.mailboxes.show(system, one.account)).pk,
        administrator: (await b.mailboxes.show(system, one.administrator)).pk,
        alias: (await b.aliases.show(system, one.alias)).pk,
        domainalias: (await b.domainAliases.show(system, domainalias)).pk,
      },
    };
  };

  const own = await household(reseller, 'own');
  const boss = own.administrator;
  const peer = await household(reseller, 'peer');
  const parent = await household(reseller, 'parent');
  const rivals = await household(rival, 'rival');
  const supers = await household(root, 'super');
  const nobodys = await household(system, 'nobody');
  // A super administrator's mailbox in a domain that the reseller owns and the domain administrator administers.
  await b.domains.create(reseller, { name: 'mixed.test', aliases: ['mixed.alias'] });
  const mixedRelay = await relayDomain(reseller, 'mixed');
  for (const name of ['mixed.test', mixedRelay]) await b.domains.addAdmin(reseller, name, boss);
  await make(system, 'chief', { role: 'SuperAdmins', mailbox: { full_address: 'chief@mixed.test' } });
  const mixed = {
    domain: 'mixed.test',
    relay: mixedRelay,
    account: 'chief',
    administrator: 'chief',
    alias: 'chief@mixed.test',
  };

  const home = async (by: typeof root, username: string, name: string) => {
    await b.domains.create(by, { name: `${name}.test`, aliases: [`${name}.alias`] });
    await b.mailboxes.update(system, username, { mailbox: { full_address: `${name}@${name}.test` } });
    const relay = await relayDomain(by, name);
    return { domain: `${name}.test`, relay, account: username, administrator: username, alias: `list@${name}.test` };
  };
  const selves = {
    super: await finish(await home(root, admin.username, 'office')),
    reseller: await finish(await home(reseller, 'seller', 'shop')),
  };
  const households = {
    own: await finish(own),
    peer: await finish(peer),
    parent: await finish(parent),
    rival: await finish(rivals),
    super: await finish(supers),
    nobody: await finish(nobodys),
    mixed: await finish(mixed),
  };
  const bossAtHome = await finish({ ...own, account: boss, administrator: boss });
  const common = { own: households.own, higher: households.mixed, nobody: households.nobody };
  const lower = { ...common, sibling: households.peer, parent: households.parent };
  const cast: Record<RoleName, Record<Relation, Household>> = {
    super: { ...common, self: selves.super, sibling: households.mixed, parent: households.super },
    reseller: { ...common, self: selves.reseller, sibling: households.rival, parent: households.super },
    domainadmin: { ...lower, self: bossAtHome },
    user: { ...lower, self: households.own },
    guest: { ...lower, self: households.own },
  };
  return {
    people: { super: 'admin', reseller: 'seller', domainadmin: boss, user: own.account },
    of: (role, relation) => cast[role][relation],
  };
}
