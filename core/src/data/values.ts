import type { Dialect } from '@posthorn/sdk';
import { sqlTimestamp } from './sql-timestamp.js';

/**
 * Values for `execute`, the same on every database: text, numbers, booleans, bytes, null; moments become UTC with whole
 * seconds, as the contract's date columns hold them. Objects and lists are refused, because each driver would make
 * something else of them (mysql2 even SQL): write JSON with `JSON.stringify` and lists with one `?` per item.
 */
export function checkParameters(params: readonly unknown[], dialect: Dialect): readonly unknown[] {
  return params.map((value) => {
    switch (typeof value) {
      case 'undefined':
        return null;
      case 'string':
      case 'bigint':
      case 'boolean':
        return value;
      case 'number':
        if (!Number.isFinite(value)) throw new TypeError(`${value} cannot be stored`);
        return value;
      case 'object': {
        if (value === null) return null;
        if (value instanceof Date) return dialect === 'postgresql' ? `${sqlTimestamp(value)}Z` : sqlTimestamp(value);
        if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
        throw new TypeError(
          'objects and lists cannot be given to execute(): write JSON.stringify(…), or one ? per item',
        );
      }
      default:
        throw new TypeError(`a ${typeof value} cannot be given to execute()`);
    }
  });
}
