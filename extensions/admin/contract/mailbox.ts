import { defineEntity, type OptionalProps, p } from '@mikro-orm/core';
import { Account, timestamp } from '@posthorn/sdk';
import { Domain } from './domain.js';

/** Where an account's mail lies, table `admin_mailbox`. `address` is the part before the `@` only. */
export class Mailbox {
  declare [OptionalProps]?: 'refuses_mail' | 'creation' | 'last_modification';
  declare id: number;
  declare address: string;
  /** Megabytes, 0 means without limit. */
  declare quota: number;
  /** The quota follows the domain's `default_mailbox_quota`. */
  declare use_domain_quota: boolean;
  /** New mail is refused; whoever may sign in still reads what is there. */
  declare refuses_mail: boolean;
  declare domain: Domain;
  declare user: Account;
  declare creation: Date;
  declare last_modification: Date;
}

export const MailboxSchema = defineEntity({
  class: Mailbox,
  className: 'Mailbox',
  tableName: 'admin_mailbox',
  properties: {
    id: p.integer().primary().autoincrement(),
    address: p.string().length(252),
    quota: p.integer().default(0),
    use_domain_quota: p.boolean().default(false),
    refuses_mail: p.boolean().default(false),
    domain: () => p.manyToOne(Domain).fieldName('domain_id').deleteRule('cascade'),
    user: () => p.manyToOne(Account).fieldName('user_id').unique().deleteRule('cascade'),
    creation: timestamp().onCreate(() => new Date()),
    last_modification: timestamp()
      .onCreate(() => new Date())
      .onUpdate(() => new Date()),
  },
});
