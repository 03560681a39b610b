import { explanations, forwards, resolutions, trash } from '@posthorn/admin/contract';
import { limits, plans } from '@posthorn/limits/contract';
import { relayDomains } from '@posthorn/relaydomains/contract';
import { type Actor, isProblem, type Problem } from '@posthorn/sdk';
import { routes, transports } from '@posthorn/transport/contract';
import type { Cast, Household } from './access-cast.js';
import { all, type Bench, HASH } from './fixture.js';

type Step = (actor: Actor, to: Household) => Promise<unknown>;
export interface Tried {
  readonly call: Step;
  /** What explanations call it, and the object of the question. */
  readonly explained?: readonly [action: string, object?: (to: Household) => string | number];
  /** Not about an object of somebody's. */
  readonly isAlone?: boolean;
}
const person = { passwordHash: HASH };
const domain = (to: Household) => to.domain;
const account = (to: Household) => to.account;
const alias = (to: Household) => to.alias;
const domainAlias = (to: Household) => to.domainalias;
const sender = (to: Household) => to.sender;

const target = { target_host: 'mx.elsewhere.org' };

/** The transport of the relay domain. */
async function led(b: Bench, { relay }: Household): Promise<number> {
  const { transport_pk: pk } = await b.context.get(relayDomains).update(b.system, relay, target);
  return pk ?? 0;
}

/** The entry of an alias that an administrator deleted. */
async function thrownAway(b: Bench, { alias: deleted }: Household): Promise<number> {
  await b.aliases.remove(b.system, deleted);
  const [row] = await b.sql<{ id: number }>('select max(id) as id from admin_trash');
  return Number(row?.id);
}

const accountOf = async (b: Bench, to: Household) => (await b.mailboxes.show(b.system, to.account)).pk;
const aliasOf = async (b: Bench, to: Household) => (await b.aliases.show(b.system, to.alias)).pk;

/** Methods for many say in their answer what those for one throw. */
function accepted([wrong]: readonly (Problem | undefined)[]): void {
  if (wrong !== undefined) throw wrong;
}

/** A harmless call of every method, by the service's name and its own. Further words tell calls of one method apart. */
export const serviceCalls = (b: Bench, people: Cast['people']): Readonly<Record<string, Tried>> => ({
  'domains.list': { call: (a) => all(b.domains.list(a)), explained: ['domain.list'], isAlone: true },
  'domains.show': { call: (a, o) => b.domains.show(a, o.domain), explained: ['domain.show', domain] },
  'domains.create': {
    call: (a) => b.domains.create(a, { name: 'new.test' }),
    explained: ['domain.create'],
    isAlone: true,
  },
  'domains.update': {
    call: (a, o) => b.domains.update(a, o.domain, { enabled: true }),
    explained: ['domain.update', domain],
  },
  'domains.update name': { call: (a, o) => b.domains.update(a, o.domain, { name: 'renamed.test' }) },
  'domains.remove': { call: (a, o) => b.domains.remove(a, o.domain), explained: ['domain.delete', domain] },
  'domains.addAdmin': {
    call: (a, o) => b.domains.addAdmin(a, o.domain, people.domainadmin),
    explained: ['domain.administrators', domain],
  },
  'domains.addAdmin account': { call: (a, o) => b.domains.addAdmin(a, 'own.test', o.administrator) },
  'domains.removeAdmin': {
    call: (a, o) => b.domains.removeAdmin(a, o.domain, people.domainadmin),
    explained: ['domain.administrators', domain],
  },
  'domains.removeAdmin account': { call: (a, o) => b.domains.removeAdmin(a, 'own.test', o.administrator) },
  'domain-aliases.list': {
    call: (a) => all(b.domainAliases.list(a)),
    explained: ['domainalias.list'],
    isAlone: true,
  },
  'domain-aliases.show': {
    call: (a, o) => b.domainAliases.show(a, o.domainalias),
    explained: ['domainalias.show', domainAlias],
  },
  'domain-aliases.create': {
    call: (a, o) => b.domainAliases.create(a, { name: 'new.alias', target: o.domain }),
    explained: ['domainalias.create', domain],
  },
  'domain-aliases.update': {
    call: (a, o) => b.domainAliases.update(a, o.domainalias, { enabled: true }),
    explained: ['domainalias.update', domainAlias],
  },
  'domain-aliases.update target': {
    call: (a, o) => b.domainAliases.update(a, 'own.alias', { target: o.domain }),
  },
  'domain-aliases.remove': {
    call: (a, o) => b.domainAliases.remove(a, o.domainalias),
    explained: ['domainalias.delete', domainAlias],
  },
  'mailboxes.list': { call: (a) => all(b.mailboxes.list(a)), explained: ['account.list'], isAlone: true },
  'mailboxes.show': { call: (a, o) => b.mailboxes.show(a, o.account), explained: ['account.show', account] },
  'mailboxes.show administrator': {
    call: (a, o) => b.mailboxes.show(a, o.administrator),
    explained: ['account.show', (o) => o.administrator],
  },
  'mailboxes.create': {
    call: (a, o) => b.mailboxes.create(a, { ...person, username: `new@${o.domain}` }),
    explained: ['account.create', domain],
  },
  'mailboxes.createMany': {
    call: async (a, o) => {
      const [made] = await b.mailboxes.createMany(a, [{ ...person, username: `new@${o.domain}` }]);
      if (isProblem(made)) throw made;
    },
    explained: ['account.create', domain],
  },
  'mailboxes.update': {
    call: (a, o) => b.mailboxes.update(a, o.account, { first_name: 'X' }),
    explained: ['account.update', account],
  },
  'mailboxes.update administrator': {
    call: (a, o) => b.mailboxes.update(a, o.administrator, { passwordHash: HASH }),
    explained: ['account.password', (o) => o.administrator],
  },
  'mailboxes.update is_active': {
    call: (a, o) => b.mailboxes.update(a, o.account, { is_active: false }),
    explained: ['account.disable', account],
  },
  'mailboxes.update move': {
    call: (a, o) =>
      b.mailboxes.update(a, 'user@own.test', { username: `moved@${o.domain}`, create_alias_with_old_address: false }),
  },
  'mailboxes.update domains': {
    call: (a, o) => b.mailboxes.update(a, people.domainadmin, { domains: [o.domain] }),
  },
  'mailboxes.updateMany': {
    call: async (a, o) => accepted(await b.mailboxes.updateMany(a, [await accountOf(b, o)], { is_active: false })),
    explained: ['account.disable', account],
  },
  'mailboxes.changePassword': {
    call: (a, o) => b.mailboxes.changePassword(a, o.account, 'Toto1234', 'Tutu1234'),
  },
  'mailboxes.remove': { call: (a, o) => b.mailboxes.remove(a, o.account), explained: ['account.delete', account] },
  'mailboxes.removeMany': {
    call: async (a, o) => accepted(await b.mailboxes.removeMany(a, [await accountOf(b, o)])),
    explained: ['account.delete', account],
  },
  'aliases.list': { call: (a) => all(b.aliases.list(a)), explained: ['alias.list'], isAlone: true },
  'aliases.show': { call: (a, o) => b.aliases.show(a, o.alias), explained: ['alias.show', alias] },
  'aliases.create': {
    call: (a, o) => b.aliases.create(a, { address: `new@${o.domain}`, recipients: ['x@elsewhere.org'] }),
    explained: ['alias.create', domain],
  },
  'aliases.update': {
    call: (a, o) => b.aliases.update(a, o.alias, { enabled: true }),
    explained: ['alias.update', alias],
  },
  'aliases.update move': {
    call: (a, o) => b.aliases.update(a, 'list@own.test', { address: `moved@${o.domain}` }),
  },
  'aliases.remove': { call: (a, o) => b.aliases.remove(a, o.alias), explained: ['alias.delete', alias] },
  'aliases.updateMany': {
    call: async (a, o) => accepted(await b.aliases.updateMany(a, [await aliasOf(b, o)], { enabled: true })),
    explained: ['alias.update', alias],
  },
  'aliases.removeMany': {
    call: async (a, o) => accepted(await b.aliases.removeMany(a, [await aliasOf(b, o)])),
    explained: ['alias.delete', alias],
  },
  'forwards.show': { call: (a) => b.context.get(forwards).show(a), isAlone: true },
  'forwards.set': {
    call: (a) => b.context.get(forwards).set(a, { recipients: ['x@elsewhere.org'], keeps_copy: true }),
    isAlone: true,
  },
  'sender-addresses.list': {
    call: (a) => all(b.senders.list(a)),
    explained: ['senderaddress.list'],
    isAlone: true,
  },
  'sender-addresses.list mailbox': { call: (a, o) => all(b.senders.list(a, { mailbox: o.account })) },
  'sender-addresses.show': { call: (a, o) => b.senders.show(a, o.sender), explained: ['senderaddress.show', sender] },
  'sender-addresses.create': {
    call: (a, o) => b.senders.create(a, { address: 'new@elsewhere.org', mailbox: o.account }),
    explained: ['senderaddress.create', account],
  },
  'sender-addresses.create address': {
    call: (a, o) => b.senders.create(a, { address: `new@${o.domain}`, mailbox: 'user@own.test' }),
  },
  'sender-addresses.update': {
    call: (a, o) => b.senders.update(a, o.sender, { address: 'other@elsewhere.org' }),
    explained: ['senderaddress.update', sender],
  },
  'sender-addresses.remove': {
    call: (a, o) => b.senders.remove(a, o.sender),
    explained: ['senderaddress.delete', sender],
  },
  'resolutions.resolve': {
    call: (a, o) => b.context.get(resolutions).resolve(a, `x@${o.domain}`),
    explained: ['domain.resolve', domain],
  },
  'trash.list': { call: (a) => all(b.context.get(trash).list(a)), isAlone: true },
  'trash.show': { call: async (a, o) => b.context.get(trash).show(a, await thrownAway(b, o)) },
  'trash.restore': { call: async (a, o) => b.context.get(trash).restore(a, await thrownAway(b, o)) },
  'trash.purge': { call: async (a, o) => b.context.get(trash).purge(a, await thrownAway(b, o)) },
  // Only what one deleted oneself.
  'trash.latest': { call: (a) => b.context.get(trash).latest(a, 'alias', 1), isAlone: true },
  // For the clock alone: no door leads to it.
  'trash.purgeDue': { call: () => b.context.get(trash).purgeDue(), isAlone: true },
  'explanations.actions': { call: async () => b.context.get(explanations).actions(), isAlone: true },
  'explanations.overview': { call: (a, o) => b.context.get(explanations).overview(a, o.account) },
  'explanations.explain account': {
    call: (a, o) => b.context.get(explanations).explain(a, { account: o.account, action: 'domain.list' }),
  },
  'explanations.explain token': {
    call: (a, o) =>
      b.context.get(explanations).explain(a, { account: o.account, action: 'domain.list', token: 999_999 }),
  },
  'explanations.tokens': { call: (a, o) => b.context.get(explanations).tokens(a, o.account) },
  'explanations.explain object': {
    call: (a, o) =>
      b.context.get(explanations).explain(a, { account: a.username, action: 'domain.show', object: o.domain }),
  },
  ...Object.fromEntries(
    ['SimpleUsers', 'DomainAdmins', 'Resellers', 'SuperAdmins'].flatMap((role): [string, Tried][] => [
      [
        `mailboxes.create role=${role}`,
        {
          call: (a) => b.mailboxes.create(a, { ...person, username: 'new@own.test', role }),
          explained: ['role.give', () => role],
          isAlone: true,
        },
      ],
      [
        `mailboxes.update role=${role}`,
        {
          call: (a) => b.mailboxes.update(a, role === 'SimpleUsers' ? 'boss@own.test' : 'user@own.test', { role }),
          isAlone: true,
        },
      ],
    ]),
  ),
  'limits.ofAccount': { call: (a, o) => b.context.get(limits).ofAccount(a, o.account) },
  'limits.ofAccount administrator': { call: (a, o) => b.context.get(limits).ofAccount(a, o.administrator) },
  'limits.setOfAccount': { call: (a, o) => b.context.get(limits).setOfAccount(a, o.administrator, { mailboxes: 0 }) },
  'limits.ofDomain': { call: (a, o) => b.context.get(limits).ofDomain(a, o.domain) },
  'limits.setOfDomain': { call: (a, o) => b.context.get(limits).setOfDomain(a, o.domain, { mailboxes: 1 }) },
  // An answer, never a refusal: whoever asks learns nothing but his own rights.
  'limits.mayGive': { call: (a, o) => b.context.get(limits).mayGive(a, o.ids.account) },
  'limits.historyOfAccount': { call: (a, o) => b.context.get(limits).historyOfAccount(a, o.account) },
  'limits.historyOfDomain': { call: (a, o) => b.context.get(limits).historyOfDomain(a, o.domain) },
  'transports.list': { call: (a) => all(b.context.get(transports).list(a)), isAlone: true },
  'transports.show': { call: async (a, o) => b.context.get(transports).show(a, await led(b, o)) },
  'transports.create': {
    call: (a, o) => b.context.get(transports).create(a, { pattern: o.relay, service: 'relay', settings: target }),
  },
  'transports.update': {
    call: async (a, o) => b.context.get(transports).update(a, await led(b, o), { settings: target }),
  },
  'transports.update pattern': {
    call: async (a, o) => {
      const own = await b.context.get(relayDomains).update(b.system, 'relay.own.test', target);
      return b.context.get(transports).update(a, own.transport_pk ?? 0, { pattern: `x@${o.domain}` });
    },
  },
  'transports.remove': { call: async (a, o) => b.context.get(transports).remove(a, await led(b, o)) },
  // For extensions that have asked about rights themselves: no door leads to it.
  'routes.of': { call: (_, o) => b.context.get(routes).of([o.ids.relay]) },
  'routes.set': {
    call: (a, o) =>
      b.context.get(routes).set(a, { pk: o.ids.relay, name: o.relay }, { service: 'relay', settings: target }),
  },
  'routes.clear': { call: (_, o) => b.context.get(routes).clear({ pk: o.ids.relay, name: o.relay }) },
  'routes.leadsBack': { call: async () => b.context.get(routes).leadsBack('localhost', 25), isAlone: true },
  'relay-domains.list': { call: (a) => all(b.context.get(relayDomains).list(a)), isAlone: true },
  'relay-domains.show': { call: (a, o) => b.context.get(relayDomains).show(a, o.relay) },
  'relay-domains.create': {
    call: (a) => b.context.get(relayDomains).create(a, { name: 'new.test', ...target }),
    isAlone: true,
  },
  'relay-domains.update': { call: (a, o) => b.context.get(relayDomains).update(a, o.relay, target) },
  'relay-domains.update name': {
    call: (a, o) => b.context.get(relayDomains).update(a, o.relay, { name: 'renamed.test' }),
  },
  'relay-domains.remove': { call: (a, o) => b.context.get(relayDomains).remove(a, o.relay) },
  'relay-domains.setTarget': { call: (a, o) => b.context.get(relayDomains).setTarget(a, o.relay, target) },
  'plans.list': { call: (a) => b.context.get(plans).list(a), isAlone: true },
  'plans.show': { call: (a) => b.context.get(plans).show(a, 'Basic'), isAlone: true },
  'plans.create': { call: (a) => b.context.get(plans).create(a, { name: 'Other', limits: {} }), isAlone: true },
  'plans.update': { call: (a) => b.context.get(plans).update(a, 'Basic', { name: 'Small' }), isAlone: true },
  'plans.remove': { call: (a) => b.context.get(plans).remove(a, 'Basic'), isAlone: true },
  'plans.give account': { call: (a, o) => b.context.get(plans).give(a, 'Basic', { account: o.administrator }) },
  'plans.give domain': { call: (a, o) => b.context.get(plans).give(a, 'Basic', { domain: o.domain }) },
});
