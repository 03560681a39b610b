import { postfixSetting } from '@posthorn/admin/contract';
import { type Contribution, generatedFile, mapFile, messages } from '@posthorn/sdk';
import { smarthostPasswords } from './smarthost-passwords.js';
import { senderTransportQuery, transportQuery } from './transport-query.js';

const t = messages('transport');
const set = 'maps';
const PASSWORDS = 'posthorn-smarthost-passwords';

export const transportMaps: readonly Contribution[] = [
  mapFile({ set, name: 'sql-transport.cf', summary: t('Where mail is handed on to'), query: transportQuery }),
  mapFile({
    set,
    name: 'sql-sender-transport.cf',
    summary: t('Where mail of a sender is handed on to'),
    query: senderTransportQuery,
  }),
  generatedFile({
    set,
    name: PASSWORDS,
    summary: t('Names and passwords for smarthosts'),
    mode: 'secret',
    comment: '#',
    render: smarthostPasswords,
  }),
  postfixSetting({ name: 'transport_maps', value: (table) => table('sql-transport.cf') }),
  postfixSetting({
    name: 'sender_dependent_default_transport_maps',
    value: (table) => table('sql-sender-transport.cf'),
    note: [
      'Smarthosts need this service in master.cf. Written passwords count from the next `posthorn maps write` and',
      '`postfix reload` on:',
      '  smarthost unix - - n - - smtp',
      '    -o smtp_sasl_auth_enable=yes -o smtp_sender_dependent_authentication=yes',
      '    -o smtp_sasl_security_options=noanonymous -o smtp_tls_security_level=encrypt',
      `    -o smtp_sasl_password_maps=texthash:DIR/${PASSWORDS}`,
    ].join('\n'),
  }),
];
