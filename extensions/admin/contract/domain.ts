import { defineEntity, type OptionalProps, p } from '@mikro-orm/core';
import { timestamp } from '@posthorn/sdk';

/** Whether Posthorn keeps the mail of a domain itself or hands it on. */
export const DOMAIN_TYPES = ['domain', 'relaydomain'] as const;
export type DomainType = (typeof DOMAIN_TYPES)[number];

/** A mail domain, table `admin_domain`. Postfix, Dovecot and OpenDKIM read it. Change it through the `domains` service. */
export class Domain {
  declare [OptionalProps]?: 'creation' | 'last_modification';
  declare id: number;
  declare name: string;
  /** Megabytes that the mailboxes share; 0 means without limit. */
  declare quota: number;
  /** Megabytes of a mailbox that follows its domain. */
  declare default_mailbox_quota: number;
  declare enabled: boolean;
  declare type: DomainType;
  declare enable_dns_checks: boolean;
  declare enable_dkim: boolean;
  declare dkim_key_selector: string;
  declare dkim_key_length: number | null;
  declare dkim_public_key: string;
  declare dkim_private_key_path: string;
  declare creation: Date;
  declare last_modification: Date;
}

export const DomainSchema = defineEntity({
  class: Domain,
  className: 'Domain',
  tableName: 'admin_domain',
  properties: {
    id: p.integer().primary().autoincrement(),
    name: p.string().length(100).unique(),
    quota: p.integer().default(0),
    default_mailbox_quota: p.integer().default(0),
    enabled: p.boolean().default(true),
    type: p.string().$type<DomainType>().length(20).default('domain'),
    enable_dns_checks: p.boolean().default(true),
    enable_dkim: p.boolean().default(false),
    dkim_key_selector: p.string().length(30).default('modoboa'),
    dkim_key_length: p.integer().nullable(),
    dkim_public_key: p.text().default(''),
    dkim_private_key_path: p.string().length(254).default(''),
    creation: timestamp().onCreate(() => new Date()),
    last_modification: timestamp()
      .onCreate(() => new Date())
      .onUpdate(() => new Date()),
  },
});
