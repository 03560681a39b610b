import type { Dialect, MapFile } from '@posthorn/sdk';
import { answered, asked, forEach, isTrue, localPart, NOW } from '../contract/map-text.js';

function query(dialect: Dialect): string {
  const is = (column: string): string => isTrue(dialect, column);
  const [key, domain] = [asked(dialect, "'%s'"), asked(dialect, "'%d'")];
  const select = `SELECT ${answered(dialect, 'u.email')} FROM`;
  // Arms without parentheses: SQLite takes no others. UNION drops who is found twice.
  return [
    // The account of that address.
    `${select} core_user u WHERE u.email=${key} AND ${is('u.is_active')}`,
    // Who has it as a further sender address; Postfix asks for `@domain` last.
    `${select} admin_senderaddress sa` +
      ' INNER JOIN admin_mailbox mb ON sa.mailbox_id=mb.id INNER JOIN core_user u ON mb.user_id=u.id' +
      ` WHERE sa.address=${key} AND ${is('u.is_active')}`,
    // Mailboxes that an alias of that address sends to directly.
    `${select} admin_alias a INNER JOIN admin_aliasrecipient ar ON ar.alias_id=a.id` +
      ' INNER JOIN admin_mailbox mb ON ar.r_mailbox_id=mb.id INNER JOIN core_user u ON mb.user_id=u.id' +
      ` WHERE a.address=${key} AND ${is('a.enabled')}` +
      ` AND (a.expire_at IS NULL OR a.expire_at>${NOW[dialect]}) AND ${is('u.is_active')}`,
    // The same local part in the domain that the key's domain is another name of.
    `${select} admin_domainalias da INNER JOIN admin_domain dom ON da.target_id=dom.id` +
      ' INNER JOIN admin_mailbox mb ON mb.domain_id=dom.id INNER JOIN core_user u ON mb.user_id=u.id' +
      ` WHERE da.name=${domain} AND mb.address=${localPart(dialect)}` +
      ` AND ${is('da.enabled')} AND ${is('dom.enabled')} AND ${is('u.is_active')}`,
  ].join(' UNION ');
}

/** `smtpd_sender_login_maps`: a sender address to the sign-in names that may use it. */
export const senderLoginQuery: MapFile['query'] = forEach(query);
