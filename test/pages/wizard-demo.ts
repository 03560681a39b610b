import { domainWizard } from '@posthorn/admin/contract';
import { defineExtension, field, messages, migration, wizardStep } from '@posthorn/sdk';

const t = messages('onward');

/** Set to let the step fail when everything else has been saved. */
export const mood = { fails: false };

/** A neighbour whose step belongs to relay domains only: the server that their mail is handed on to. */
export const onward = defineExtension({
  id: 'onward',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Onward',
  requires: { admin: '^0.1.0' },
  claims: { tables: ['onward_server'] },
  migrations: [
    migration({
      name: 'onward/0001-initial',
      up: (d) =>
        d.createTable('onward_server', {
          columns: { domain_id: { type: 'integer', primary: true }, host: { type: 'string(254)' } },
        }),
      down: (d) => d.dropTable('onward_server'),
    }),
  ],
  contributes: [
    wizardStep(domainWizard, {
      id: 'onward',
      title: t('Next server'),
      onlyIf: { step: 'general', field: 'type', is: ['relaydomain'] },
      shape: {
        host: field.string({ label: t('Server'), help: t('Mail is handed on to it.'), min: 1 }),
        note: field.string({ label: t('Remark') }).default(''),
      },
      load: async () => ({}),
      validate: ({ host }) => (host === 'nowhere' ? [{ path: 'host', message: t('does not answer') }] : []),
      async save({ host }, { subject, context }) {
        await context.data.execute('insert into onward_server (domain_id, host) values (?, ?)', [subject?.pk, host]);
        if (mood.fails) throw new Error('the wire is cut');
        return undefined;
      },
    }),
  ],
});
