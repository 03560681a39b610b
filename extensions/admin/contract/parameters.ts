import { field, messages, parameters } from '@posthorn/sdk';

const t = messages('admin');

/** What an administrator sets once for all domains and mailboxes. Names are the reference's. */
export const adminParameters = parameters(
  'admin',
  'global',
  {
    default_domain_quota: field
      .size({ label: t('Default domain quota'), help: t('For new domains; 0 means without limit.') })
      .default(0),
    default_mailbox_quota: field
      .size({ label: t('Default mailbox quota'), help: t('For new domains; 0 means without limit.') })
      .default(0),
    handle_mailboxes: field
      .boolean({
        label: t('Handle directories of mailboxes'),
        help: t('Rename and delete them on disk together with the mailbox.'),
      })
      .default(false),
    mailboxes_root: field
      .string({
        label: t('Folder of the mailboxes'),
        help: t('As given to `posthorn dovecot write --mail-home`; mail lies in <folder>/<domain>/<local part>.'),
        max: 200,
        pattern: /^$|^\/(?!.*\/\.\.?(\/|$))[^"'%\\]*[^"'%\\/]$/,
      })
      .default(''),
    mailboxes_owner: field
      .string({
        label: t('Owner of mailboxes'),
        help: t('The system user that the directories belong to.'),
        min: 1,
        max: 32,
        pattern: /^[a-z_][a-z0-9_-]*$/,
      })
      .default('vmail'),
    trash_days: field
      .integer({
        label: t('Days in the trash'),
        help: t('What was deleted can be brought back for so long; 0 deletes at once.'),
        min: 0,
        max: 365,
      })
      .default(7),
    auto_account_removal: field
      .boolean({
        label: t('Remove accounts with their domain'),
        help: t('Deleting a domain deletes the accounts whose mailboxes lie in it.'),
      })
      .default(false),
    auto_create_domain_and_mailbox: field
      .boolean({
        label: t('Create domain and mailbox automatically'),
        help: t('When an account of another system signs in for the first time.'),
      })
      .default(true),
    create_alias_on_mbox_rename: field
      .boolean({
        label: t('Keep the old address as an alias'),
        help: t('When a mailbox is renamed and nothing else is said.'),
      })
      .default(false),
    quota_warnings: field
      .boolean({
        label: t('Warn of full mailboxes'),
        help: t('By a letter to their owners, and one with all of them to administrators.'),
      })
      .default(true),
    quota_warning_thresholds: field
      .list(field.string({ label: t('Threshold'), max: 3 }), {
        label: t('Thresholds'),
        help: t('In percent of the quota, such as 80 and 95. Each is told of once, until the use falls below it.'),
        max: 5,
      })
      .default(['80', '95']),
    default_password: field
      .secret({
        label: t('Default password'),
        help: t(
          'Of administrators that are made with a domain, where nothing else was typed. Whoever knows it can sign in as them.',
        ),
      })
      .default(''),
    account_letter_password: field
      .boolean({
        label: t('Password in letters about new accounts'),
        help: t('In clear: whoever reads the letter can sign in.'),
      })
      .default(false),
    enable_inactive_accounts: field
      .boolean({
        label: t('Watch for inactive accounts'),
        help: t('Accounts that nobody signs in to any more, on the pages or by IMAP and POP3.'),
      })
      .default(true),
    inactive_account_threshold: field
      .integer({ label: t('Inactive after'), unit: 'days', min: 1, max: 36_500 })
      .default(30),
    disable_inactive_accounts: field
      .boolean({
        label: t('Disable inactive accounts'),
        help: t('Every night, those of simple users. An administrator can enable them again.'),
      })
      .default(false),
  },
  {
    title: t('Administration'),
    conditions: {
      mailboxes_root: { field: 'handle_mailboxes', is: [true] },
      mailboxes_owner: { field: 'handle_mailboxes', is: [true] },
      quota_warning_thresholds: { field: 'quota_warnings', is: [true] },
      inactive_account_threshold: { field: 'enable_inactive_accounts', is: [true] },
      disable_inactive_accounts: { field: 'enable_inactive_accounts', is: [true] },
    },
    check: (v) => [
      ...(v.handle_mailboxes && v.mailboxes_root === ''
        ? [{ path: 'handle_mailboxes', message: t('The folder of the mailboxes must be set first.') }]
        : []),
      ...(v.quota_warning_thresholds.every((one) => /^(?:[1-9]\d?|100)$/.test(one))
        ? []
        : [{ path: 'quota_warning_thresholds', message: t('must be whole numbers from 1 to 100') }]),
    ],
    sections: [
      {
        title: t('Mailboxes'),
        fields: [
          'default_domain_quota',
          'default_mailbox_quota',
          'handle_mailboxes',
          'mailboxes_root',
          'mailboxes_owner',
          'trash_days',
          'auto_account_removal',
          'auto_create_domain_and_mailbox',
          'create_alias_on_mbox_rename',
        ],
      },
      { title: t('Warnings'), fields: ['quota_warnings', 'quota_warning_thresholds'] },
      {
        title: t('Accounts'),
        fields: [
          'default_password',
          'account_letter_password',
          'enable_inactive_accounts',
          'inactive_account_threshold',
          'disable_inactive_accounts',
        ],
      },
    ],
  },
);
