import { type Dialect, mapFiles, plainText, type RenderInput } from '@posthorn/sdk';
import { type PostfixSetting, postfixSettings } from '../contract/postfix-settings.js';
import { RECIPIENTS_MAX } from '../services/recipients.js';
import { namedDirectory } from './plain-path.js';

/** postconf(5): a lookup table is named `type:path`. `proxy:` shares connections among Postfix's many processes. */
const TYPE: Readonly<Record<Dialect, string>> = {
  sqlite: 'sqlite',
  postgresql: 'proxy:pgsql',
  mariadb: 'proxy:mysql',
};

const NOTES: Readonly<Record<Dialect, readonly string[]>> = {
  sqlite: [
    '# Postfix has to be able to write to the directory of the database (posthorn check tells), and the services that',
    '# read these tables must not run in a chroot: the fifth column of smtpd, cleanup and rewrite in master.cf is n.',
  ],
  postgresql: ['# Raise max_connections in PostgreSQL where many sessions are open at the same time.'],
  mariadb: ['# Raise max_connections in MariaDB where many sessions are open at the same time.'],
};

const RECIPIENT_CHECKS = 'smtpd_recipient_restrictions';

/** Settings to take over into `main.cf`. Postfix has no include, so this file is read by people. */
export function mainCfExample({ database, directory: given, context }: RenderInput): string {
  const directory = namedDirectory(given);
  const named = new Set<string>();
  const table = (file: string): string => {
    named.add(file);
    return `${TYPE[database.dialect]}:${directory}/${file}`;
  };
  const byName = Map.groupBy(
    context.items(postfixSettings).map(({ item }) => item),
    ({ name }) => name,
  );
  const checks = byName.get(RECIPIENT_CHECKS) ?? [];
  byName.delete(RECIPIENT_CHECKS);
  const own = [
    '',
    ...NOTES[database.dialect],
    '',
    'virtual_transport = lmtp:unix:private/dovecot-lmtp',
    `virtual_mailbox_domains = ${table('sql-domains.cf')}`,
    `virtual_alias_domains = ${table('sql-domain-aliases.cf')}`,
    `virtual_alias_maps = ${table('sql-aliases.cf')}`,
    'recipient_delimiter = +',
    '# A domain stands for itself alone, not for what lies below it.',
    'parent_domain_matches_subdomains =',
    '# So many recipients as an alias may have. Mail to one with more than this is put off until it comes back.',
    `virtual_alias_expansion_limit = ${RECIPIENTS_MAX}`,
    '',
    '# Who may send as whom. It takes part only where SASL is switched on for the same service.',
    'smtpd_sasl_type = dovecot',
    'smtpd_sasl_path = private/auth',
    'smtpd_sasl_auth_enable = yes',
    'smtpd_tls_auth_only = yes',
    `smtpd_sender_login_maps = ${table('sql-sender-login-map.cf')}`,
    'smtpd_sender_restrictions = reject_sender_login_mismatch',
    '',
    'smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination',
    ...checks.flatMap(notesOf),
    `${RECIPIENT_CHECKS} =`,
    `    check_recipient_access ${table('sql-maintain.cf')}`,
    '    permit_mynetworks',
    '    permit_sasl_authenticated',
    '    reject_unauth_destination',
    ...checks.map(({ value }) => `    ${value(table)}`),
    '    reject_unverified_recipient',
    '',
    '# Unknown recipients are found by asking Dovecot. The defaults answer 450 instead of 550 and remember answers for',
    '# days, so that a new mailbox stays unknown and a deleted one known.',
    'unverified_recipient_reject_code = 550',
    'address_verify_negative_expire_time = 10m',
    'address_verify_negative_refresh_time = 1m',
    'address_verify_positive_expire_time = 6h',
    'address_verify_positive_refresh_time = 1h',
    '',
    '# Dovecot 2.3 takes no mail that is marked SMTPUTF8. Mailboxes beyond ASCII need these two, and the file the line',
    '#   /^(MAIL +FROM: *<.*>.*) +SMTPUTF8( .*)?$/ $1$2',
    '#smtpd_command_filter = regexp:/etc/postfix/smtputf8-filter',
    '#smtputf8_autodetect_classes = sendmail',
    ...[...byName].flatMap(([name, settings]) => [
      '',
      ...settings.flatMap(notesOf),
      `${name} =`,
      ...settings.map(({ value }) => `    ${value(table)}`),
    ]),
  ];
  const others = context
    .items(mapFiles)
    .filter(({ item }) => item.set === 'maps' && !named.has(item.name))
    .map(({ item }) => `#   ${table(item.name)}  ${plainText(item.summary)}`);
  return [
    ...own,
    ...(others.length === 0
      ? []
      : ['', '# Tables of other extensions, to be used as their documentation says:', ...others]),
    '',
  ].join('\n');
}

const notesOf = ({ note }: PostfixSetting): readonly string[] =>
  note === undefined
    ? []
    : plainText(note)
        .split('\n')
        .map((line) => `# ${line}`);
