/**
 * Rows of an installation with many mailboxes, as the services write them: every mailbox with its account, its own alias
 * and its quota; every tenth has a forward. Each table is filled by one statement that all databases understand.
 */

export const PER_DOMAIN = 100;

/** Nobody's password, as long as a real one: what is read over is as wide. */
export const HASH = `{SHA512-CRYPT}$6$rounds=70000$${'a'.repeat(16)}$${'b'.repeat(86)}`;
const DOMAIN = `(floor((n - 1) / ${PER_DOMAIN}) + 1)`;
const ADDRESS = `('u' || n || '@d' || ${DOMAIN} || '.test')`;

const DIGITS = `(${Array.from({ length: 10 }, (_, i) => `select ${i} as n`).join(' union all ')})`;

/** From one on, in order, made of digits: MariaDB ends a recursion after a thousand steps. */
function numbers(/** @type {number} */ most) {
  const places = [...String(most)].map((_, i, all) => all.length - 1 - i);
  const n = places.map((place) => `p${place}.n * ${10 ** place}`).join(' + ');
  return `(select ${n} + 1 as n from ${places.map((place) => `${DIGITS} p${place}`).join(' cross join ')}
    where ${n} < ${most}) numbers`;
}

/**
 * @param {number} count mailboxes
 * @param {number} guests accounts without a mailbox that have the first administrator's password: `guest1`, `guest2`, …
 * @returns {readonly string[]} for a new instance
 */
export function mailData(count, guests) {
  const all = numbers(count);
  return [
    `insert into core_user (id, username, email, password, role, is_active, first_name, last_name)
      select n + 10, ${ADDRESS}, ${ADDRESS}, '${HASH}', 'SimpleUsers', true, 'First' || (n % 97), 'Last' || (n % 89)
      from ${all}`,
    `insert into core_user (id, username, email, password, role, is_active)
      select ${count} + 10 + n, 'guest' || n, '', u.password, 'SimpleUsers', true
      from ${numbers(guests)}, core_user u where u.username = 'admin'`,
    `insert into admin_domain (id, name, type, enabled)
      select n, 'd' || n || '.test', 'domain', true from ${numbers(count / PER_DOMAIN)}`,
    `insert into admin_mailbox (id, address, quota, use_domain_quota, domain_id, user_id)
      select n, 'u' || n, n % 5, true, ${DOMAIN}, n + 10 from ${all}`,
    `insert into admin_alias (id, address, domain_id, enabled, internal)
      select n, ${ADDRESS}, ${DOMAIN}, true, true from ${all}`,
    `insert into admin_aliasrecipient (id, address, alias_id, r_mailbox_id) select n, ${ADDRESS}, n, n from ${all}`,
    `insert into admin_alias (id, address, domain_id, enabled, internal)
      select ${count} + n, 'info' || n || '@d' || ${DOMAIN} || '.test', ${DOMAIN}, true, false
      from ${all} where n % 10 = 0`,
    `insert into admin_aliasrecipient (id, address, alias_id, r_mailbox_id)
      select ${count} + n, ${ADDRESS}, ${count} + n, n from ${all} where n % 10 = 0`,
    `insert into admin_quota (username, bytes, messages) select ${ADDRESS}, n * 1000, 1 from ${all}`,
    // As the job leaves it that keeps their order.
    `insert into admin_mailboxuse (mailbox_id, bytes, share)
      select n, n * 1000, case when n % 5 = 0 then 0 else n / (n % 5 * 1049) end from ${all}`,
    'analyze',
  ];
}
