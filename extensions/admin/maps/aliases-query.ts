import type { Dialect, MapFile } from '@posthorn/sdk';
import { deliveryName, hasDeliveryName, isBeyondAscii, joinedText } from '../contract/delivery-name.js';
import { answered, asked, forEach, isTrue, localPart, NOW } from '../contract/map-text.js';

const FALSE: Readonly<Record<Dialect, string>> = { sqlite: '0', postgresql: 'false', mariadb: '0' };

/** A forward of the address `a.address` counts. */
export const isForwarded = (dialect: Dialect): string =>
  `EXISTS (SELECT 1 FROM admin_alias f WHERE f.address=a.address AND f.internal=${FALSE[dialect]} AND ${counts(dialect, 'f')})`;

/** So does one that sends to more than the address itself. */
export const isSentOn = (dialect: Dialect): string =>
  'EXISTS (SELECT 1 FROM admin_alias f INNER JOIN admin_aliasrecipient fr ON fr.alias_id=f.id WHERE f.address=a.address' +
  ` AND f.internal=${FALSE[dialect]} AND fr.address<>f.address AND ${counts(dialect, 'f')})`;

const counts = (dialect: Dialect, alias: string): string =>
  `${isTrue(dialect, `${alias}.enabled`)} AND (${alias}.expire_at IS NULL OR ${alias}.expire_at>${NOW[dialect]})`;

function query(dialect: Dialect): string {
  const [key, domain] = [asked(dialect, "'%s'"), asked(dialect, "'%d'")];
  // Only where an address leads to itself: everything else is asked for again.
  const isOwn = 'ar.r_mailbox_id IS NOT NULL AND ar.address=a.address';
  const isLast = `${isOwn} AND ${isBeyondAscii(dialect, 'ar.address')}`;
  const last = joinedText(dialect, deliveryName(dialect, 'ar.r_mailbox_id'), "'@'", domain);
  // Postfix puts the local part before an answer that is `@domain` alone, and makes nonsense of one among others.
  const sameLocal = joinedText(dialect, localPart(dialect), 'ar.address');
  const target = `CASE WHEN ${isLast} THEN ${last} WHEN substr(ar.address, 1, 1)='@' THEN ${sameLocal} ELSE ar.address END`;
  const isClosed = `EXISTS (SELECT 1 FROM admin_mailbox own WHERE own.id=ar.r_mailbox_id AND ${isTrue(dialect, 'own.refuses_mail')})`;
  return [
    `SELECT ${answered(dialect, target)}` +
      ' FROM admin_alias a INNER JOIN admin_aliasrecipient ar ON ar.alias_id=a.id' +
      ` WHERE a.address=${key} AND (${counts(dialect, 'a')}` +
      ` OR ${isTrue(dialect, 'a.internal')} AND a.domain_id IS NOT NULL AND NOT ${isForwarded(dialect)})` +
      ` AND NOT (${isOwn} AND ${isClosed} AND ${isSentOn(dialect)})`,
    "SELECT '%s' FROM admin_mailbox mb INNER JOIN admin_domain dom ON mb.domain_id=dom.id" +
      ` WHERE ${hasDeliveryName(dialect, localPart(dialect))} AND dom.name=${domain}`,
  ].join(' UNION ');
}

/**
 * `virtual_alias_maps`: an address to its recipients, one row each. The entries that every mailbox and every domain
 * alias has for itself answer too: they keep a catch-all from swallowing a mailbox. A mailbox's steps back for a forward
 * without a copy, and answers again in the moment in which that forward expires, whether or not Posthorn runs. Whether the domain is enabled is
 * not asked here: mail for a disabled one is refused before. UNION drops a recipient that stands there twice: a forward
 * that keeps a copy, and the mailbox's own entry. A mailbox that refuses mail gets no copy of what is forwarded: it would
 * send that back to the sender.
 */
export const aliasesQuery: MapFile['query'] = forEach(query);
