import { migration } from '@posthorn/sdk';

/**
 * Makes searches inside names and addresses fast on PostgreSQL. `pg_trgm` belongs to PostgreSQL, and whoever owns the
 * database may create it; where it is missing or refused there are no indexes, and searches read all rows as they do on
 * the two other databases.
 */
export const letterIndexes = (of: (column: string) => string): string => `do $$ begin
  create extension if not exists pg_trgm;
  drop index if exists admin_search_user, admin_search_alias;
  create index admin_search_user on core_user using gin
    (${of('username')} gin_trgm_ops, lower(first_name) gin_trgm_ops, lower(last_name) gin_trgm_ops);
  create index admin_search_alias on admin_alias using gin (${of('address')} gin_trgm_ops);
exception when insufficient_privilege or undefined_file or feature_not_supported or undefined_object then
  raise notice 'no indexes for searches: %', sqlerrm;
end $$`;

export const search = migration({
  name: 'admin/0002-search',
  after: ['admin/0001-initial', 'core/0001-initial'],
  up: ({ dialect }) => (dialect === 'postgresql' ? [letterIndexes((column) => column)] : []),
  // The extension may be somebody else's by now.
  down: ({ dialect }) =>
    dialect === 'postgresql'
      ? ['drop index if exists admin_search_user', 'drop index if exists admin_search_alias']
      : [],
});
