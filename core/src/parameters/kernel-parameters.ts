import { field, messages, parameters } from '@posthorn/sdk';
import { carriesWhite, ENOUGH, shownContrast } from './colour.js';

const t = messages('host');

/** What the style sheet has by itself. */
export const DEFAULT_COLOUR = '#1f62cf';

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
    check: ({ instance_color: colour }) =>
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
          ],
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
      { title: t('Miscellaneous'), fields: ['log_maximum_age', 'audit_maximum_age'] },
    ],
  },
);
