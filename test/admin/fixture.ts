import admin from '@posthorn/admin';
import {
  type Aliases,
  aliases,
  type DomainAliases,
  type Domains,
  domainAliases,
  domains,
  type Mailboxes,
  mailboxes,
  type SenderAddresses,
  senderAddresses,
} from '@posthorn/admin/contract';
import type { Actor, ExtensionContext, ExtensionDefinition, Row } from '@posthorn/sdk';
import { type TestHost, testHost } from '../kit/src/test-host.js';

/** Taken over as it is, so that a test costs no hashing. */
export const HASH = '{PLAIN}Toto1234';

export interface Bench {
  readonly host: TestHost;
  readonly context: ExtensionContext;
  readonly system: Actor;
  readonly domains: Domains;
  readonly domainAliases: DomainAliases;
  readonly mailboxes: Mailboxes;
  readonly aliases: Aliases;
  readonly senders: SenderAddresses;
  sql<R extends Row = Row>(text: string, params?: readonly unknown[]): Promise<R[]>;
  actor(username: string): Promise<Actor>;
  /** Sets a parameter of `admin`. */
  set(values: Readonly<Record<string, unknown>>): Promise<void>;
  /** The statements that some work needs, without `begin` and `commit`. */
  count(work: () => Promise<unknown>): Promise<readonly string[]>;
}

export async function bench(
  o: { readonly database?: string; readonly with?: readonly ExtensionDefinition[]; readonly clock?: () => Date } = {},
): Promise<Bench> {
  let hear: ((sql: string) => void) | undefined;
  const host = await testHost({
    with: [admin, ...(o.with ?? [])],
    onStatement: (sql) => hear?.(sql),
    ...(o.database === undefined ? {} : { database: o.database }),
    ...(o.clock === undefined ? {} : { clock: o.clock }),
  });
  const context = host.context('admin');
  return {
    host,
    context,
    system: host.system,
    domains: context.get(domains),
    domainAliases: context.get(domainAliases),
    mailboxes: context.get(mailboxes),
    aliases: context.get(aliases),
    senders: context.get(senderAddresses),
    sql: (text, params) => context.data.execute(text, params),
    actor: (username) => host.actor(username),
    set: async (values) => {
      const [form] = admin.parameters ?? [];
      if (form !== undefined) await host.kernel.parameters.write(form as never, values);
    },
    count: async (work) => {
      const seen: string[] = [];
      hear = (sql) => void seen.push(sql);
      try {
        await work();
      } finally {
        hear = undefined;
      }
      return seen;
    },
  };
}

/** Every row of a list. */
export async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

/** The code and field of what was thrown; `accepted` where nothing was. */
export const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'accepted',
    (error: { code?: string; field?: string; issues?: readonly { path: string }[] }) => {
      if (error.code === undefined) throw error;
      return `${error.code} ${error.field ?? error.issues?.[0]?.path ?? ''}`.trim();
    },
  );

/** Takes everything out again: quicker than a new host for each test. */
export async function empty(b: Bench): Promise<void> {
  const tables = [
    'admin_trash',
    'admin_mailboxoperation',
    'admin_aliasrecipient',
    'admin_alias',
    'admin_senderaddress',
    'admin_quota',
    'admin_mailbox',
    'admin_domainalias',
    'admin_domain',
    'core_access',
    'core_user',
    'core_parameter',
  ];
  await b.context.data.write(async () => {
    for (const table of tables) await b.sql(`delete from ${table}`);
  });
  b.host.kernel.parameters.refresh();
}

/** Two domains with an administrator and a user each, three aliases, and the super administrator `admin`. */
export async function populate(b: Bench): Promise<void> {
  const { system } = b;
  const person = { passwordHash: HASH };
  await b.host.kernel.accounts.create(system, { username: 'admin', role: 'SuperAdmins', passwordHash: HASH });
  await b.domains.create(system, { name: 'test.com', quota: 50, default_mailbox_quota: 10 });
  await b.domains.create(system, { name: 'test2.com', quota: 0, default_mailbox_quota: 0 });
  for (const domain of ['test.com', 'test2.com']) {
    await b.mailboxes.create(system, {
      ...person,
      username: `admin@${domain}`,
      role: 'DomainAdmins',
      mailbox: {},
      domains: [domain],
    });
    await b.mailboxes.create(system, { ...person, username: `user@${domain}` });
  }
  await b.aliases.create(system, { address: 'forward@test.com', recipients: ['user@external.com'] });
  await b.aliases.create(system, { address: 'alias@test.com', recipients: ['user@test.com'] });
  await b.aliases.create(system, { address: 'postmaster@test.com', recipients: ['toto@titi.com', 'test@truc.fr'] });
}

/** A reseller without a mailbox. */
export async function addReseller(b: Bench, username = 'reseller'): Promise<Actor> {
  await b.mailboxes.create(b.system, { username, role: 'Resellers', passwordHash: HASH });
  return b.actor(username);
}

/** What Postfix finds in `virtual_alias_maps` for one key. */
export async function lookup(b: Bench, key: string): Promise<string[]> {
  const rows = await b.sql<{ address: string }>(
    `select r.address from admin_alias a inner join admin_aliasrecipient r on r.alias_id = a.id
     where a.address = ? and a.enabled = true and (a.expire_at is null or a.expire_at > ?) order by r.address`,
    [key, b.context.now()],
  );
  return rows.map((row) => row.address);
}
