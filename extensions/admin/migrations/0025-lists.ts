import { type Ddl, migration } from '@posthorn/sdk';
import { domainPart } from '../services/sql.js';

/** An index of the letters inside names, kept up by triggers, so that whoever writes the table keeps it. */
interface Letters {
  readonly name: string;
  readonly table: string;
  readonly columns: readonly string[];
  /** Rows that are in it, told by a condition on a row called `of`. */
  readonly when: (of: string) => string;
}

const LETTERS: readonly Letters[] = [
  {
    name: 'admin_search_user',
    table: 'core_user',
    columns: ['username', 'first_name', 'last_name'],
    when: () => '1',
  },
  // The others repeat the names of mailboxes.
  { name: 'admin_search_alias', table: 'admin_alias', columns: ['address'], when: (of) => `${of}.internal = 0` },
];

function createLetters({ name, table, columns, when }: Letters): readonly string[] {
  const list = columns.join(', ');
  const values = (of: string) => ['id', ...columns].map((column) => `${of}.${column}`).join(', ');
  // What stood there has to be given with it: the index keeps no copy of the names.
  const forget = `insert into ${name} (${name}, rowid, ${list}) select 'delete', ${values('old')} where ${when('old')};`;
  const keep = `insert into ${name} (rowid, ${list}) select ${values('new')} where ${when('new')};`;
  const watched = [...columns, ...(table === 'admin_alias' ? ['internal'] : [])].join(', ');
  return [
    `create virtual table ${name} using fts5(${list}, content='${table}', content_rowid='id', tokenize='trigram')`,
    `insert into ${name} (rowid, ${list}) select ${values('t')} from ${table} t where ${when('t')}`,
    `create trigger ${name}_made after insert on ${table} begin ${keep} end`,
    `create trigger ${name}_changed after update of ${watched} on ${table} begin ${forget} ${keep} end`,
    `create trigger ${name}_gone after delete on ${table} begin ${forget} end`,
  ];
}

const dropLetters = ({ name }: Letters): readonly string[] => [
  ...['made', 'changed', 'gone'].map((event) => `drop trigger if exists ${name}_${event}`),
  `drop table if exists ${name}`,
];

/**
 * Recipients and senders of a domain that gets another name. And on SQLite the few aliases that lead to an alias: its
 * planner takes the index over all rows for useless, once it has counted that nearly all are null.
 */
function indexes({ dialect }: Ddl): Readonly<Record<string, string>> {
  if (dialect === 'mariadb') return {};
  const domain = domainPart[dialect]('address');
  return {
    admin_aliasrecipient_domain: `admin_aliasrecipient ((${domain}))`,
    admin_senderaddress_domain: `admin_senderaddress ((${domain}))`,
    ...(dialect === 'sqlite'
      ? { admin_aliasrecipient_r_alias: 'admin_aliasrecipient (r_alias_id) where r_alias_id is not null' }
      : {}),
  };
}

const forSqlite = ({ dialect }: Ddl, of: (letters: Letters) => readonly string[]): readonly string[] =>
  dialect === 'sqlite' ? LETTERS.flatMap(of) : [];

/**
 * What keeps the lists of a million mailboxes quick: the order of the aliases that people made, the order of mailboxes by
 * what they use, what is renamed with a domain, and on SQLite an index for searches inside names (PostgreSQL has its own, 0002).
 */
export const listTables = migration({
  name: 'admin/0025-lists',
  after: ['admin/0001-initial', 'core/0001-initial'],
  up: (ddl) => [
    ...ddl.createIndex('admin_alias', ['internal', 'address']),
    ...ddl.createTable('admin_mailboxuse', {
      columns: {
        mailbox_id: { type: 'integer', primary: true, references: { table: 'admin_mailbox', onDelete: 'cascade' } },
        bytes: { type: 'bigint' },
        // Thousandths of the quota; 0 without one.
        share: { type: 'integer' },
      },
      indexes: [
        ['bytes', 'mailbox_id'],
        ['share', 'mailbox_id'],
      ],
    }),
    ...Object.entries(indexes(ddl)).map(([name, on]) => `create index ${name} on ${on}`),
    ...forSqlite(ddl, createLetters),
  ],
  down: (ddl) => [
    ...forSqlite(ddl, dropLetters),
    ...Object.keys(indexes(ddl)).map((name) => `drop index if exists ${name}`),
    ...ddl.dropTable('admin_mailboxuse'),
    ...ddl.dropIndex('admin_alias', ['internal', 'address']),
  ],
});
