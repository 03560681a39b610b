/** What `posthorn check` looks at: the database as Postfix and Dovecot need it, and the two programs themselves. */
import { type Check, type Contribution, check, type Finding, messages } from '@posthorn/sdk';
import { checkDovecot } from './dovecot.js';
import { checkIndexes } from './indexes.js';
import { leftoverChecks } from './leftovers.js';
import { checkPostfix } from './postfix.js';
import { checkRoleAddresses, fixRoleAddresses } from './role-addresses.js';
import { checkSelfAliases, fixSelfAliases } from './self-aliases.js';
import { checkServer } from './server.js';
import { checkSqlite } from './sqlite.js';

const t = messages('admin');

/** A check that fails says so; it never ends the others. */
const careful =
  (run: Check['run']): Check['run'] =>
  async (context) => {
    try {
      return await run(context);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return [
        { level: 'warning', message: t('This could not be looked at: {{reason}}', { reason }) } satisfies Finding,
      ];
    }
  };

export const adminChecks: readonly Contribution[] = [
  check({ id: 'database-file', title: t('Database file'), run: careful(checkSqlite) }),
  check({ id: 'database-server', title: t('Database server'), run: careful(checkServer) }),
  check({ id: 'indexes', title: t('Indexes for mail lookups'), run: careful(checkIndexes) }),
  check({
    id: 'self-aliases',
    title: t('Own aliases of mailboxes'),
    run: careful(checkSelfAliases),
    fix: fixSelfAliases,
  }),
  check({
    id: 'role-addresses',
    title: t('Addresses that every domain should have'),
    run: careful(checkRoleAddresses),
    fix: fixRoleAddresses,
  }),
  ...leftoverChecks.map((one) => check({ ...one, run: careful(one.run) })),
  check({ id: 'postfix', title: t('Postfix'), run: careful(checkPostfix) }),
  check({ id: 'dovecot', title: t('Dovecot'), run: careful(checkDovecot) }),
];
