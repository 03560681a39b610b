/** A database with the tables of kernel and `admin`, filled with some thousand rows, asked the way Postfix asks. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { DatabaseTarget, Dialect } from '@posthorn/sdk';
import { ddlFor } from '../../core/src/data/ddl.js';
import { kernelMigrations } from '../../core/src/schema/migrations.js';
import { initial } from '../../extensions/admin/migrations/0001-initial.js';
import { refusesMail } from '../../extensions/admin/migrations/0029-refuses-mail.js';
import { initial as relaydomains } from '../../extensions/relaydomains/migrations/0001-initial.js';
import { initial as transport } from '../../extensions/transport/migrations/0001-initial.js';
import { type DatabaseServer, startMariadb, startPostgres } from '../kit/src/servers/index.js';

export interface MailDatabase extends AsyncDisposable {
  readonly dialect: Dialect;
  readonly target: DatabaseTarget;
  /** Rows as arrays of text. */
  query(sql: string): Promise<string[][]>;
}

const SIZE = 2_000;

/** One row per name and value, in an order that keeps references whole. Booleans are 0 and 1. */
type Rows = Readonly<Record<string, readonly Readonly<Record<string, string | number | null>>[]>>;

const numbers = Array.from({ length: SIZE }, (_, i) => i + 1);
const BOOLEAN = new Set(['enabled', 'internal', 'is_active', 'use_domain_quota', 'refuses_mail']);

/**
 * Every domain has one mailbox `user@dN.test` (N is also every id), with its own entry among the aliases, an alias
 * `info@dN.test` to it, a further sender address `also@fN.test` and another name `aN.test` with its catch-all. Mail for
 * every `rN.test` is handed on; recipients are verified where N is even.
 */
const bulk: Rows = {
  core_user: numbers.map((n) => ({
    id: n,
    username: `user@d${n}.test`,
    email: `user@d${n}.test`,
    password: 'x',
    is_active: 1,
  })),
  admin_domain: [
    ...numbers.map((n) => ({ id: n, name: `d${n}.test`, enabled: 1, type: 'domain' })),
    ...numbers.map((n) => ({ id: n + SIZE, name: `r${n}.test`, enabled: 1, type: 'relaydomain' })),
  ],
  admin_domainalias: numbers.map((n) => ({ id: n, name: `a${n}.test`, target_id: n, enabled: 1 })),
  admin_mailbox: numbers.map((n) => ({ id: n, address: 'user', domain_id: n, user_id: n })),
  admin_alias: numbers.flatMap((n) => [
    { id: n, address: `user@d${n}.test`, domain_id: n, internal: 1, enabled: 1 },
    { id: n + SIZE, address: `info@d${n}.test`, domain_id: n, internal: 0, enabled: 1 },
    { id: n + 2 * SIZE, address: `@a${n}.test`, domain_id: null, internal: 1, enabled: 1 },
  ]),
  admin_aliasrecipient: numbers.flatMap((n) => [
    { alias_id: n, address: `user@d${n}.test`, r_mailbox_id: n },
    { alias_id: n + SIZE, address: `user@d${n}.test`, r_mailbox_id: n },
    { alias_id: n + 2 * SIZE, address: `@d${n}.test`, r_mailbox_id: null },
  ]),
  admin_senderaddress: numbers.map((n) => ({ address: `also@f${n}.test`, mailbox_id: n })),
  admin_mailboxoperation: numbers.filter((n) => n > 20).map((n) => ({ mailbox_id: n, type: 'rename', argument: 'x' })),
  transport_transport: numbers.map((n) => ({
    id: n,
    pattern: `r${n}.test`,
    service: 'relay',
    next_hop: `[mx${n}.test]:25`,
    domain_id: n + SIZE,
  })),
  relaydomains_recipientaccess: numbers
    .filter((n) => n % 2 === 0)
    .map((n) => ({ pattern: `r${n}.test`, action: 'reject_unverified_recipient', transport_id: n })),
};

/** What single tests ask for; ids from 9001 on. */
const odd = (past: string, future: string): Rows => ({
  core_user: [
    { id: 9001, username: 'off@d1.test', email: 'off@d1.test', password: 'x', is_active: 0 },
    { id: 9002, username: 'boss@d2.test', email: 'boss@d2.test', password: 'x', is_active: 1 },
    { id: 9003, username: 'élise@d2.test', email: 'élise@d2.test', password: 'x', is_active: 1 },
    { id: 9004, username: 'closed@d1.test', email: 'closed@d1.test', password: 'x', is_active: 1 },
    { id: 9005, username: 'left@d1.test', email: 'left@d1.test', password: 'x', is_active: 1 },
    { id: 9006, username: 'still@d1.test', email: 'still@d1.test', password: 'x', is_active: 1 },
    { id: 9007, username: 'alone@d1.test', email: 'alone@d1.test', password: 'x', is_active: 1 },
    { id: 9014, username: 'here@r1.test', email: 'here@r1.test', password: 'x', is_active: 0 },
    { id: 9015, username: 'ici-é@r1.test', email: 'ici-é@r1.test', password: 'x', is_active: 1 },
    { id: 9016, username: 'x@off-relay.test', email: 'x@off-relay.test', password: 'x', is_active: 1 },
  ],
  admin_domain: [
    { id: 9001, name: 'off.test', enabled: 0, type: 'domain' },
    { id: 9002, name: 'relay.test', enabled: 1, type: 'relaydomain' },
    // Letters that LATIN1 lacks.
    { id: 9003, name: 'почта.test', enabled: 1, type: 'domain' },
    { id: 9004, name: 'off-relay.test', enabled: 0, type: 'relaydomain' },
  ],
  admin_domainalias: [
    { id: 9001, name: 'a-off.test', target_id: 1, enabled: 0 },
    { id: 9002, name: 'to-off.test', target_id: 9001, enabled: 1 },
    { id: 9003, name: 'to-r1.test', target_id: 1 + SIZE, enabled: 1 },
    { id: 9004, name: 'to-r2.test', target_id: 2 + SIZE, enabled: 1 },
  ],
  admin_mailbox: [
    { id: 9001, address: 'off', domain_id: 1, user_id: 9001, refuses_mail: 0 },
    { id: 9002, address: 'boss', domain_id: 2, user_id: 9002, refuses_mail: 0 },
    { id: 9003, address: 'élise', domain_id: 2, user_id: 9003, refuses_mail: 0 },
    { id: 9004, address: 'closed', domain_id: 1, user_id: 9004, refuses_mail: 1 },
    { id: 9005, address: 'left', domain_id: 1, user_id: 9005, refuses_mail: 1 },
    { id: 9006, address: 'still', domain_id: 1, user_id: 9006, refuses_mail: 1 },
    { id: 9007, address: 'alone', domain_id: 1, user_id: 9007, refuses_mail: 1 },
    { id: 9014, address: 'here', domain_id: 1 + SIZE, user_id: 9014, refuses_mail: 0 },
    { id: 9015, address: 'ici-é', domain_id: 1 + SIZE, user_id: 9015, refuses_mail: 0 },
    { id: 9016, address: 'x', domain_id: 9004, user_id: 9016, refuses_mail: 0 },
  ],
  admin_alias: [
    { id: 9001, address: 'past@d1.test', domain_id: 1, internal: 0, enabled: 1, expire_at: past },
    { id: 9002, address: 'future@d1.test', domain_id: 1, internal: 0, enabled: 1, expire_at: future },
    { id: 9003, address: 'disabled@d1.test', domain_id: 1, internal: 0, enabled: 0, expire_at: null },
    // A forward that keeps a copy, beside the mailbox's own entry.
    { id: 9004, address: 'user@d1.test', domain_id: 1, internal: 0, enabled: 1, expire_at: null },
    { id: 9005, address: 'team@d1.test', domain_id: 1, internal: 0, enabled: 1, expire_at: null },
    { id: 9006, address: '@d2.test', domain_id: 2, internal: 0, enabled: 1, expire_at: null },
    { id: 9007, address: "o'brien@d1.test", domain_id: 1, internal: 0, enabled: 1, expire_at: null },
    { id: 9008, address: 'élise@d2.test', domain_id: 2, internal: 1, enabled: 1, expire_at: null },
    { id: 9009, address: 'élise@d2.test', domain_id: 2, internal: 0, enabled: 1, expire_at: null },
    { id: 9010, address: 'équipe@d2.test', domain_id: 2, internal: 0, enabled: 1, expire_at: null },
    // Forwards without a copy, before which the mailbox's own entry has stepped back: one that has expired, one that counts.
    { id: 9011, address: 'off@d1.test', domain_id: 1, internal: 1, enabled: 0, expire_at: null },
    { id: 9012, address: 'off@d1.test', domain_id: 1, internal: 0, enabled: 1, expire_at: past },
    { id: 9013, address: 'boss@d2.test', domain_id: 2, internal: 1, enabled: 0, expire_at: null },
    { id: 9014, address: 'boss@d2.test', domain_id: 2, internal: 0, enabled: 1, expire_at: future },
    { id: 9015, address: 'whole@d1.test', domain_id: 1, internal: 0, enabled: 1, expire_at: null },
    // Mailboxes that take no mail: one, and one whose mail is forwarded.
    { id: 9016, address: 'closed@d1.test', domain_id: 1, internal: 1, enabled: 1, expire_at: null },
    { id: 9017, address: 'left@d1.test', domain_id: 1, internal: 1, enabled: 0, expire_at: null },
    { id: 9018, address: 'left@d1.test', domain_id: 1, internal: 0, enabled: 1, expire_at: null },
    // What leads to a mailbox that is being moved.
    { id: 9019, address: 'far-away@d1.test', domain_id: 1, internal: 0, enabled: 1, expire_at: null },
    { id: 9020, address: '@d3.test', domain_id: 3, internal: 0, enabled: 1, expire_at: null },
    { id: 9021, address: 'circle@d1.test', domain_id: 1, internal: 0, enabled: 1, expire_at: null },
    { id: 9022, address: 'round@d1.test', domain_id: 1, internal: 0, enabled: 1, expire_at: null },
    { id: 9023, address: 'asleep@d1.test', domain_id: 1, internal: 0, enabled: 0, expire_at: null },
    // Two more that take no mail: a forward that would keep a copy, and one to nobody else.
    { id: 9024, address: 'still@d1.test', domain_id: 1, internal: 1, enabled: 1, expire_at: null },
    { id: 9025, address: 'still@d1.test', domain_id: 1, internal: 0, enabled: 1, expire_at: null },
    { id: 9026, address: 'alone@d1.test', domain_id: 1, internal: 1, enabled: 1, expire_at: null },
    { id: 9027, address: 'alone@d1.test', domain_id: 1, internal: 0, enabled: 1, expire_at: null },
  ],
  admin_aliasrecipient: [
    { alias_id: 9001, address: 'user@d1.test', r_mailbox_id: 1 },
    { alias_id: 9002, address: 'user@d1.test', r_mailbox_id: 1 },
    { alias_id: 9003, address: 'user@d1.test', r_mailbox_id: 1 },
    { alias_id: 9004, address: 'user@d1.test', r_mailbox_id: 1 },
    { alias_id: 9004, address: 'far@elsewhere.test', r_mailbox_id: null },
    { alias_id: 9005, address: 'user@d1.test', r_mailbox_id: 1 },
    { alias_id: 9005, address: 'boss@d2.test', r_mailbox_id: 9002 },
    { alias_id: 9005, address: 'off@d1.test', r_mailbox_id: 9001 },
    { alias_id: 9005, address: 'far@elsewhere.test', r_mailbox_id: null },
    { alias_id: 9006, address: 'boss@d2.test', r_mailbox_id: 9002 },
    { alias_id: 9007, address: 'user@d1.test', r_mailbox_id: 1 },
    { alias_id: 9008, address: 'élise@d2.test', r_mailbox_id: 9003 },
    { alias_id: 9009, address: 'élise@d2.test', r_mailbox_id: 9003 },
    { alias_id: 9009, address: 'éloi@elsewhere.test', r_mailbox_id: null },
    { alias_id: 9010, address: 'élise@d2.test', r_mailbox_id: 9003 },
    { alias_id: 9011, address: 'off@d1.test', r_mailbox_id: 9001 },
    { alias_id: 9012, address: 'far@elsewhere.test', r_mailbox_id: null },
    { alias_id: 9013, address: 'boss@d2.test', r_mailbox_id: 9002 },
    { alias_id: 9014, address: 'far@elsewhere.test', r_mailbox_id: null },
    { alias_id: 9015, address: '@elsewhere.test', r_mailbox_id: null },
    { alias_id: 9015, address: 'user@d1.test', r_mailbox_id: 1 },
    { alias_id: 9016, address: 'closed@d1.test', r_mailbox_id: 9004 },
    { alias_id: 9024, address: 'still@d1.test', r_mailbox_id: 9006 },
    { alias_id: 9025, address: 'still@d1.test', r_mailbox_id: 9006 },
    { alias_id: 9025, address: 'far@elsewhere.test', r_mailbox_id: null },
    { alias_id: 9026, address: 'alone@d1.test', r_mailbox_id: 9007 },
    { alias_id: 9027, address: 'alone@d1.test', r_mailbox_id: 9007 },
    { alias_id: 9017, address: 'left@d1.test', r_mailbox_id: 9005 },
    { alias_id: 9018, address: 'user@d1.test', r_mailbox_id: 1 },
    { alias_id: 9019, address: 'info@d21.test', r_mailbox_id: null },
    { alias_id: 9020, address: 'user@d21.test', r_mailbox_id: 21 },
    { alias_id: 9021, address: 'round@d1.test', r_mailbox_id: null },
    { alias_id: 9022, address: 'circle@d1.test', r_mailbox_id: null },
    { alias_id: 9022, address: 'user@d1.test', r_mailbox_id: 1 },
    { alias_id: 9023, address: 'user@d21.test', r_mailbox_id: 21 },
  ],
  admin_senderaddress: [
    { address: '@all.test', mailbox_id: 1 },
    { address: 'also@f1.test', mailbox_id: 9002 },
    { address: 'of-off@f.test', mailbox_id: 9001 },
    { address: 'user@d1.test', mailbox_id: 1 },
    { address: 'елена@d1.test', mailbox_id: 1 },
  ],
  transport_transport: [
    { id: 9001, pattern: '@d1.test', service: 'smarthost', next_hop: '[smtp.test]:587', domain_id: 1 },
    { id: 9002, pattern: 'one@d1.test', service: 'smtp', next_hop: '[one.test]:25', domain_id: 1 },
    { id: 9003, pattern: '.below.test', service: 'lmtp', next_hop: 'unix:private/x', domain_id: null },
    { id: 9004, pattern: 'ящик.test', service: 'autoreply', next_hop: '', domain_id: null },
  ],
});

const HOUR = 3_600_000;
const moment = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ');

function statements(dialect: Dialect): string[] {
  const ddl = ddlFor(dialect);
  const zone = dialect === 'postgresql' ? '+00' : '';
  // One hour either way: a comparison in the wrong time zone would show.
  const special = odd(`${moment(Date.now() - HOUR)}${zone}`, `${moment(Date.now() + HOUR)}${zone}`);
  return [
    ...[...kernelMigrations, initial, refusesMail, transport, relaydomains].flatMap((one) => one.up(ddl)),
    ...[bulk, special].flatMap((rows) => Object.entries(rows).flatMap(([table, all]) => inserts(table, all, dialect))),
  ];
}

function inserts(table: string, rows: Rows[string], dialect: Dialect): string[] {
  const literal = (name: string, value: string | number | null | undefined): string => {
    if (value === null || value === undefined) return 'NULL';
    if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
    return dialect === 'postgresql' && BOOLEAN.has(name) ? String(value === 1) : String(value);
  };
  const names = Object.keys(rows[0] ?? {});
  const tuples = rows.map((row) => `(${names.map((name) => literal(name, row[name])).join(',')})`);
  return Array.from(
    { length: Math.ceil(tuples.length / 1_000) },
    (_, i) => `INSERT INTO ${table} (${names.join(',')}) VALUES ${tuples.slice(i * 1_000, (i + 1) * 1_000).join(',')}`,
  );
}

/** A password of everything that files may stumble over: quotes, a backslash, a comment sign, variables. */
export const AWKWARD = `p'a"s%s\\#$x`;

/** With a `password`, the programs get an account of their own that has it. */
export async function mailDatabase(dialect: Dialect, password?: string): Promise<MailDatabase> {
  if (dialect === 'sqlite') return sqlite();
  const server = dialect === 'mariadb' ? await startMariadb() : await startPostgres();
  return served(dialect, server, password);
}

function sqlite(): MailDatabase {
  const directory = mkdtempSync(join(tmpdir(), 'posthorn-maps-'));
  const path = join(directory, 'mail.sqlite');
  const db = new DatabaseSync(path);
  db.exec('PRAGMA journal_mode=WAL');
  for (const one of statements('sqlite')) db.exec(one);
  db.exec('ANALYZE');
  return {
    dialect: 'sqlite',
    target: { dialect: 'sqlite', path, host: '', port: 0, socket: '', user: '', password: '', name: '' },
    query: async (sql) =>
      db
        .prepare(sql)
        .all()
        .map((row) => Object.values(row).map(String)),
    async [Symbol.asyncDispose]() {
      db.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function served(
  dialect: 'postgresql' | 'mariadb',
  server: DatabaseServer,
  password: string | undefined,
): Promise<MailDatabase> {
  const { name } = await server.createDatabase();
  if (password !== undefined) {
    const literal = `'${password.replaceAll("'", "''").replaceAll('\\', dialect === 'mariadb' ? '\\\\' : '\\')}'`;
    await server.sql(
      name,
      dialect === 'mariadb'
        ? `CREATE USER 'reader'@'127.0.0.1' IDENTIFIED BY ${literal}; GRANT ALL ON ${name}.* TO 'reader'@'127.0.0.1';`
        : `CREATE ROLE reader LOGIN SUPERUSER PASSWORD ${literal};`,
    );
    if (dialect === 'postgresql') {
      // The server trusts everybody otherwise, and a wrong password would not show.
      const file = (await server.sql(name, 'SHOW hba_file;')).trim();
      writeFileSync(file, `host all reader 127.0.0.1/32 scram-sha-256\n${readFileSync(file, 'utf8')}`);
      await server.sql(name, 'SELECT pg_reload_conf();');
    }
  }
  const tables = [...new Set([...Object.keys(bulk)])];
  const analyze = dialect === 'postgresql' ? 'ANALYZE' : `ANALYZE TABLE ${tables.join(', ')}`;
  await server.sql(name, [...statements(dialect), analyze].map((one) => `${one};\n`).join(''));
  return {
    dialect,
    target: {
      dialect,
      path: '',
      host: server.host,
      port: server.port,
      socket: '',
      user: password === undefined ? server.user : 'reader',
      password: password ?? server.password,
      name,
    },
    query: async (sql) =>
      (await server.sql(name, `${sql};`))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split('\t')),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

/** Placeholders as pgsql_table(5) describes them; undefined where the query is not asked at all for this key. */
export function expand(query: string, key: string): string | undefined {
  const at = key.lastIndexOf('@');
  const quoted = (text: string): string => text.replaceAll("'", "''");
  const parts: Record<string, string | undefined> = {
    '%': '%',
    s: quoted(key),
    u: at === -1 ? quoted(key) : at === 0 ? undefined : quoted(key.slice(0, at)),
    d: at === -1 ? undefined : quoted(key.slice(at + 1)),
  };
  let isAsked = true;
  const text = query.replace(/%(.)/g, (_, letter: string) => {
    const part = parts[letter];
    if (part === undefined) isAsked = false;
    return part ?? '';
  });
  return isAsked ? text : undefined;
}
