import { type Column, type Ddl, migration } from '@posthorn/sdk';

const to = (table: string, onDelete: 'cascade' | 'set null', nullable = false): Column => ({
  type: 'integer',
  nullable,
  references: { table, onDelete },
});

// Every column that must have a value has a default: Dovecot and hand-written SQL insert rows too.
const moments: Readonly<Record<string, Column>> = {
  creation: { type: 'timestamp', default: 'now' },
  last_modification: { type: 'timestamp', default: 'now' },
};

const tables = (ddl: Ddl): readonly string[] => [
  ...ddl.createTable('admin_domain', {
    columns: {
      id: { type: 'id' },
      ...moments,
      name: { type: 'string(100)', unique: true },
      quota: { type: 'integer', default: 0 },
      default_mailbox_quota: { type: 'integer', default: 0 },
      enabled: { type: 'boolean', default: true },
      type: { type: 'string(20)', default: 'domain' },
      enable_dns_checks: { type: 'boolean', default: true },
      enable_dkim: { type: 'boolean', default: false },
      dkim_key_selector: { type: 'string(30)', default: 'modoboa' },
      dkim_key_length: { type: 'integer', nullable: true },
      dkim_public_key: { type: 'text', default: '' },
      dkim_private_key_path: { type: 'string(254)', default: '' },
    },
  }),
  ...ddl.createTable('admin_domainalias', {
    columns: {
      id: { type: 'id' },
      ...moments,
      name: { type: 'string(100)', unique: true },
      target_id: to('admin_domain', 'cascade'),
      enabled: { type: 'boolean', default: true },
    },
    indexes: [['target_id']],
  }),
  ...ddl.createTable('admin_mailbox', {
    columns: {
      id: { type: 'id' },
      ...moments,
      address: { type: 'string(252)' },
      quota: { type: 'integer', default: 0 },
      use_domain_quota: { type: 'boolean', default: false },
      domain_id: to('admin_domain', 'cascade'),
      user_id: { ...to('core_user', 'cascade'), unique: true },
    },
    unique: [['address', 'domain_id']],
    indexes: [['domain_id']],
  }),
  ...ddl.createTable('admin_alias', {
    columns: {
      id: { type: 'id' },
      ...moments,
      address: { type: 'string(254)' },
      domain_id: to('admin_domain', 'cascade', true),
      enabled: { type: 'boolean', default: true },
      internal: { type: 'boolean', default: false },
      description: { type: 'text', default: '' },
      expire_at: { type: 'timestamp', nullable: true },
    },
    // Its first column is what Postfix looks up.
    unique: [['address', 'internal']],
    indexes: [['domain_id', 'internal'], ['expire_at']],
  }),
  ...ddl.createTable('admin_aliasrecipient', {
    columns: {
      id: { type: 'id' },
      address: { type: 'string(254)' },
      alias_id: to('admin_alias', 'cascade'),
      r_mailbox_id: to('admin_mailbox', 'cascade', true),
      r_alias_id: to('admin_alias', 'cascade', true),
    },
    // Two tagged addresses of one mailbox may stand in one alias, the same address only once.
    unique: [['alias_id', 'address']],
    indexes: [['r_mailbox_id'], ['r_alias_id'], ['address']],
  }),
  ...ddl.createTable('admin_quota', {
    columns: {
      username: { type: 'string(254)', primary: true },
      bytes: { type: 'bigint', default: 0 },
      messages: { type: 'integer', default: 0 },
    },
  }),
  ...ddl.createTable('admin_senderaddress', {
    columns: {
      id: { type: 'id' },
      address: { type: 'string(254)' },
      mailbox_id: to('admin_mailbox', 'cascade'),
    },
    unique: [['address', 'mailbox_id']],
    indexes: [['mailbox_id']],
  }),
  ...ddl.createTable('admin_mailboxoperation', {
    columns: {
      id: { type: 'id' },
      mailbox_id: to('admin_mailbox', 'cascade', true),
      type: { type: 'string(20)' },
      argument: { type: 'text' },
    },
    indexes: [['mailbox_id']],
  }),
  ...ddl.createTable('admin_mxrecord', {
    columns: {
      id: { type: 'id' },
      domain_id: to('admin_domain', 'cascade'),
      name: { type: 'string(254)' },
      address: { type: 'string(39)' },
      managed: { type: 'boolean', default: false },
      updated: { type: 'timestamp', default: 'now' },
    },
    indexes: [['domain_id']],
  }),
  ...ddl.createTable('admin_dnsblresult', {
    columns: {
      id: { type: 'id' },
      domain_id: to('admin_domain', 'cascade'),
      provider: { type: 'string(254)' },
      mx_id: to('admin_mxrecord', 'cascade'),
      status: { type: 'string(45)', default: '' },
    },
    unique: [['domain_id', 'provider', 'mx_id']],
    indexes: [['provider'], ['status'], ['mx_id']],
  }),
];

/** All tables that Postfix, Dovecot, OpenDKIM and the programs around them know, under their names. */
export const initial = migration({
  name: 'admin/0001-initial',
  after: ['core/0001-initial'],
  up: (ddl) => [
    ...tables(ddl),
    // Written for by older queries; the table's own name is the same as its neighbours'.
    ...ddl.createView(
      'modoboa_admin_aliasrecipient',
      'select id, address, alias_id, r_mailbox_id, r_alias_id from admin_aliasrecipient',
    ),
  ],
  down: (ddl) => [
    ...ddl.dropView('modoboa_admin_aliasrecipient'),
    ...[
      'admin_dnsblresult',
      'admin_mxrecord',
      'admin_mailboxoperation',
      'admin_senderaddress',
      'admin_quota',
      'admin_aliasrecipient',
      'admin_alias',
      'admin_mailbox',
      'admin_domainalias',
      'admin_domain',
    ].flatMap((table) => ddl.dropTable(table)),
  ],
});
