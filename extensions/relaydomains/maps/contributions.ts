import { postfixSetting } from '@posthorn/admin/contract';
import { type Contribution, mapFile, messages } from '@posthorn/sdk';
import { acceptanceQuery, relayDomainsQuery, splitDomainsQuery, verificationQuery } from './queries.js';

const t = messages('relaydomains');
const set = 'maps';

const FILES = {
  domains: 'sql-relaydomains.cf',
  split: 'sql-spliteddomains-transport.cf',
  verification: 'sql-relay-recipient-verification.cf',
  acceptance: 'sql-relay-recipient-acceptance.cf',
} as const;

const access = (file: string) =>
  postfixSetting({
    name: 'smtpd_recipient_restrictions',
    value: (table) => `check_recipient_access ${table(file)}`,
  });

/** Lookup tables for Postfix. File names and their meaning are the reference's, but for the last. */
export const relayMaps: readonly Contribution[] = [
  mapFile({ set, name: FILES.domains, summary: t('Domains whose mail is handed on'), query: relayDomainsQuery }),
  mapFile({ set, name: FILES.split, summary: t('Mailboxes here in relay domains'), query: splitDomainsQuery }),
  mapFile({
    set,
    name: FILES.verification,
    summary: t('Relay domains whose recipients are verified'),
    query: verificationQuery,
  }),
  mapFile({
    set,
    name: FILES.acceptance,
    summary: t('Relay domains whose recipients are not verified'),
    query: acceptanceQuery,
  }),
  postfixSetting({ name: 'relay_domains', value: (table) => table(FILES.domains) }),
  postfixSetting({ name: 'transport_maps', value: (table) => table(FILES.split) }),
  access(FILES.verification),
  access(FILES.acceptance),
];
