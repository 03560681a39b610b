import { hasDeliveryName, mapAnswer, mapKey, mapLocalPart, mapQuery, mapTrue } from '@posthorn/admin/contract';
import type { Dialect, MapFile } from '@posthorn/sdk';

/** `relay_domains`: a relay domain's name to itself. */
export const relayDomainsQuery: MapFile['query'] = mapQuery(
  (dialect) =>
    `SELECT ${mapAnswer(dialect, 'name')} FROM admin_domain` +
    ` WHERE name=${mapKey(dialect, "'%s'")} AND type='relaydomain' AND ${mapTrue(dialect, 'enabled')}`,
);

const isEnabledRelay = (dialect: Dialect): string => `dom.type='relaydomain' AND ${mapTrue(dialect, 'dom.enabled')}`;

/**
 * `transport_maps`: a mailbox here in a relay domain to Dovecot; all else in the domain is handed on. One whose local part
 * is not ASCII comes here under its delivery name.
 */
export const splitDomainsQuery: MapFile['query'] = mapQuery((dialect) => {
  const select =
    "SELECT 'lmtp:unix:private/dovecot-lmtp' FROM admin_mailbox mb INNER JOIN admin_domain dom ON mb.domain_id=dom.id";
  const inDomain = `dom.name=${mapKey(dialect, "'%d'")} AND ${isEnabledRelay(dialect)}`;
  return [
    `${select} WHERE mb.address=${mapKey(dialect, "'%u'")} AND ${inDomain}`,
    `${select} WHERE ${hasDeliveryName(dialect, mapLocalPart(dialect))} AND ${inDomain}`,
  ].join(' UNION ');
});

/** `check_recipient_access`: what Postfix does with recipients of the domain before it takes mail for them. */
export const verificationQuery: MapFile['query'] = mapQuery(
  (dialect) =>
    `SELECT ${mapAnswer(dialect, 'action')} FROM relaydomains_recipientaccess WHERE pattern=${mapKey(dialect, "'%d'")}`,
);

/**
 * `check_recipient_access`, before recipients of every domain are verified: takes those of a relay domain that is not to
 * be asked, also under its other names.
 */
export const acceptanceQuery: MapFile['query'] = mapQuery((dialect) => {
  const domain = mapKey(dialect, "'%d'");
  const isUnverified =
    `${isEnabledRelay(dialect)}` +
    ' AND NOT EXISTS (SELECT 1 FROM relaydomains_recipientaccess ra WHERE ra.pattern=dom.name)';
  return [
    `SELECT 'permit' FROM admin_domain dom WHERE dom.name=${domain} AND ${isUnverified}`,
    "SELECT 'permit' FROM admin_domainalias da INNER JOIN admin_domain dom ON da.target_id=dom.id" +
      ` WHERE da.name=${domain} AND ${mapTrue(dialect, 'da.enabled')} AND ${isUnverified}`,
  ].join(' UNION ');
});
