import { check, defineExtension, type ExtensionContext, messages, migration } from '@posthorn/sdk';

const t = messages('acme-spam');

export const policies = check({
  id: 'policies',
  title: t('Policies of domains'),
  run: async (context) => {
    const names = await withoutPolicy(context);
    if (names.length === 0) return [{ level: 'ok', message: t('Every domain has a policy.') }];
    return names.map((name) => ({
      level: 'warning',
      message: t('{{name}} has no policy.', { name }),
      mend: 'posthorn repair acme-spam.policies',
    }));
  },
  fix: async (context, { dryRun, progress }) => {
    const names = await withoutPolicy(context);
    if (!dryRun) await context.data.write(() => giveThem(context, names));
    progress(names.length, names.length);
    return names.map((subject) => ({ subject, text: t('gets the usual policy') }));
  },
});

async function withoutPolicy({ data }: ExtensionContext): Promise<readonly string[]> {
  const rows = await data.execute<{ name: string }>(
    'select d.name from admin_domain d where d.id not in (select p.domain_id from acme_spam_policy p) order by d.name',
  );
  return rows.map(({ name }) => name);
}

async function giveThem({ data }: ExtensionContext, names: readonly string[]): Promise<void> {
  for (const name of names)
    await data.execute('insert into acme_spam_policy (domain_id) select id from admin_domain where name = ?', [name]);
}

const initial = migration({
  name: 'acme-spam/0001-initial',
  after: ['admin/0001-initial'],
  up: (ddl) =>
    ddl.createTable('acme_spam_policy', {
      columns: {
        id: { type: 'id' },
        domain_id: { type: 'integer', references: { table: 'admin_domain', onDelete: 'cascade' } },
      },
    }),
  down: (ddl) => ddl.dropTable('acme_spam_policy'),
});

export default defineExtension({
  id: 'acme-spam',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: t('Spam filter'),
  requires: { admin: '^0.1.0' },
  migrations: [initial],
  contributes: [policies],
});
