import { defineEntity, p } from '@mikro-orm/core';
import { Mailbox } from './mailbox.js';

export type MailboxOperationType = 'rename' | 'move' | 'delete';

/**
 * Work on disk that waits to be done, table `admin_mailboxoperation`. While a mailbox has one, Postfix answers 450 for
 * it (`sql-maintain.cf`). `argument` is the address whose directory is meant: the old one of a renamed mailbox, the one
 * of a deleted mailbox. A `move` names both places; one of them may be aside, `.trash/<entry>/<address>`. `mailbox` is the
 * mailbox that has to wait for it.
 */
export class MailboxOperation {
  declare id: number;
  declare mailbox: Mailbox | null;
  declare type: MailboxOperationType;
  declare argument: string;
  declare target: string | null;
}

export const MailboxOperationSchema = defineEntity({
  class: MailboxOperation,
  className: 'MailboxOperation',
  tableName: 'admin_mailboxoperation',
  properties: {
    id: p.integer().primary().autoincrement(),
    mailbox: () => p.manyToOne(Mailbox).fieldName('mailbox_id').nullable().deleteRule('cascade'),
    type: p.string().$type<MailboxOperationType>().length(20),
    argument: p.text(),
    target: p.text().nullable(),
  },
});
