import { defineEntity, p } from '@mikro-orm/core';
import { timestamp } from '@posthorn/sdk';
import { Domain } from './domain.js';

/** An MX address found for a domain, table `admin_mxrecord`. Filled by whoever checks DNS. */
export class MxRecord {
  declare id: number;
  declare domain: Domain;
  declare name: string;
  declare address: string;
  declare managed: boolean;
  /** When the answer stops being valid, not when it was asked for. */
  declare updated: Date;
}

export const MxRecordSchema = defineEntity({
  class: MxRecord,
  className: 'MxRecord',
  tableName: 'admin_mxrecord',
  properties: {
    id: p.integer().primary().autoincrement(),
    domain: () => p.manyToOne(Domain).fieldName('domain_id').deleteRule('cascade'),
    name: p.string().length(254),
    address: p.string().length(39),
    managed: p.boolean().default(false),
    updated: timestamp(),
  },
});

/** Whether a block list names an MX, table `admin_dnsblresult`. An empty status means that it does not. */
export class DnsblResult {
  declare id: number;
  declare domain: Domain;
  declare provider: string;
  declare mx: MxRecord;
  declare status: string;
}

export const DnsblResultSchema = defineEntity({
  class: DnsblResult,
  className: 'DnsblResult',
  tableName: 'admin_dnsblresult',
  properties: {
    id: p.integer().primary().autoincrement(),
    domain: () => p.manyToOne(Domain).fieldName('domain_id').deleteRule('cascade'),
    provider: p.string().length(254),
    mx: () => p.manyToOne(MxRecord).fieldName('mx_id').deleteRule('cascade'),
    status: p.string().length(45).default(''),
  },
});
