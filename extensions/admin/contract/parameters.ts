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
  },
  {
    title: t('Administration'),
    conditions: {
      mailboxes_root: { field: 'handle_mailboxes', is: [true] },
      mailboxes_owner: { field: 'handle_mailboxes', is: [true] },
    },
    check: (v) =>
      v.handle_mailboxes && v.mailboxes_root === ''
        ? [{ path: 'handle_mailboxes', message: t('The folder of the mailboxes must be set first.') }]
        : [],
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
    ],
  },
);
