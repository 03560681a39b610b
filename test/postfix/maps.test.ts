/** The lookup tables for Postfix: what they answer, on each database, and that every lookup finds its rows by an index. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Contributed,
  type Dialect,
  type ExtensionContext,
  type FileSet,
  fileSets,
  type MapFile,
  mapFiles,
} from '@posthorn/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeFileSet } from '../../core/src/files/writer.js';
import { checkIndexes } from '../../extensions/admin/checks/indexes.js';
import { postfixFiles } from '../../extensions/admin/maps/contributions.js';
import { relayMaps } from '../../extensions/relaydomains/maps/contributions.js';
import { transportMaps } from '../../extensions/transport/maps/contributions.js';
import { requireSuite } from '../kit/src/servers/index.js';
import { run } from '../kit/src/servers/processes.js';
import { AWKWARD, expand, type MailDatabase, mailDatabase } from './mail-database.js';

const itemsOf = <Item>(slot: { readonly id: string }): Item[] =>
  [...postfixFiles, ...transportMaps, ...relayMaps]
    .filter((one) => one.slot.id === slot.id)
    .map((one) => one.item as Item);
const maps = itemsOf<MapFile>(mapFiles);
const queryOf = (name: string, dialect: Dialect): string => maps.find((one) => one.name === name)?.query[dialect] ?? '';

type Case = readonly [file: string, key: string, answer: readonly string[]];

const WAITS = '450 4.2.1 Requested mail action not taken: mailbox unavailable';
const CLOSED = '550 5.2.1 Mailbox disabled';

const cases: readonly Case[] = [
  ['sql-domains.cf', 'd7.test', ['d7.test']],
  ['sql-domains.cf', 'почта.test', ['почта.test']],
  ['sql-domains.cf', 'off.test', []],
  ['sql-domains.cf', 'relay.test', []],
  ['sql-domains.cf', 'a7.test', []],
  ['sql-domains.cf', "x' OR '1'='1", []],

  ['sql-domain-aliases.cf', 'a7.test', ['d7.test']],
  ['sql-domain-aliases.cf', 'a-off.test', []],
  ['sql-domain-aliases.cf', 'to-off.test', []],
  ['sql-domain-aliases.cf', 'd7.test', []],

  ['sql-aliases.cf', 'user@d7.test', ['user@d7.test']],
  ['sql-aliases.cf', 'info@d7.test', ['user@d7.test']],
  ['sql-aliases.cf', '@a7.test', ['@d7.test']],
  ['sql-aliases.cf', 'past@d1.test', []],
  ['sql-aliases.cf', 'future@d1.test', ['user@d1.test']],
  ['sql-aliases.cf', 'disabled@d1.test', []],
  ['sql-aliases.cf', 'user@d1.test', ['far@elsewhere.test', 'user@d1.test']],
  ['sql-aliases.cf', '@d2.test', ['boss@d2.test']],
  // A mailbox has its address back in the moment in which a forward expires.
  ['sql-aliases.cf', 'off@d1.test', ['off@d1.test']],
  ['sql-aliases.cf', 'boss@d2.test', ['far@elsewhere.test']],
  // A mailbox that refuses mail gets no copy, and still has its address before a catch-all.
  ['sql-aliases.cf', 'closed@d1.test', ['closed@d1.test']],
  ['sql-aliases.cf', 'still@d1.test', ['far@elsewhere.test']],
  ['sql-aliases.cf', 'alone@d1.test', ['alone@d1.test']],
  // Postfix puts a local part before a whole domain only where that is the one answer.
  ['sql-aliases.cf', 'whole@d1.test', ['user@d1.test', 'whole@elsewhere.test']],
  ['sql-aliases.cf', "o'brien@d1.test", ['user@d1.test']],
  ['sql-aliases.cf', 'nobody@d1.test', []],
  // A mailbox beyond ASCII has another name for the last step, which leads to itself and to no catch-all.
  ['sql-aliases.cf', 'équipe@d2.test', ['élise@d2.test']],
  ['sql-aliases.cf', 'élise@d2.test', ['éloi@elsewhere.test', '{9003}@d2.test']],
  ['sql-aliases.cf', '{9003}@d2.test', ['{9003}@d2.test']],
  ['sql-aliases.cf', '{9003}@d1.test', []],
  ['sql-aliases.cf', '{9002}@d2.test', []],
  ['sql-aliases.cf', '{9003x}@d2.test', []],
  ['sql-aliases.cf', '{09003}@d2.test', []],
  ['sql-aliases.cf', 'x9003@d2.test', []],
  ['sql-aliases.cf', '{99999999999999999999999}@d2.test', []],

  ['sql-maintain.cf', 'user@d21.test', [WAITS]],
  ['sql-maintain.cf', 'user@a21.test', [WAITS]],
  ['sql-maintain.cf', 'info@d21.test', [WAITS]],
  ['sql-maintain.cf', 'far-away@d1.test', [WAITS]],
  ['sql-maintain.cf', 'anybody@d3.test', [WAITS]],
  ['sql-maintain.cf', 'user@d3.test', []],
  ['sql-maintain.cf', 'circle@d1.test', []],
  ['sql-maintain.cf', 'asleep@d1.test', []],
  ['sql-maintain.cf', 'closed@d1.test', [CLOSED]],
  ['sql-maintain.cf', 'closed@a1.test', [CLOSED]],
  ['sql-maintain.cf', 'left@d1.test', []],
  ['sql-maintain.cf', 'still@d1.test', []],
  ['sql-maintain.cf', 'alone@d1.test', [CLOSED]],
  ['sql-maintain.cf', 'user@d7.test', []],
  ['sql-maintain.cf', 'd21.test', []],
  ['sql-maintain.cf', '@d21.test', []],

  ['sql-sender-login-map.cf', 'user@d7.test', ['user@d7.test']],
  ['sql-sender-login-map.cf', 'équipe@d2.test', ['élise@d2.test']],
  ['sql-sender-login-map.cf', 'élise@a2.test', ['élise@d2.test']],
  ['sql-sender-login-map.cf', 'елена@d1.test', ['user@d1.test']],
  ['sql-sender-login-map.cf', 'info@d7.test', ['user@d7.test']],
  ['sql-sender-login-map.cf', 'also@f7.test', ['user@d7.test']],
  ['sql-sender-login-map.cf', 'also@f1.test', ['boss@d2.test', 'user@d1.test']],
  ['sql-sender-login-map.cf', 'user@a7.test', ['user@d7.test']],
  ['sql-sender-login-map.cf', 'info@a7.test', []],
  ['sql-sender-login-map.cf', 'user@a-off.test', []],
  ['sql-sender-login-map.cf', '@a7.test', []],
  ['sql-sender-login-map.cf', '@all.test', ['user@d1.test']],
  ['sql-sender-login-map.cf', '@d2.test', ['boss@d2.test']],
  ['sql-sender-login-map.cf', 'user@d1.test', ['user@d1.test']],
  ['sql-sender-login-map.cf', 'team@d1.test', ['boss@d2.test', 'user@d1.test']],
  ['sql-sender-login-map.cf', 'past@d1.test', []],
  ['sql-sender-login-map.cf', 'future@d1.test', ['user@d1.test']],
  ['sql-sender-login-map.cf', 'disabled@d1.test', []],
  ['sql-sender-login-map.cf', 'off@d1.test', []],
  ['sql-sender-login-map.cf', 'off@a1.test', []],
  ['sql-sender-login-map.cf', 'of-off@f.test', []],
  ['sql-sender-login-map.cf', "o'brien@d1.test", ['user@d1.test']],

  ['sql-transport.cf', 'r7.test', ['relay:[mx7.test]:25']],
  ['sql-transport.cf', 'user@r7.test', []],
  ['sql-transport.cf', 'one@d1.test', ['smtp:[one.test]:25']],
  ['sql-transport.cf', '.below.test', ['lmtp:unix:private/x']],
  ['sql-transport.cf', 'ящик.test', ['autoreply:']],
  ['sql-transport.cf', '*', []],
  ['sql-transport.cf', "x' OR '1'='1", []],

  ['sql-sender-transport.cf', '@d1.test', ['smarthost:[smtp.test]:587']],
  // Of a recipient, and of a domain.
  ['sql-sender-transport.cf', 'one@d1.test', []],
  ['sql-sender-transport.cf', 'r7.test', []],

  ['sql-relaydomains.cf', 'r7.test', ['r7.test']],
  ['sql-relaydomains.cf', 'relay.test', ['relay.test']],
  ['sql-relaydomains.cf', 'off-relay.test', []],
  ['sql-relaydomains.cf', 'd7.test', []],
  ['sql-relaydomains.cf', 'sub.r7.test', []],

  // A disabled account keeps its mail.
  ['sql-spliteddomains-transport.cf', 'here@r1.test', ['lmtp:unix:private/dovecot-lmtp']],
  ['sql-spliteddomains-transport.cf', '{9015}@r1.test', ['lmtp:unix:private/dovecot-lmtp']],
  ['sql-spliteddomains-transport.cf', '{9014}@r1.test', []],
  ['sql-spliteddomains-transport.cf', '{9015}@r2.test', []],
  ['sql-spliteddomains-transport.cf', 'here@r2.test', []],
  ['sql-spliteddomains-transport.cf', 'nobody@r1.test', []],
  ['sql-spliteddomains-transport.cf', 'user@d7.test', []],
  ['sql-spliteddomains-transport.cf', 'x@off-relay.test', []],
  ['sql-spliteddomains-transport.cf', 'r1.test', []],

  ['sql-relay-recipient-verification.cf', 'x@r2.test', ['reject_unverified_recipient']],
  ['sql-relay-recipient-verification.cf', 'x@r1.test', []],
  ['sql-relay-recipient-verification.cf', 'r2.test', []],

  ['sql-relay-recipient-acceptance.cf', 'x@r1.test', ['permit']],
  ['sql-relay-recipient-acceptance.cf', 'x@to-r1.test', ['permit']],
  ['sql-relay-recipient-acceptance.cf', 'x@r2.test', []],
  ['sql-relay-recipient-acceptance.cf', 'x@to-r2.test', []],
  ['sql-relay-recipient-acceptance.cf', 'x@off-relay.test', []],
  ['sql-relay-recipient-acceptance.cf', 'user@d7.test', []],
];

/** How SQLite finds the rows; how it then merges them is its own affair. Another index is a change to be looked at. */
const sqlitePlans: Readonly<Record<string, readonly string[]>> = {
  'sql-domains.cf': ['SEARCH admin_domain USING INDEX admin_domain_name_unique (name=?)'],
  'sql-domain-aliases.cf': [
    'SEARCH da USING INDEX admin_domainalias_name_unique (name=?)',
    'SEARCH dom USING INTEGER PRIMARY KEY (rowid=?)',
  ],
  'sql-aliases.cf': [
    'SEARCH a USING INDEX admin_alias_address_internal_unique (address=?)',
    'SEARCH f USING INDEX admin_alias_address_internal_unique (address=? AND internal=?)',
    'SEARCH ar USING INDEX admin_aliasrecipient_alias_id_address_unique (alias_id=?)',
    'SEARCH own USING INTEGER PRIMARY KEY (rowid=?)',
    'SEARCH f USING INDEX admin_alias_address_internal_unique (address=? AND internal=?)',
    'SEARCH fr USING COVERING INDEX admin_aliasrecipient_alias_id_address_unique (alias_id=?)',
    'SEARCH mb USING INTEGER PRIMARY KEY (rowid=?)',
    'SEARCH dom USING INTEGER PRIMARY KEY (rowid=?)',
  ],
  'sql-maintain.cf': [
    'SEARCH a USING INDEX admin_alias_address_internal_unique (address=?)',
    'SEARCH a USING INDEX admin_alias_address_internal_unique (address=?)',
    'SEARCH o USING INDEX admin_alias_address_internal_unique (address=?)',
    'SEARCH da USING INDEX admin_domainalias_name_unique (name=?)',
    'SEARCH dom USING INTEGER PRIMARY KEY (rowid=?)',
    'SEARCH a USING INDEX admin_alias_address_internal_unique (address=?)',
    'SEARCH a USING INTEGER PRIMARY KEY (rowid=?)',
    'SEARCH f USING INDEX admin_alias_address_internal_unique (address=? AND internal=?)',
    'SEARCH fr USING COVERING INDEX admin_aliasrecipient_alias_id_address_unique (alias_id=?)',
    'SEARCH ar USING INDEX admin_aliasrecipient_alias_id_address_unique (alias_id=?)',
    'SEARCH mb USING INTEGER PRIMARY KEY (rowid=?)',
    'SEARCH ar USING INDEX admin_aliasrecipient_alias_id_address_unique (alias_id=?)',
    'SEARCH ar USING COVERING INDEX admin_aliasrecipient_alias_id_address_unique (alias_id=?)',
    'SEARCH n USING INDEX admin_alias_address_internal_unique (address=?)',
    'SEARCH op USING COVERING INDEX admin_mailboxoperation_mailbox_id_index (mailbox_id=?)',
  ],
  'sql-sender-login-map.cf': [
    'SEARCH u USING COVERING INDEX core_user_email_is_active_index (email=? AND is_active=?)',
    'SEARCH sa USING COVERING INDEX admin_senderaddress_address_mailbox_id_unique (address=?)',
    'SEARCH mb USING INTEGER PRIMARY KEY (rowid=?)',
    'SEARCH u USING INTEGER PRIMARY KEY (rowid=?)',
    'SEARCH a USING INDEX admin_alias_address_internal_unique (address=?)',
    'SEARCH ar USING INDEX admin_aliasrecipient_alias_id_address_unique (alias_id=?)',
    'SEARCH mb USING INTEGER PRIMARY KEY (rowid=?)',
    'SEARCH u USING INTEGER PRIMARY KEY (rowid=?)',
    'SEARCH da USING INDEX admin_domainalias_name_unique (name=?)',
    'SEARCH dom USING INTEGER PRIMARY KEY (rowid=?)',
    'SEARCH mb USING INDEX admin_mailbox_address_domain_id_unique (address=? AND domain_id=?)',
    'SEARCH u USING INTEGER PRIMARY KEY (rowid=?)',
  ],
  'sql-transport.cf': ['SEARCH transport_transport USING INDEX transport_transport_pattern_unique (pattern=?)'],
  'sql-sender-transport.cf': ['SEARCH transport_transport USING INDEX transport_transport_pattern_unique (pattern=?)'],
  'sql-relaydomains.cf': ['SEARCH admin_domain USING INDEX admin_domain_name_unique (name=?)'],
  'sql-spliteddomains-transport.cf': [
    'SEARCH dom USING INDEX admin_domain_name_unique (name=?)',
    'SEARCH mb USING COVERING INDEX admin_mailbox_address_domain_id_unique (address=? AND domain_id=?)',
    'SEARCH mb USING INTEGER PRIMARY KEY (rowid=?)',
    'SEARCH dom USING INTEGER PRIMARY KEY (rowid=?)',
  ],
  'sql-relay-recipient-verification.cf': [
    'SEARCH relaydomains_recipientaccess USING INDEX relaydomains_recipientaccess_pattern_unique (pattern=?)',
  ],
  'sql-relay-recipient-acceptance.cf': [
    'SEARCH dom USING INDEX admin_domain_name_unique (name=?)',
    'SEARCH ra USING COVERING INDEX relaydomains_recipientaccess_pattern_unique (pattern=?)',
    'SEARCH da USING INDEX admin_domainalias_name_unique (name=?)',
    'SEARCH dom USING INTEGER PRIMARY KEY (rowid=?)',
    'SEARCH ra USING COVERING INDEX relaydomains_recipientaccess_pattern_unique (pattern=?)',
  ],
};

/** What finds something, where it is no address of a domain. */
const KEYS: Readonly<Record<string, string>> = {
  'sql-domains.cf': 'd7.test',
  'sql-domain-aliases.cf': 'd7.test',
  'sql-transport.cf': 'r7.test',
  'sql-sender-transport.cf': '@d1.test',
  'sql-relaydomains.cf': 'r7.test',
  'sql-spliteddomains-transport.cf': 'here@r1.test',
};

/** Parts of a plan that read a whole table; what a query has put together itself is none. */
const scans: Readonly<Record<Dialect, (db: MailDatabase, sql: string) => Promise<string[]>>> = {
  async sqlite(db, sql) {
    const rows = await db.query(`EXPLAIN QUERY PLAN ${sql}`);
    return rows.map((row) => row.at(-1) ?? '').filter((line) => /^SCAN (?!start|way)/.test(line));
  },
  async postgresql(db, sql) {
    // At a few thousand rows, reading all of them may still look cheaper than an index that is there.
    const rows = await db.query(`SET enable_seqscan = off; EXPLAIN ${sql}`);
    return rows.map((row) => row.join(' ')).filter((line) => /Seq Scan/.test(line));
  },
  async mariadb(db, sql) {
    // id, select_type, table, type, …
    const rows = await db.query(`EXPLAIN ${sql}`);
    return rows
      .filter(([, kind, table]) => kind !== 'UNION RESULT' && table?.startsWith('<') !== true)
      .filter(([, , , type]) => type === 'ALL' || type === 'index')
      .map((row) => row.join(' '));
  },
};

const suites: readonly (readonly [Dialect, boolean])[] = [
  ['sqlite', true],
  ['postgresql', requireSuite('postgresql')],
  ['mariadb', requireSuite('mariadb')],
];

for (const [dialect, isThere] of suites) {
  describe.skipIf(!isThere)(`lookup tables on ${dialect}`, () => {
    let db: MailDatabase;
    beforeAll(async () => {
      db = await mailDatabase(dialect, AWKWARD);
    });
    afterAll(() => db[Symbol.asyncDispose]());

    it.each(cases)('%s: %s', async (file, key, answer) => {
      const sql = expand(queryOf(file, dialect), key);
      const rows = sql === undefined ? [] : await db.query(sql);
      expect(rows.map(([value]) => value).sort()).toEqual([...answer].sort());
    });

    it.each(maps.map((one) => one.name))('%s finds every row by an index', async (file) => {
      const key = KEYS[file] ?? 'user@d7.test';
      const sql = expand(queryOf(file, dialect), key) ?? '';
      expect(sql).not.toBe('');
      expect(await scans[dialect](db, sql)).toEqual([]);
      if (dialect !== 'sqlite') return;
      const plan = await db.query(`EXPLAIN QUERY PLAN ${sql}`);
      expect(plan.map((row) => row.at(-1) ?? '').filter((line) => line.startsWith('SEARCH'))).toEqual(
        sqlitePlans[file],
      );
    });

    it('has the indexes that `posthorn check` looks for', async () => {
      const execute = async (sql: string) =>
        (await db.query(sql)).map(([table_name, column_name]) => ({ table_name, column_name }));
      const context = { data: { dialect, execute } } as unknown as ExtensionContext;
      expect((await checkIndexes(context)).map(({ level }) => level)).toEqual(['ok']);
    });

    describe.skipIf(!requireSuite('mail'))('read by Postfix itself', () => {
      let directory: string;
      beforeAll(async () => {
        directory = mkdtempSync(join(tmpdir(), 'posthorn-postmap-'));
        writeFileSync(join(directory, 'main.cf'), 'compatibility_level = 3.7\n');
        const contributed = <Item>(all: readonly Item[]): Contributed<Item>[] =>
          all.map((item) => ({ from: 'admin', item }));
        await writeFileSet({
          set: itemsOf<FileSet>(fileSets)[0] as FileSet,
          files: [],
          maps: contributed(maps),
          database: db.target,
          directory: join(directory, 'maps'),
          options: {},
          context: { find: () => undefined } as unknown as ExtensionContext,
        });
      });
      afterAll(() => rmSync(directory, { recursive: true, force: true }));

      it.each(maps.map((one) => one.name))('%s', async (file) => {
        const type = { sqlite: 'sqlite', postgresql: 'pgsql', mariadb: 'mysql' }[dialect];
        for (const [, key, answer] of cases.filter(([of]) => of === file)) {
          const table = `${type}:${join(directory, 'maps', file)}`;
          const found = await run('postmap', ['-c', directory, '-q', key, table]).catch((error: unknown) => {
            if (answer.length > 0) throw error;
            return { stdout: '' };
          });
          expect([
            key,
            found.stdout
              .replace('\n', '')
              .split(',')
              .filter((one) => one !== '')
              .sort(),
          ]).toEqual([key, [...answer].sort()]);
        }
      });
    });
  });
}
