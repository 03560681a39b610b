import { isRaw, JsonProperty, Utils } from '@mikro-orm/core';
import type { AbstractSqlPlatform } from '@mikro-orm/sql';

/** SQLite takes at most 32,766 parameters. */
const MOST_PARAMETERS = 32_000;

export interface Bound {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/**
 * MikroORM writes values into the statement's text (`Platform.formatQuery`). Bound instead, they cannot be taken for
 * SQL, a NUL does not cut the statement off, and one prepared statement serves every value. Follows the same notation:
 * `?` a value, `??` an identifier, `\?` a question mark; a raw fragment stands for its own SQL, an array for a list.
 */
export function bindQuery(platform: AbstractSqlPlatform, sql: string, params: readonly unknown[]): Bound {
  if (params.length === 0) return { sql, parameters: [] };
  const parameters: unknown[] = [];
  const text = write(platform, sql, params, parameters);
  return parameters.length > MOST_PARAMETERS
    ? { sql: platform.formatQuery(sql, params), parameters: [] }
    : { sql: text, parameters };
}

function write(platform: AbstractSqlPlatform, sql: string, params: readonly unknown[], out: unknown[]): string {
  let text = '';
  let from = 0;
  let next = 0;
  for (let at = sql.indexOf('?'); at !== -1; at = sql.indexOf('?', from)) {
    if (at > from && sql[at - 1] === '\\') {
      text += `${sql.slice(from, at - 1)}?`;
      from = at + 1;
    } else if (sql[at + 1] === '?') {
      text += sql.slice(from, at) + platform.quoteIdentifier(params[next++] as string);
      from = at + 2;
    } else {
      text += sql.slice(from, at) + value(platform, params[next++], out);
      from = at + 1;
    }
  }
  return text + sql.slice(from);
}

function value(platform: AbstractSqlPlatform, given: unknown, out: unknown[]): string {
  if (isRaw(given)) return given.params.length === 0 ? given.sql : write(platform, given.sql, given.params, out);
  if (given === null || given === undefined) return 'null';
  if (typeof given === 'object') {
    if (Utils.isPlainObject(given) || (given as Record<symbol, unknown>)[JsonProperty]) {
      out.push(JSON.stringify(given));
      return '?';
    }
    if (Array.isArray(given)) return given.map((item) => value(platform, item, out)).join(', ');
    // as MikroORM's SQLite platform stores moments; the contract's columns have a type of their own (UtcTimestamp)
    if (given instanceof Date) out.push(given.getTime());
    else out.push(ArrayBuffer.isView(given) ? given : String(given));
    return '?';
  }
  out.push(given);
  return '?';
}
