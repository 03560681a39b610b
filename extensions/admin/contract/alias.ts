import { defineEntity, type OptionalProps, p } from '@mikro-orm/core';
import { timestamp } from '@posthorn/sdk';
import { Domain } from './domain.js';
import { Mailbox } from './mailbox.js';

/**
 * A line of Postfix's `virtual_alias_maps`, table `admin_alias`. Internal ones are kept by Posthorn: every mailbox has
 * one that points to itself, so that a catch-all of its domain never swallows it, and every domain alias has `@name`.
 */
export class Alias {
  declare [OptionalProps]?: 'owner_id' | 'creation' | 'last_modification';
  declare id: number;
  /** `local@domain`, or `@domain` for a catch-all. */
  declare address: string;
  /** Null only for the catch-all of a domain alias. */
  declare domain: Domain | null;
  declare enabled: boolean;
  declare internal: boolean;
  declare description: string;
  declare expire_at: Date | null;
  /** The account that made it, or that it went to; null where that is nobody but super administrators. */
  declare owner_id: number | null;
  declare creation: Date;
  declare last_modification: Date;
}

export const AliasSchema = defineEntity({
  class: Alias,
  className: 'Alias',
  tableName: 'admin_alias',
  properties: {
    id: p.integer().primary().autoincrement(),
    address: p.string().length(254),
    domain: () => p.manyToOne(Domain).fieldName('domain_id').nullable().deleteRule('cascade'),
    enabled: p.boolean().default(true),
    internal: p.boolean().default(false),
    description: p.text().default(''),
    expire_at: timestamp().nullable(),
    owner_id: p.integer().nullable(),
    creation: timestamp().onCreate(() => new Date()),
    last_modification: timestamp()
      .onCreate(() => new Date())
      .onUpdate(() => new Date()),
  },
});

/** Where an alias sends to, table `admin_aliasrecipient`. Local recipients also name the mailbox or alias they mean. */
export class AliasRecipient {
  declare id: number;
  /** As it was given, with its extension (`user+tag@domain`). */
  declare address: string;
  declare alias: Alias;
  declare r_mailbox: Mailbox | null;
  declare r_alias: Alias | null;
}

export const AliasRecipientSchema = defineEntity({
  class: AliasRecipient,
  className: 'AliasRecipient',
  tableName: 'admin_aliasrecipient',
  properties: {
    id: p.integer().primary().autoincrement(),
    address: p.string().length(254),
    alias: () => p.manyToOne(Alias).fieldName('alias_id').deleteRule('cascade'),
    r_mailbox: () => p.manyToOne(Mailbox).fieldName('r_mailbox_id').nullable().deleteRule('cascade'),
    r_alias: () => p.manyToOne(Alias).fieldName('r_alias_id').nullable().deleteRule('cascade'),
  },
});
