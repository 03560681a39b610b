import type { Dialect, MapFile } from '@posthorn/sdk';
import { joinedText } from '../contract/delivery-name.js';
import { asked, forEach, isTrue, localPart } from '../contract/map-text.js';
import { isSentOn } from './aliases-query.js';

function query(dialect: Dialect): string {
  const [key, domain] = [asked(dialect, "'%s'"), asked(dialect, "'%d'")];
  const catchAll = joinedText(dialect, "'@'", domain);
  const inTarget = joinedText(dialect, localPart(dialect), "'@'", 'dom.name');
  const enabled = (alias: string): string => isTrue(dialect, `${alias}.enabled`);
  const starts = [
    `SELECT a.id FROM admin_alias a WHERE a.address=${key} AND ${enabled('a')}`,
    `SELECT a.id FROM admin_alias a WHERE a.address=${catchAll} AND a.domain_id IS NOT NULL AND ${enabled('a')}` +
      ` AND NOT EXISTS (SELECT 1 FROM admin_alias o WHERE o.address=${key} AND ${enabled('o')})`,
    'SELECT a.id FROM admin_domainalias da INNER JOIN admin_domain dom ON dom.id=da.target_id' +
      ` INNER JOIN admin_alias a ON a.address=${inTarget} WHERE da.name=${domain} AND ${enabled('a')}`,
  ].join(' UNION ');
  const next =
    'SELECT n.id FROM way INNER JOIN admin_aliasrecipient ar ON ar.alias_id=way.id' +
    ` INNER JOIN admin_alias n ON n.address=ar.address AND ${enabled('n')}`;
  return [
    `WITH RECURSIVE start AS (${starts}), way AS (SELECT id FROM start UNION ${next})`,
    "SELECT '550 5.2.1 Mailbox disabled' AS answer FROM start INNER JOIN admin_alias a ON a.id=start.id",
    'INNER JOIN admin_aliasrecipient ar ON ar.alias_id=a.id INNER JOIN admin_mailbox mb ON mb.id=ar.r_mailbox_id',
    `WHERE ${isTrue(dialect, 'a.internal')} AND ${isTrue(dialect, 'mb.refuses_mail')} AND NOT ${isSentOn(dialect)}`,
    "UNION ALL SELECT '450 4.2.1 Requested mail action not taken: mailbox unavailable'",
    'FROM admin_aliasrecipient ar INNER JOIN admin_mailboxoperation op ON op.mailbox_id=ar.r_mailbox_id',
    'WHERE ar.alias_id IN (SELECT id FROM way) ORDER BY answer DESC LIMIT 1',
  ].join(' ');
}

/**
 * `check_recipient_access`: refuses mail to a mailbox that is closed, and puts off mail to whatever leads to a mailbox
 * whose directory is being moved or removed: 450 makes the sender try again later (RFC 5321 section 4.2.3). Every mailbox
 * has an alias to itself, so that mailboxes and aliases are found alike. A forward of a closed mailbox goes on.
 */
export const maintainQuery: MapFile['query'] = forEach(query);
