import type { SQLInputValue } from 'node:sqlite';
import { sqlTimestamp } from '../sql-timestamp.js';

/**
 * A JavaScript value as node:sqlite binds it. Whole numbers become integers (it would bind every number as a float,
 * which shows where a column has no type), booleans 0 or 1, moments UTC text.
 */
export function toSqlite(value: unknown): SQLInputValue {
  switch (typeof value) {
    case 'string':
    case 'bigint':
      return value;
    case 'number':
      return Number.isSafeInteger(value) ? BigInt(value) : value;
    case 'boolean':
      return value ? 1n : 0n;
    case 'undefined':
      return null;
    case 'object':
      if (value === null) return null;
      if (value instanceof Date) return sqlTimestamp(value);
      if (ArrayBuffer.isView(value)) return value as NodeJS.ArrayBufferView;
      return JSON.stringify(value);
    default:
      throw new TypeError(`a ${typeof value} cannot be stored`);
  }
}
