import { field, type Issue, messages, parameters } from '@posthorn/sdk';
import { isAddress } from '../letters/address.js';
import { carriesWhite, ENOUGH, shownContrast } from './colour.js';

const t = messages('host');

/** What the style sheet has by itself. */
export const DEFAULT_COLOUR = '#1f62cf';

const colourIssues = (colour: string): readonly Issue[] =>
  carriesWhite(colour)
    ? []
    : [
        {
          path: 'instance_color',
          message: t('is too light: white text on it has a contrast of {{ratio}}:1, and needs {{enough}}:1', {
            ratio: shownContrast(colour),
            enough: ENOUGH,
          }),
        },
      ];

interface LetterValues {
  readonly smtp_host: string;
  readonly sender_address: string;
  readonly reply_to: string;
  readonly administrator_addresses: readonly string[];
}

function letterIssues(v: LetterValues): readonly Issue[] {
  const message = t('is not an e-mail address');
  const wrong = (['sender_address', 'reply_to'] as const).filter((path) => v[path] !== '' && !isAddress(v[path]));
  return [
    ...wrong.map((path) => ({ path, message })),
    ...(v.administrator_addresses.every(isAddress) ? [] : [{ path: 'administrator_addresses', message }]),
    ...(v.smtp_host !== '' && v.sender_address === ''
      ? [{ path: 'sender_address', message: t('is needed to send letters') }]
      : []),
  ];
}

/** What the installation is called, how passwords are made and judged. Names are the reference's where it has them. */
export const kernelParameters = parameters(
  'core',
  'global',
  {
    instance_name: field
      .string({ label: t('Name'), help: t('Shown above every page and in its title.'), min: 1, max: 60 })
      .default('Posthorn'),
    instance_color: field
      .colour({
        label: t('Colour'),
        help: t('Of buttons, like #1f62cf. White text must be readable on it.'),
      })
      .default(DEFAULT_COLOUR),
    password_scheme: field
      .choice({
        label: t('Password scheme'),
        help: t('New passwords are stored this way. Stored ones keep working; they change at the next sign-in.'),
        choices: ['argon2id', 'sha512crypt', 'sha256crypt', 'blfcrypt'],
      })
      .default('argon2id'),
    rounds_number: field
      .integer({ label: t('Rounds'), help: t('For sha512crypt and sha256crypt.'), min: 1_000, max: 1_000_000 })
      .default(70_000),
    update_scheme: field
      .boolean({
        label: t('Update at sign-in'),
        help: t('Store a password anew at sign-in when its scheme is no longer the chosen one.'),
      })
      .default(true),
    random_password_length: field.integer({ label: t('Length of random passwords'), min: 8, max: 128 }).default(16),
    password_min_length: field.integer({ label: t('Shortest password'), min: 1, max: 128 }).default(8),
    password_digits: field.integer({ label: t('Digits, at least'), min: 0, max: 32 }).default(1),
    password_lowercase: field.integer({ label: t('Lower-case letters, at least'), min: 0, max: 32 }).default(1),
    password_uppercase: field.integer({ label: t('Upper-case letters, at least'), min: 0, max: 32 }).default(1),
    password_special: field.integer({ label: t('Special characters, at least'), min: 0, max: 32 }).default(0),
    smtp_host: field
      .string({
        label: t('Server for outgoing mail'),
        help: t('Host name or IP address. Without it Posthorn itself sends no letters.'),
        max: 255,
        pattern: /^[\p{L}\p{N}.:_-]*$/u,
      })
      .default(''),
    smtp_port: field.integer({ label: t('Port'), min: 1, max: 65_535 }).default(25),
    smtp_encryption: field
      .choice({
        label: t('Encryption'),
        choices: ['none', 'starttls', 'tls'],
        labels: { none: t('None'), starttls: 'STARTTLS', tls: 'TLS' },
      })
      .default('none'),
    smtp_verify: field
      .boolean({
        label: t('Check the certificate'),
        help: t('Off only for a server on this machine that made its certificate itself.'),
      })
      .default(true),
    smtp_user: field.string({ label: t('User'), help: t('Empty: without signing in.'), max: 254 }).default(''),
    smtp_password: field.secret({ label: t('Password') }).default(''),
    sender_address: field
      .string({ label: t('Sender address'), help: t('What letters come from, and where answers go.'), max: 254 })
      .default(''),
    reply_to: field
      .string({
        label: t('Reply address'),
        help: t('Where answers go instead. Empty: to the sender address.'),
        max: 254,
      })
      .default(''),
    letter_maximum_age: field
      .integer({ label: t('Try letters again for'), unit: 'hours', min: 1, max: 336 })
      .default(48),
    administrator_addresses: field
      .list(field.email({ label: t('Address') }), {
        label: t('Addresses of administrators'),
        help: t('For letters to administrators. Empty: every super administrator who has an address.'),
        max: 20,
      })
      .default([]),
    job_failure_letters: field
      .boolean({
        label: t('Letters about failed jobs'),
        help: t('To administrators, once a day for each kind of job.'),
      })
      .default(true),
    log_maximum_age: field.integer({ label: t('Keep logs'), unit: 'days', min: 1, max: 36_500 }).default(365),
    audit_maximum_age: field
      .integer({
        label: t('Keep the audit'),
        help: t('0 keeps it for ever.'),
        unit: 'days',
        min: 0,
        max: 36_500,
      })
      .default(0),
  },
  {
    title: t('General'),
    conditions: { smtp_verify: { field: 'smtp_encryption', is: ['starttls', 'tls'] } },
    check: (v) => [...colourIssues(v.instance_color), ...letterIssues(v)],
    sections: [
      { title: t('Appearance'), fields: ['instance_name', 'instance_color'] },
      {
        title: t('Authentication'),
        fields: [
          'password_scheme',
          'rounds_number',
          'update_scheme',
          'random_password_length',
          'password_min_length',
          'password_digits',
          'password_lowercase',
          'password_uppercase',
          'password_special',
        ],
      },
      {
        title: t('Outgoing mail'),
        fields: [
          'smtp_host',
          'smtp_port',
          'smtp_encryption',
          'smtp_verify',
          'smtp_user',
          'smtp_password',
          'sender_address',
          'reply_to',
          'letter_maximum_age',
          'administrator_addresses',
          'job_failure_letters',
        ],
      },
      { title: t('Miscellaneous'), fields: ['log_maximum_age', 'audit_maximum_age'] },
    ],
  },
);
