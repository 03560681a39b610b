import { defineEntity, p } from '@mikro-orm/core';

/** Bytes of one MB, the unit that quotas are given in. */
export const MEGABYTE = 1_048_576;

/**
 * What a mailbox uses, table `admin_quota`, by full address. Dovecot's quota dictionary updates, deletes and inserts
 * these rows itself, so nothing may refer to them and nothing else may be kept in them.
 */
export class Quota {
  declare username: string;
  declare bytes: number;
  declare messages: number;
}

export const QuotaSchema = defineEntity({
  class: Quota,
  className: 'Quota',
  tableName: 'admin_quota',
  properties: {
    username: p.string().length(254).primary(),
    bytes: p.bigint('number').default(0),
    messages: p.integer().default(0),
  },
});
