import { defineEntity, p, Type } from '@mikro-orm/core';

/** Reads `YYYY-MM-DD HH:MM:SS`, with an offset (PostgreSQL writes a bare `+00`) or, without one, in UTC. */
function parseUtc(text: string): Date {
  const iso = text.trim().replace(' ', 'T');
  if (!iso.includes('T') || iso.endsWith('Z')) return new Date(iso);
  const offset = /[+-]\d{2}(?::?\d{2})?$/.exec(iso)?.[0];
  if (offset === undefined) return new Date(`${iso}Z`);
  const digits = offset.slice(1).replace(':', '').padEnd(4, '0');
  return new Date(`${iso.slice(0, -offset.length)}${offset[0]}${digits.slice(0, 2)}:${digits.slice(2)}`);
}

/**
 * A moment, stored so that SQL written for the reference reads it: UTC text `YYYY-MM-DD HH:MM:SS` on SQLite (it compares
 * with CURRENT_TIMESTAMP), timestamptz on PostgreSQL, datetime in UTC on MariaDB. Whole seconds.
 * @public @since 1.0.0
 */
export class UtcTimestamp extends Type<Date | null, string | Date | null> {
  override convertToDatabaseValue(
    value: Date | string | null | undefined,
    platform: { constructor: { name: string } },
  ): string | Date | null {
    if (value === null || value === undefined) return null;
    const at = value instanceof Date ? value : parseUtc(value);
    const text = at.toISOString().slice(0, 19).replace('T', ' ');
    return platform.constructor.name.startsWith('Postgre') ? `${text}Z` : text;
  }

  override convertToJSValue(value: string | number | Date | null): Date | null {
    if (value === null || value instanceof Date) return value;
    return typeof value === 'number' ? new Date(value) : parseUtc(value);
  }

  override getColumnType(_prop: unknown, platform: { constructor: { name: string } }): string {
    const name = platform.constructor.name;
    return name.startsWith('Postgre') ? 'timestamptz' : 'datetime';
  }

  override compareAsType(): string {
    return 'date';
  }
}

/** A column of moments for `defineEntity`. @public @since 1.0.0 */
export const timestamp = () => p.type(UtcTimestamp).$type<Date>();

/**
 * Who can sign in: the kernel's own entity, table `core_user`. Change it through the `accounts` service only.
 * @public @since 1.0.0
 */
export class Account {
  declare id: number;
  /** `{SCHEME}value`, as the IMAP server reads it. */
  declare password: string;
  declare username: string;
  /** Where a mail client signs in; equal to the username for whom that is an address. */
  declare email: string;
  declare first_name: string;
  declare last_name: string;
  declare role: string;
  declare is_superuser: boolean;
  declare is_staff: boolean;
  declare is_active: boolean;
  /** False where another system holds the password. */
  declare is_local: boolean;
  declare master_user: boolean;
  declare language: string;
  declare phone_number: string | null;
  declare secondary_email: string | null;
  declare date_joined: Date;
  declare last_login: Date | null;
}

/** The entity behind `Account`, for `additionTo` and for relations to `core_user`. @public @since 1.0.0 */
export const AccountSchema = defineEntity({
  class: Account,
  className: 'Account',
  tableName: 'core_user',
  properties: {
    id: p.integer().primary().autoincrement(),
    // Secret: selected only where it is asked for by name.
    password: p.string().length(512).lazy().hidden(),
    username: p.string().length(254).unique(),
    email: p.string().length(254).default(''),
    first_name: p.string().length(100).default(''),
    last_name: p.string().length(100).default(''),
    role: p.string().length(30),
    is_superuser: p.boolean().default(false),
    is_staff: p.boolean().default(false),
    is_active: p.boolean().default(true),
    is_local: p.boolean().default(true),
    master_user: p.boolean().default(false),
    language: p.string().length(10).default('en'),
    phone_number: p.string().length(128).nullable(),
    secondary_email: p.string().length(254).nullable(),
    date_joined: timestamp().onCreate(() => new Date()),
    last_login: timestamp().nullable(),
  },
});
