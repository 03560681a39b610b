import { defineEntity, p } from '@mikro-orm/core';
import { Mailbox } from './mailbox.js';

/** One more envelope sender that a mailbox's owner may use, table `admin_senderaddress`. `@domain` stands for all of it. */
export class SenderAddress {
  declare id: number;
  declare address: string;
  declare mailbox: Mailbox;
}

export const SenderAddressSchema = defineEntity({
  class: SenderAddress,
  className: 'SenderAddress',
  tableName: 'admin_senderaddress',
  properties: {
    id: p.integer().primary().autoincrement(),
    address: p.string().length(254),
    mailbox: () => p.manyToOne(Mailbox).fieldName('mailbox_id').deleteRule('cascade'),
  },
});
