import type { Dialect, MapFile } from '@posthorn/sdk';
import { deliveryName, hasDeliveryName, isBeyondAscii, joinedText } from './delivery-name.js';
import { answered, asked, forEach, isTrue, localPart, NOW } from './key-text.js';

function query(dialect: Dialect): string {
  const [key, domain] = [asked(dialect, "'%s'"), asked(dialect, "'%d'")];
  // Only where an address leads to itself: everything else is asked for again.
  const isLast = `ar.r_mailbox_id IS NOT NULL AND ar.address=a.address AND ${isBeyondAscii(dialect, 'ar.address')}`;
  const last = joinedText(dialect, deliveryName(dialect, 'ar.r_mailbox_id'), "'@'", domain);
  return [
    `SELECT ${answered(dialect, `CASE WHEN ${isLast} THEN ${last} ELSE ar.address END`)}` +
      ' FROM admin_alias a INNER JOIN admin_aliasrecipient ar ON ar.alias_id=a.id' +
      ` WHERE a.address=${key} AND ${isTrue(dialect, 'a.enabled')}` +
      ` AND (a.expire_at IS NULL OR a.expire_at>${NOW[dialect]})`,
    "SELECT '%s' FROM admin_mailbox mb INNER JOIN admin_domain dom ON mb.domain_id=dom.id" +
      ` WHERE ${hasDeliveryName(dialect, localPart(dialect))} AND dom.name=${domain}`,
  ].join(' UNION ');
}

/**
 * `virtual_alias_maps`: an address to its recipients, one row each. The entries that every mailbox and every domain
 * alias has for itself answer too: they keep a catch-all from swallowing a mailbox. Whether the domain is enabled is
 * not asked here: mail for a disabled one is refused before. UNION drops a recipient that stands there twice: a forward
 * that keeps a copy, and the mailbox's own entry.
 */
export const aliasesQuery: MapFile['query'] = forEach(query);
