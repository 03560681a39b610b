import { type Contribution, letterTemplate, messages } from '@posthorn/sdk';

const t = messages('admin');

const installation = t('Address of the pages');

/** Letters of this extension, as they are shipped. */
export const adminLetters: readonly Contribution[] = [
  letterTemplate({
    id: 'new-account',
    title: t('To the owner of a new account'),
    subject: t('Your account {{username}}'),
    text: t(`Hello {{name}},

an account was made for you: {{username}}

{{password}}

You sign in here: {{installation}}`),
    placeholders: {
      username: t('Name to sign in with'),
      name: t('First and last name, or the name to sign in with'),
      password: t('The password, or how to get it'),
      installation,
    },
  }),
  letterTemplate({
    id: 'quota-warning',
    title: t('To the owner of a mailbox that is nearly full'),
    subject: t('Your mailbox is {{percent}} % full'),
    text: t(`Hello,

the mailbox {{address}} uses {{used}} of {{quota}}, that is {{percent}} %. When it is full, no more mail arrives.

Please delete what you no longer need, or ask your administrator for more room.`),
    placeholders: {
      address: t('Address of the mailbox'),
      used: t('What is used'),
      quota: t('What may be used'),
      percent: t('What is used, in percent'),
    },
  }),
  letterTemplate({
    id: 'domain-quota-warning',
    title: t('To the administrators of a domain that is nearly full'),
    subject: t('The domain {{domain}} is {{percent}} % full'),
    text: t(`Hello,

the mailboxes of {{domain}} together use {{used}} of {{quota}}, that is {{percent}} %.

{{installation}}`),
    placeholders: {
      domain: t('Name of the domain'),
      used: t('What is used'),
      quota: t('What may be used'),
      percent: t('What is used, in percent'),
      installation,
    },
  }),
  letterTemplate({
    id: 'quota-summary',
    title: t('To administrators, about full mailboxes and domains'),
    subject: t('Nearly full: {{count}}'),
    text: t(`Hello,

these have come above a threshold of their quota:

{{list}}

{{installation}}`),
    placeholders: {
      count: t('How many there are'),
      list: t('A line for each'),
      installation,
    },
  }),
];
