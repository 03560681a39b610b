import { type Contribution, fileSet, generatedFile, mapFile, messages } from '@posthorn/sdk';
import { dovecotFiles } from '../dovecot/contributions.js';
import { aliasesQuery } from './aliases-query.js';
import { domainAliasesQuery } from './domain-aliases-query.js';
import { domainsQuery } from './domains-query.js';
import { mainCfExample } from './main-cf-example.js';
import { maintainQuery } from './maintain-query.js';
import { senderLoginQuery } from './sender-login-query.js';

const t = messages('admin');
const set = 'maps';

/** Lookup tables for Postfix. File names and their meaning are the reference's; a `main.cf` may name them already. */
export const postfixFiles: readonly Contribution[] = [
  fileSet({
    id: set,
    title: t('Postfix lookup tables'),
    summary: t('Write the lookup tables that Postfix reads'),
    checksumFile: 'modoboa-postfix-maps.chk',
    group: 'postfix',
    examples: ['maps write /etc/postfix/posthorn', 'maps write /etc/postfix/posthorn --force'],
    afterwards: (_options, directory) => [
      t('Settings for main.cf that use these files are in {{file}}.', {
        file: `${directory}/posthorn-main.cf.example`,
      }),
      t('Postfix notices changed files by itself; after changing main.cf run: postfix reload'),
    ],
  }),
  mapFile({ set, name: 'sql-domains.cf', summary: t('Domains whose mail is kept here'), query: domainsQuery }),
  mapFile({ set, name: 'sql-domain-aliases.cf', summary: t('Other names of domains'), query: domainAliasesQuery }),
  mapFile({ set, name: 'sql-aliases.cf', summary: t('Recipients of an address'), query: aliasesQuery }),
  mapFile({ set, name: 'sql-maintain.cf', summary: t('Mailboxes that are being moved'), query: maintainQuery }),
  mapFile({ set, name: 'sql-sender-login-map.cf', summary: t('Who may send as an address'), query: senderLoginQuery }),
  generatedFile({
    set,
    name: 'posthorn-main.cf.example',
    summary: t('Settings for main.cf'),
    mode: 'public',
    comment: '#',
    render: mainCfExample,
  }),
];

/** Everything that is written for mail servers. */
export const mailServerFiles: readonly Contribution[] = [...postfixFiles, ...dovecotFiles];
