import type { MapFile } from '@posthorn/sdk';
import { asked, forEach } from '../contract/map-text.js';

/**
 * `check_recipient_access`: puts mail off while a mailbox's directory is being moved or removed. 450 makes the sender try
 * again later (RFC 5321 section 4.2.3).
 */
export const maintainQuery: MapFile['query'] = forEach(
  (dialect) =>
    "SELECT '450 4.2.1 Requested mail action not taken: mailbox unavailable' FROM admin_mailbox mb" +
    ' INNER JOIN admin_domain dom ON mb.domain_id=dom.id' +
    ' INNER JOIN admin_mailboxoperation op ON op.mailbox_id=mb.id' +
    ` WHERE mb.address=${asked(dialect, "'%u'")} AND dom.name=${asked(dialect, "'%d'")} LIMIT 1`,
);
