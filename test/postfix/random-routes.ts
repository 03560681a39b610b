/** Random arrangements of domains and aliases, as rows: also such as the services would refuse. */
import fc from 'fast-check';
import type { Bench } from '../admin/fixture.js';

export interface RandomAlias {
  readonly address: string;
  readonly recipients: readonly string[];
  readonly state: 'on' | 'off' | 'past' | 'future';
}

export interface Routes {
  readonly domains: readonly { readonly name: string; readonly enabled: boolean }[];
  readonly domainAliases: readonly { readonly name: string; readonly target: string; readonly enabled: boolean }[];
  readonly mailboxes: readonly { readonly address: string; readonly isClosed: boolean }[];
  readonly aliases: readonly RandomAlias[];
}

const OURS = ['one', 'two', 'three'];
const OTHER_NAMES = ['also', 'more'];
const LOCALS = ['a', 'b', 'c', 'd', 'a+t', 'b+u', 'ü', ''];

/** Those without their catch-all, and some that nothing is said about. */
const ASKED = [...LOCALS.filter((name) => name !== ''), 'nobody', 'a+', 'b++t', 'c+t+u'];

/** Mostly yes: an arrangement in which everything is off leads nowhere, and soon says nothing new. */
const mostly = fc.integer({ min: 0, max: 5 }).map((n) => n > 0);
const state = fc.constantFrom<RandomAlias['state']>('on', 'on', 'on', 'on', 'off', 'past', 'future');
const local = fc.constantFrom(...LOCALS);
const own = fc.record({ local, domain: fc.constantFrom(...OURS) }).map((a) => `${a.local}@${a.domain}`);
const target = fc.oneof(
  { weight: 5, arbitrary: own },
  {
    weight: 1,
    arbitrary: fc.record({ local, domain: fc.constantFrom(...OTHER_NAMES) }).map((a) => `${a.local}@${a.domain}`),
  },
  { weight: 2, arbitrary: fc.constantFrom('x@out', 'y+z@out', 'é@out') },
);

/** The services refuse a catch-all with `@domain` among others: Postfix cannot be given the local part then. */
const isPossible = ({ address, recipients }: { readonly address: string; readonly recipients: readonly string[] }) =>
  !address.startsWith('@') || recipients.length === 1 || !recipients.some((one) => one.startsWith('@'));

/** Names without their ending: `.N.test`, or `.N.example` for `out`, is put behind them. */
export const routes: fc.Arbitrary<Routes> = fc.record({
  domains: fc
    .tuple(mostly, mostly, mostly)
    .map((on) => OURS.map((name, at) => ({ name, enabled: on[at] === true || at === 0 }))),
  domainAliases: fc
    .array(fc.record({ target: fc.constantFrom(...OURS), enabled: mostly }), { maxLength: OTHER_NAMES.length })
    .map((all) => all.map((one, at) => ({ name: OTHER_NAMES[at] as string, ...one }))),
  mailboxes: fc.uniqueArray(
    fc.record({
      address: own.filter((address) => !/^@|\+/.test(address)),
      isClosed: fc.constantFrom(false, false, true),
    }),
    { selector: ({ address }) => address, maxLength: 6 },
  ),
  aliases: fc.uniqueArray(
    fc
      .record({ address: own, recipients: fc.uniqueArray(target, { minLength: 1, maxLength: 3 }), state })
      .filter(isPossible),
    { selector: ({ address }) => address, maxLength: 10 },
  ),
});

/** Puts the ending behind every name, so that no answer that Postfix remembers is of an earlier arrangement. */
export function named(r: Routes, ending: string): Routes {
  const full = (name: string): string => `${name}.${ending}.${name.endsWith('out') ? 'example' : 'test'}`;
  return {
    domains: r.domains.map((one) => ({ ...one, name: full(one.name) })),
    domainAliases: r.domainAliases.map((one) => ({ ...one, name: full(one.name), target: full(one.target) })),
    mailboxes: r.mailboxes.map((one) => ({ ...one, address: full(one.address) })),
    aliases: r.aliases.map((one) => ({ ...one, address: full(one.address), recipients: one.recipients.map(full) })),
  };
}

/** Every address that something is said about, and some that nothing is said about. */
export const questions = (r: Routes): readonly string[] => [
  ...new Set([...r.domains, ...r.domainAliases].flatMap(({ name }) => ASKED.map((local) => `${local}@${name}`))),
];

const DAY = 86_400_000;

/** The rows that the services would have made of it, had they taken it. */
export async function insert(b: Bench, r: Routes): Promise<void> {
  const moment = (at: number) => new Date(Math.floor((Date.now() + at) / 1000) * 1000);
  const id = async (table: string, column: string, value: string): Promise<number> => {
    const [row] = await b.sql<{ id: number }>(`select id from ${table} where ${column} = ? order by id desc`, [value]);
    return Number(row?.id);
  };
  const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);
  const addAlias = async (
    address: string,
    domain: number | null,
    o: { internal: boolean; enabled: boolean; expireAt?: Date | null },
    recipients: readonly (readonly [string, number | null])[],
  ): Promise<void> => {
    await b.sql('insert into admin_alias (address, domain_id, internal, enabled, expire_at) values (?, ?, ?, ?, ?)', [
      address,
      domain,
      o.internal,
      o.enabled,
      o.expireAt ?? null,
    ]);
    const alias = await id('admin_alias', 'address', address);
    for (const [recipient, mailbox] of recipients) {
      await b.sql('insert into admin_aliasrecipient (alias_id, address, r_mailbox_id) values (?, ?, ?)', [
        alias,
        recipient,
        mailbox,
      ]);
    }
  };
  await b.context.data.write(async () => {
    const domains = new Map<string, number>();
    for (const { name, enabled } of r.domains) {
      await b.sql('insert into admin_domain (name, enabled) values (?, ?)', [name, enabled]);
      domains.set(name, await id('admin_domain', 'name', name));
    }
    for (const { name, target, enabled } of r.domainAliases) {
      await b.sql('insert into admin_domainalias (name, target_id, enabled) values (?, ?, ?)', [
        name,
        domains.get(target),
        enabled,
      ]);
      await addAlias(`@${name}`, null, { internal: true, enabled }, [[`@${target}`, null]]);
    }
    const mailboxes = new Map<string, number>();
    for (const { address, isClosed } of r.mailboxes) {
      const domain = domains.get(domainOf(address)) ?? null;
      await b.sql("insert into core_user (username, email, password, role) values (?, ?, 'x', 'SimpleUsers')", [
        address,
        address,
      ]);
      const user = await id('core_user', 'username', address);
      await b.sql('insert into admin_mailbox (address, domain_id, user_id, refuses_mail) values (?, ?, ?, ?)', [
        address.slice(0, address.lastIndexOf('@')),
        domain,
        user,
        isClosed,
      ]);
      const mailbox = await id('admin_mailbox', 'user_id', String(user));
      mailboxes.set(address, mailbox);
      const forward = r.aliases.find((alias) => alias.address === address);
      const counts = forward?.state === 'on' || forward?.state === 'future';
      const enabled = !counts || forward?.recipients.includes(address) === true;
      await addAlias(address, domain, { internal: true, enabled }, [[address, mailbox]]);
    }
    for (const { address, recipients, state: now } of r.aliases) {
      const expireAt = now === 'past' ? moment(-DAY / 24) : now === 'future' ? moment(DAY / 24) : null;
      await addAlias(
        address,
        domains.get(domainOf(address)) ?? null,
        { internal: false, enabled: now !== 'off', expireAt },
        recipients.map((one) => [one, mailboxes.get(one) ?? null]),
      );
    }
  });
}
