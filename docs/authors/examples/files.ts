import { domains } from '@posthorn/admin/contract';
import { defineExtension, field, fileSet, generatedFile, mapFile, messages } from '@posthorn/sdk';

const t = messages('acme-greylist');
const set = 'acme-greylist';

export const files = [
  fileSet({
    id: set,
    title: t('Files of the greylist'),
    summary: t('Write what the greylist daemon reads'),
    checksumFile: 'acme-greylist.chk',
    group: 'postfix',
    options: { delay: field.integer({ label: t('Seconds of delay'), min: 1 }).default(300) },
    examples: ['acme-greylist write /etc/greylist --delay 60'],
    afterwards: ({ delay }) => [t('Reload the daemon; it delays by {{delay}} seconds.', { delay })],
  }),
  mapFile({
    set,
    name: 'greylist-domains.cf',
    summary: t('Domains that are greylisted'),
    query: {
      sqlite: `SELECT name FROM admin_domain WHERE name = '%s' AND enabled = 1`,
      postgresql: `SELECT name FROM admin_domain WHERE name = '%s' AND enabled`,
      mariadb: `SELECT name FROM admin_domain WHERE name = '%s' AND enabled = 1`,
    },
  }),
  generatedFile({
    set,
    name: 'greylist.conf',
    summary: t('Settings of the daemon'),
    mode: 'public',
    comment: '#',
    render: async ({ options, context }) => {
      const names: string[] = [];
      for await (const { name } of context.get(domains).list(context.system)) names.push(name);
      return `delay = ${options['delay']}\ndomains = ${names.join(' ')}\n`;
    },
  }),
];

export default defineExtension({
  id: 'acme-greylist',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: t('Greylist'),
  requires: { admin: '^0.1.0' },
  contributes: files,
});
