/**
 * Names that versions of the reference know in what they answer or take, and that there is no use for here: clients may
 * send them, and nobody looks at them.
 */
const common = ['pk', 'id', 'creation', 'last_modification'];

export const ignoredOfDomains = [
  ...common,
  'dkim_public_key',
  'dkim_private_key_path',
  'mailbox_count',
  'mbalias_count',
  'domainalias_count',
  'allocated_quota_in_percent',
  'quota_in_percent',
  'opened_alarms_count',
  'sent_messages',
  'sent_messages_in_percent',
  'message_limit',
  'dns_global_status',
  'last_dns_check_execution',
  'resources',
  'transport',
  'domain_admin',
];
export const ignoredOfDomainAliases = common;
export const ignoredOfAccounts = [
  ...common,
  'date_joined',
  'last_login',
  'email',
  'tfa_enabled',
  'totp_enabled',
  'webauthn_enabled',
  'resources',
];
export const ignoredOfMailboxes = ['pk', 'id', 'message_limit', 'is_send_only', 'quota_usage'];
export const ignoredOfAliases = [...common, 'internal', 'type', 'domain'];
export const ignoredOfSenderAddresses = common;
