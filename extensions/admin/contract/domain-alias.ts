import { defineEntity, type OptionalProps, p } from '@mikro-orm/core';
import { timestamp } from '@posthorn/sdk';
import { Domain } from './domain.js';

/** Another name of a domain, table `admin_domainalias`: mail to `x@name` goes to `x@target`. */
export class DomainAlias {
  declare [OptionalProps]?: 'owner_id' | 'creation' | 'last_modification';
  declare id: number;
  declare name: string;
  declare target: Domain;
  declare enabled: boolean;
  /** The account that made it, or that it went to; null where that is nobody but super administrators. */
  declare owner_id: number | null;
  declare creation: Date;
  declare last_modification: Date;
}

export const DomainAliasSchema = defineEntity({
  class: DomainAlias,
  className: 'DomainAlias',
  tableName: 'admin_domainalias',
  properties: {
    id: p.integer().primary().autoincrement(),
    name: p.string().length(100).unique(),
    target: () => p.manyToOne(Domain).fieldName('target_id').deleteRule('cascade'),
    enabled: p.boolean().default(true),
    owner_id: p.integer().nullable(),
    creation: timestamp().onCreate(() => new Date()),
    last_modification: timestamp()
      .onCreate(() => new Date())
      .onUpdate(() => new Date()),
  },
});
