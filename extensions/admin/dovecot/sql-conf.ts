import type { Dialect, RenderInput } from '@posthorn/sdk';
import { hasDeliveryName, joinedText } from '../contract/delivery-name.js';
import { isTrue } from '../contract/map-text.js';
import { connectString, DRIVER, keptConnect } from './connect-string.js';
import { type DovecotOptions, readOptions } from './options.js';

const MAILBOX = 'admin_mailbox mb INNER JOIN admin_domain dom ON mb.domain_id=dom.id';

/**
 * `dovecot-sql.conf.ext`. A disabled account cannot sign in but still gets mail, a mailbox
 * that refuses mail can be read but gets none, and a disabled domain does neither. The
 * sign-in name must be the mailbox's own address: an account whose e-mail says something else opens nobody's mail.
 */
export function sqlConf({ database, options, previous }: RenderInput): string {
  const { dialect } = database;
  const is = (column: string): string => isTrue(dialect, column);
  const isThis = "mb.address='%Ln' AND dom.name='%Ld'";
  return [
    `driver = ${DRIVER[dialect]}`,
    `connect = ${keptConnect(previous) ?? connectString(database)}`,
    'default_pass_scheme = CRYPT',
    'password_query = SELECT u.email AS user, u.password FROM core_user u' +
      ' INNER JOIN admin_mailbox mb ON mb.user_id=u.id INNER JOIN admin_domain dom ON mb.domain_id=dom.id' +
      ` WHERE u.email='%Lu' AND ${isThis} AND ${is('u.is_active')} AND ${is('dom.enabled')}`,
    `user_query = ${userQuery(dialect, readOptions(options), isThis)}`,
    `iterate_query = SELECT mb.address AS username, dom.name AS domain FROM ${MAILBOX} WHERE ${is('dom.enabled')}`,
    '',
  ].join('\n');
}

/** By the mailbox's address, or by the name that mail for a mailbox beyond ASCII is delivered to; one of them answers. */
function userQuery(dialect: Dialect, { mail_home, uid, gid }: DovecotOptions, isThis: string): string {
  const columns = [
    `${joinedText(dialect, 'mb.address', "'@'", 'dom.name')} AS user`,
    `${joinedText(dialect, `'${mail_home}/'`, 'dom.name', "'/'", 'mb.address')} AS home`,
    `${uid} AS uid`,
    `${gid} AS gid`,
    `${joinedText(dialect, "'*:bytes='", 'mb.quota', "'M'")} AS quota_rule`,
  ].join(', ');
  const isEnabled = isTrue(dialect, 'dom.enabled');
  // `%s` is the service that asks.
  const takesMail = `('%s' NOT IN ('lmtp', 'lda') OR NOT ${isTrue(dialect, 'mb.refuses_mail')})`;
  const arm = (condition: string): string =>
    `SELECT ${columns} FROM ${MAILBOX} WHERE ${condition} AND ${isEnabled} AND ${takesMail}`;
  return `${arm(isThis)} UNION ALL ${arm(`${hasDeliveryName(dialect, "'%Ln'")} AND dom.name='%Ld'`)}`;
}
