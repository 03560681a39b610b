import { problems } from '@posthorn/sdk';

/** What can go wrong between us and a database. Arguments never carry a password. */
export const dataProblem = problems('host', {
  E_DATABASE_URL: {
    kind: 'configuration',
    message: 'The database URL is not valid: {{reason}}.',
    hint: 'Write sqlite:data/db/posthorn.db, postgresql://user:password@host/name or mariadb://user:password@host/name.',
  },
  E_DATABASE_AWAY: {
    kind: 'temporary',
    message: 'The database does not answer ({{reason}}).',
    hint: 'Check that the database server runs and that its address in the configuration is right.',
  },
  E_DATABASE_LOCKED: {
    kind: 'temporary',
    message: 'The database is busy; nothing was changed.',
    hint: 'Try again. If it stays busy, another program holds the database for a long time.',
  },
  E_DATABASE_FULL: {
    kind: 'temporary',
    message: 'The database cannot store anything: {{reason}}.',
    hint: 'Make room on the disk that holds the database.',
  },
  E_DATABASE_REFUSED: {
    kind: 'configuration',
    message: 'The database server refuses us: {{reason}}.',
    hint: 'Check user, password and database name in the configuration.',
  },
  E_DATABASE_FILE: {
    kind: 'configuration',
    message: 'The database file {{path}} cannot be used: {{reason}}.',
    hint: 'Its directory must exist, and the user that runs Posthorn must be able to write there.',
  },
  E_DATABASE_NOT_MIGRATED: {
    kind: 'configuration',
    message: 'The database lacks a table that this version needs.',
    hint: 'Run: posthorn migrate up',
  },
  E_MIGRATION_ORDER: {
    kind: 'configuration',
    message: 'Migration {{name}} cannot be placed: {{reason}}.',
  },
  E_MIGRATION_NAME: {
    kind: 'configuration',
    message: 'There is no migration {{name}} that could be taken back.',
  },
  E_MIGRATION_FAILED: {
    kind: 'failure',
    message: 'Migration {{name}} failed: {{reason}}',
    hint: 'Nothing was changed.',
  },
  E_MIGRATION_HALTED: {
    kind: 'failure',
    message: 'Migration {{name}} stopped at its step {{step}}: {{reason}}',
    hint: 'Earlier steps stay. Once the cause is removed, the next run continues here.',
  },
  E_DDL_NAME: {
    kind: 'configuration',
    message: '{{name}} is not a usable table, column or index name.',
    hint: 'Names begin with a small letter and hold at most 63 small letters, digits and underscores.',
  },
  E_DDL_COLUMN: {
    kind: 'configuration',
    message: 'The column {{name}} cannot be made: {{reason}}.',
  },
});
