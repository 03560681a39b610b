/** What Dovecot 2.3 needs to sign people in, to find their mail and to keep count of it. */
import { type Contribution, fileSet, generatedFile, messages } from '@posthorn/sdk';
import { dictConf } from './dict-conf.js';
import { mainConf } from './main-conf.js';
import { dovecotOptions } from './options.js';
import { credentialsFile, postLoginScript } from './post-login.js';
import { sqlConf } from './sql-conf.js';
import { systemUserName } from './system-user.js';

const t = messages('admin');
const set = 'dovecot';

export const dovecotFiles: readonly Contribution[] = [
  fileSet({
    id: set,
    title: t('Dovecot configuration'),
    summary: t('Write the configuration that lets Dovecot use the database'),
    checksumFile: 'posthorn-dovecot.chk',
    group: 'dovecot',
    options: dovecotOptions,
    examples: [
      'dovecot write /etc/dovecot/posthorn --mail-home /srv/vmail --uid 5000 --gid 5000',
      'dovecot write /etc/dovecot/posthorn --mail-home /srv/vmail --uid 5000 --gid 5000 --sieve --force',
    ],
    afterwards: ({ uid }, directory) => [
      ...(systemUserName(uid) === undefined
        ? [t('No user of this machine has the id {{uid}}: create it, or Dovecot will not start.', { uid })]
        : []),
      t('Add this line at the end of dovecot.conf: {{line}}', { line: `!include ${directory}/posthorn-dovecot.conf` }),
      t('Remove other passdb and userdb blocks, then run: doveadm reload'),
    ],
  }),
  generatedFile({
    set,
    name: 'dovecot-sql.conf.ext',
    summary: t('Sign-in, home directories and quotas'),
    mode: 'secret',
    comment: '#',
    render: sqlConf,
  }),
  generatedFile({
    set,
    name: 'dovecot-dict-sql.conf.ext',
    summary: t('Where quota usage is kept'),
    mode: 'secret',
    comment: '#',
    render: dictConf,
  }),
  generatedFile({
    set,
    name: 'posthorn-postlogin.sh',
    summary: t('Records the last sign-in'),
    mode: 'program',
    comment: '#',
    firstLine: '#!/bin/sh',
    render: postLoginScript,
  }),
  generatedFile({
    set,
    name: 'posthorn-postlogin.credentials',
    summary: t('How the post-login script reaches the database'),
    mode: 'secret',
    comment: '#',
    render: credentialsFile,
  }),
  generatedFile({
    set,
    name: 'posthorn-dovecot.conf',
    summary: t('To be included by dovecot.conf'),
    mode: 'public',
    comment: '#',
    render: mainConf,
  }),
];
