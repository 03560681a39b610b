/**
 * Text on its way between Postfix and the database. Postfix before 3.8 tells PostgreSQL that it speaks LATIN1
 * (`encoding` in pgsql_table(5) is newer) and then sends and expects UTF-8: a key beyond ASCII would never be found, and
 * an answer beyond LATIN1 would be an error. Both are taken as the bytes that they are; for a client that says UTF-8 this
 * changes nothing.
 */
import type { Dialect } from '@posthorn/sdk';

/**
 * A quoted placeholder (`'%s'`) as the text that Postfix meant. Names of encodings bring the collation "C" with them, in
 * which no index of ours is sorted.
 */
export const asked = (dialect: Dialect, placeholder: string): string =>
  dialect === 'postgresql'
    ? `convert_from(convert_to(${placeholder}, pg_client_encoding()), 'UTF8') COLLATE "default"`
    : placeholder;

/** A column or expression as Postfix has to get it. */
export const answered = (dialect: Dialect, text: string): string =>
  dialect === 'postgresql' ? `convert_from(convert_to(${text}, 'UTF8'), pg_client_encoding())` : text;

/**
 * What stands before the `@` of the key; empty for `@domain`. `%u` would be shorter, but Postfix answers nothing at all to
 * a query that holds `%u` when the key is `@domain` (pgsql_table(5)), and such keys must find catch-all entries.
 */
export function localPart(dialect: Dialect): string {
  const [whole, domain] = [asked(dialect, "'%s'"), asked(dialect, "'%d'")];
  switch (dialect) {
    case 'sqlite':
      return `substr(${whole}, 1, length(${whole})-length(${domain})-1)`;
    case 'postgresql':
      return `left(${whole}, length(${whole})-length(${domain})-1)`;
    case 'mariadb':
      return `left(${whole}, char_length(${whole})-char_length(${domain})-1)`;
  }
}

/** One query per database. */
export const forEach = (query: (dialect: Dialect) => string): Readonly<Record<Dialect, string>> => ({
  sqlite: query('sqlite'),
  postgresql: query('postgresql'),
  mariadb: query('mariadb'),
});

/** A boolean column that is true, so that an index on it can be used. */
export const isTrue = (dialect: Dialect, column: string): string => (dialect === 'postgresql' ? column : `${column}=1`);

/** This moment, as comparable with our columns: UTC text on SQLite, UTC on MariaDB. */
export const NOW: Readonly<Record<Dialect, string>> = {
  sqlite: 'CURRENT_TIMESTAMP',
  postgresql: 'now()',
  mariadb: 'utc_timestamp()',
};
