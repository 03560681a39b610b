/** The database engines the mail servers read their maps from. */
export type MailEngine = 'sqlite' | 'postgresql' | 'mariadb';

/** Where the pieces of a private Postfix lie and on which loopback ports it listens. */
export interface PostfixLayout {
  readonly engine: MailEngine;
  readonly hostname: string;
  /** Directory of the map files `sql-*.cf`. */
  readonly mapsDir: string;
  readonly smtpUtf8: SmtpUtf8Mode;
  /** The file written from `commandFilter`. */
  readonly commandFilterFile: string;
  /** Whether Dovecot's quota-status service is asked at RCPT time, on `private/quota-status`. */
  readonly quotaStatus: boolean;
  readonly queueDir: string;
  readonly dataDir: string;
  readonly logFile: string;
  /** Directory that `logFile` must lie below. */
  readonly logPrefix: string;
  readonly cert: string;
  readonly key: string;
  readonly ports: {
    readonly smtp: number;
    readonly submission: number;
    readonly trusted: number;
    /** The second hop of `two-hop`; unused otherwise. */
    readonly inner: number;
    readonly sink: number;
  };
}

/**
 * Table type of a map in main.cf. The two servers go through proxymap: otherwise every smtpd holds a connection per
 * map file, and a burst of sessions uses up the server's connections. SQLite needs no connection.
 */
export const mapType = (engine: MailEngine, direct = false): string =>
  ({
    sqlite: 'sqlite',
    postgresql: direct ? 'pgsql' : 'proxy:pgsql',
    mariadb: direct ? 'mysql' : 'proxy:mysql',
  })[engine];

/** Parameters by map file; what has no file in `mapsDir` is left out. */
const parameterOfMap: Readonly<Record<string, string>> = {
  virtual_mailbox_domains: 'sql-domains.cf',
  virtual_alias_domains: 'sql-domain-aliases.cf',
  virtual_alias_maps: 'sql-aliases.cf',
  relay_domains: 'sql-relaydomains.cf',
  smtpd_sender_login_maps: 'sql-sender-login-map.cf',
};

/**
 * What happens to mail that a client marks with SMTPUTF8. Marked mail bounces at Dovecot 2.3, whose LMTP server does
 * not offer the extension (`5.6.7 SMTPUTF8 is required`), even when only a header or the sender is not ASCII.
 *
 * - `strip`: every smtpd announces SMTPUTF8 but forgets that it was asked for (`smtpd_command_filter`), and the alias
 *   map gives UTF-8 mailboxes an ASCII name for the last step. Mail with UTF-8 addresses also leaves for the outside
 *   without the parameter, and addresses whose domain is not ASCII are refused with 501.
 * - `two-hop`: mail for mailboxes takes a second hop through an inner smtpd, and only that one forgets. Everything
 *   works, at the price of queueing (and logging) each local delivery twice.
 * - `plain`: Postfix as it comes; UTF-8 mailboxes get no mail.
 */
export type SmtpUtf8Mode = 'strip' | 'two-hop' | 'plain';

/**
 * The regexp table behind `smtpd_command_filter`. On the inner smtpd of `two-hop`, a sender whose domain is not ASCII
 * becomes the null sender, since without SMTPUTF8 Postfix calls it a syntax error; Dovecot 2.3 records every UTF-8
 * sender as the null sender anyhow.
 */
export function commandFilter(mode: SmtpUtf8Mode): string {
  const strip = '/^(MAIL +FROM: *<.*>.*) +SMTPUTF8( .*)?$/ $1$2\n';
  const foreign = '/^MAIL +FROM: *<[^>]*@[^>]*[^ -~][^>]*>(.*) +SMTPUTF8( .*)?$/ MAIL FROM:<>$1$2\n';
  return mode === 'two-hop' ? foreign + strip : strip;
}

const dovecotLmtp = 'lmtp:unix:private/dovecot-lmtp';

/** Reads main.cf syntax: `name = value`, continued by lines that begin with white space (postconf(5)). */
export function readParameters(text: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  let name = '';
  for (const line of text.split('\n')) {
    if (line.trim() === '' || /^\s*#/.test(line)) continue;
    const [, begins, value = ''] = /^(\w+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (begins !== undefined) {
      name = begins;
      parameters[name] = value.trim();
    } else if (name !== '' && /^\s/.test(line)) {
      parameters[name] = `${parameters[name]} ${line.trim()}`.trim();
    } else {
      throw new Error(`not a line of main.cf: ${line}`);
    }
  }
  return parameters;
}

/**
 * A test that creates or deletes a mailbox sees the change within seconds. Nothing is refreshed before it expires: a
 * refresh that fails leaves the entry good and unexpired for 1000 seconds more (verify(8)).
 */
const quickVerification = {
  address_verify_poll_delay: '1s',
  // on a busy machine a probe may take longer than the usual three polls
  address_verify_poll_count: '10',
  address_verify_negative_expire_time: '1s',
  address_verify_negative_refresh_time: '1s',
  address_verify_positive_expire_time: '2s',
  address_verify_positive_refresh_time: '2s',
};

/**
 * main.cf of the rig. `mapFiles` are the names of the files that exist in `mapsDir`; `extra` overrides or adds
 * parameters. Nothing leaves the loopback interface: whatever is not ours goes to the sink port, and the SMTP client
 * is bound to 127.0.0.1, from where the kernel reaches no other host.
 */
export function mainCf(
  layout: PostfixLayout,
  mapFiles: ReadonlySet<string>,
  extra: Readonly<Record<string, string>> = {},
): string {
  const table = (file: string): string => `${mapType(layout.engine)}:${layout.mapsDir}/${file}`;
  const access = (file: string): string[] => (mapFiles.has(file) ? [`check_recipient_access ${table(file)}`] : []);
  const transports = ['sql-transport.cf', 'sql-spliteddomains-transport.cf'].filter((file) => mapFiles.has(file));

  const parameters: Record<string, string> = {
    compatibility_level: '3.6',
    queue_directory: layout.queueDir,
    data_directory: layout.dataDir,
    maillog_file: layout.logFile,
    maillog_file_prefixes: layout.logPrefix,
    mail_owner: 'postfix',
    setgid_group: 'postdrop',
    myhostname: layout.hostname,
    myorigin: layout.hostname,
    mydestination: '',
    local_recipient_maps: '',
    local_transport: 'error:no local delivery here',
    alias_maps: '',
    alias_database: '',
    biff: 'no',
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    // 127.0.0.1 must stay outside, or permit_mynetworks would spare test clients every check
    mynetworks: '127.0.0.2/32',
    default_transport: `smtp:[127.0.0.1]:${layout.ports.sink}`,
    relay_transport: `smtp:[127.0.0.1]:${layout.ports.sink}`,
    smtp_bind_address: '127.0.0.1',
    smtp_bind_address_enforce: 'yes',
    smtp_dns_support_level: 'disabled',
    smtp_host_lookup: 'native',
    smtpd_peername_lookup: 'no',
    notify_classes: '',
    minimal_backoff_time: '2s',
    maximal_backoff_time: '4s',
    queue_run_delay: '2s',

    virtual_transport: layout.smtpUtf8 === 'two-hop' ? `smtp:[127.0.0.1]:${layout.ports.inner}` : dovecotLmtp,
    address_verify_virtual_transport: dovecotLmtp,
    ...Object.fromEntries(
      Object.entries(parameterOfMap)
        .filter(([, file]) => mapFiles.has(file))
        .map(([parameter, file]) => [parameter, table(file)]),
    ),
    ...(transports.length === 0 ? {} : { transport_maps: transports.map(table).join(' ') }),
    recipient_delimiter: '+',

    // an smtpd that has no SASL ignores reject_sender_login_mismatch, so SASL is on everywhere
    smtpd_sasl_type: 'dovecot',
    smtpd_sasl_path: 'private/auth',
    smtpd_sasl_auth_enable: 'yes',
    smtpd_tls_cert_file: layout.cert,
    smtpd_tls_key_file: layout.key,
    smtpd_tls_security_level: 'may',
    smtpd_sender_restrictions: 'reject_sender_login_mismatch',
    smtpd_relay_restrictions: 'permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination',
    smtpd_recipient_restrictions: [
      ...access('sql-maintain.cf'),
      ...access('sql-relay-recipient-verification.cf'),
      'permit_mynetworks',
      'reject_unauth_destination',
      'reject_unverified_recipient',
    ].join(', '),
    ...(layout.smtpUtf8 === 'strip' ? { smtpd_command_filter: `regexp:${layout.commandFilterFile}` } : {}),
    // the default also has `verify`: a probe for a UTF-8 address would be marked and fail like the mail itself
    ...(layout.smtpUtf8 === 'plain' ? {} : { smtputf8_autodetect_classes: 'sendmail' }),
    smtpd_error_sleep_time: '0',
    smtpd_client_connection_rate_limit: '0',

    unverified_recipient_reject_code: '550',
    unverified_recipient_reject_reason: 'No such user here',
    address_verify_map: 'btree:$data_directory/verify_cache',
    ...extra,
    ...quickVerification,
  };
  if (layout.quotaStatus) {
    const { smtpd_recipient_restrictions: restrictions } = parameters;
    parameters.smtpd_recipient_restrictions = `${restrictions}, check_policy_service unix:private/quota-status`;
  }
  return Object.entries(parameters)
    .map(([name, value]) => `${name} =${value === '' ? '' : ` ${value}`}\n`)
    .join('');
}

/** Internal services: name, type, private, unprivileged, chroot, wakeup, process limit, program. Never in a chroot. */
const internalServices = [
  'pickup unix n - n 60 1 pickup',
  'cleanup unix n - n - 0 cleanup',
  'qmgr unix n - n 300 1 qmgr',
  'tlsmgr unix - - n 1000? 1 tlsmgr',
  'rewrite unix - - n - - trivial-rewrite',
  'bounce unix - - n - 0 bounce',
  'defer unix - - n - 0 bounce',
  'trace unix - - n - 0 bounce',
  'verify unix - - n - 1 verify',
  'flush unix n - n 1000? 0 flush',
  'proxymap unix - - n - - proxymap',
  'proxywrite unix - - n - 1 proxymap',
  'smtp unix - - n - - smtp',
  'relay unix - - n - - smtp',
  'lmtp unix - - n - - lmtp',
  'showq unix n - n - - showq',
  'error unix - - n - - error',
  'retry unix - - n - - error',
  'discard unix - - n - - discard',
  'anvil unix - - n - 1 anvil',
  'scache unix - - n - 1 scache',
  // without it maillog_file stays empty
  'postlog unix-dgram n - n - 1 postlogd',
];

/**
 * master.cf of the rig: the public port, submission (authenticated clients only) and a trusted port without any
 * check, for the application's own notices and for what Dovecot's sieve sends.
 */
export function masterCf(layout: PostfixLayout, extra: readonly string[] = []): string {
  const { ports } = layout;
  const inner = [
    `127.0.0.1:${ports.inner} inet n - n - - smtpd`,
    '  -o syslog_name=postfix/inner',
    // goes around virtual_transport, which would lead back here
    `  -o content_filter=${dovecotLmtp}`,
    '  -o receive_override_options=no_address_mappings,no_unknown_recipient_checks,no_header_body_checks,no_milters',
    `  -o smtpd_command_filter=regexp:${layout.commandFilterFile}`,
    '  -o mynetworks=127.0.0.0/8',
    '  -o smtpd_sasl_auth_enable=no',
    '  -o smtpd_sender_restrictions=',
    '  -o smtpd_recipient_restrictions=',
  ];
  return [
    `127.0.0.1:${ports.smtp} inet n - n - - smtpd`,
    // a process remembers what became of an address as long as it lives, up to a hundred connections
    '  -o max_use=1',
    `127.0.0.1:${ports.submission} inet n - n - - smtpd`,
    '  -o syslog_name=postfix/submission',
    '  -o smtpd_tls_auth_only=no',
    '  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject',
    '  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject',
    '  -o smtpd_sender_restrictions=reject_sender_login_mismatch',
    `127.0.0.1:${ports.trusted} inet n - n - - smtpd`,
    '  -o syslog_name=postfix/trusted',
    '  -o mynetworks=127.0.0.0/8',
    '  -o smtpd_sasl_auth_enable=no',
    '  -o smtpd_sender_restrictions=',
    '  -o smtpd_recipient_restrictions=',
    ...(layout.smtpUtf8 === 'two-hop' ? inner : []),
    ...internalServices,
    ...extra,
    '',
  ].join('\n');
}
