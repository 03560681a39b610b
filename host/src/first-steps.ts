import type { NextStep } from '@posthorn/core';

/** What the front page tells the administrator of a fresh installation to do. */
export const FIRST_STEPS: readonly NextStep[] = [
  {
    title: 'Make a domain and a mailbox',
    text: 'Use names of your own. The password is made up and shown once, unless you give one.',
    commands: ['posthorn domain create example.org', 'posthorn account create anna@example.org'],
    extension: 'admin',
  },
  {
    title: 'Let Postfix and Dovecot read them',
    text: 'Both look everything up in the database, through files that Posthorn writes for them.',
    commands: [
      'posthorn maps write /etc/postfix/posthorn',
      'posthorn dovecot write /etc/dovecot/posthorn --mail-home /srv/vmail --uid 5000 --gid 5000',
    ],
    extension: 'admin',
  },
  {
    title: 'Check the installation',
    text: 'Says what is missing or does not fit together, and what to do about it.',
    commands: ['posthorn check'],
  },
  {
    title: 'Find out more',
    text: 'Every command explains itself. Setting up a mail host is described step by step in docs/operators of the project.',
    commands: ['posthorn --help', 'posthorn extension list'],
  },
];
