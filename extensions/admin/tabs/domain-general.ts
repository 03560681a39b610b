import { field, formTab, messages } from '@posthorn/sdk';
import { DOMAIN_TYPES } from '../contract/domain.js';
import { domainEditor } from '../contract/forms.js';
import { domains } from '../contract/services.js';
import { adminParameters } from '../parameters.js';

const t = messages('admin');

/** What the domain itself is: the first tab, so that the others find the domain that it made. */
export const domainGeneral = formTab(
  domainEditor,
  {
    id: 'general',
    title: t('General'),
    shape: {
      name: field.hostname({ label: t('Name'), help: t('For instance example.org.') }),
      type: field
        .choice({
          label: t('Type'),
          help: t('Mail for a relay domain is handed on to another server.'),
          choices: DOMAIN_TYPES,
          labels: { domain: t('Domain'), relaydomain: t('Relay domain') },
        })
        .default('domain'),
      enabled: field.boolean({ label: t('Enabled'), help: t('Mail for a disabled domain is refused.') }).default(true),
      quota: field.size({ label: t('Quota'), help: t('Shared by the mailboxes; 0 is no limit') }).default(0),
      default_mailbox_quota: field
        .size({
          label: t('Default mailbox quota'),
          help: t('For mailboxes without a quota of their own; 0 is no limit'),
        })
        .default(0),
    },
    sections: [
      { title: t('Domain'), fields: ['name', 'type', 'enabled'] },
      { title: t('Storage'), text: t('Sizes take a unit: 500M, 2G, 1T.'), fields: ['quota', 'default_mailbox_quota'] },
    ],
    async load({ subject, context }) {
      if (subject !== undefined) {
        const { name, type, enabled, quota, default_mailbox_quota } = subject;
        return { name, type, enabled, quota, default_mailbox_quota };
      }
      const defaults = await context.parameters(adminParameters);
      return {
        type: 'domain',
        enabled: true,
        quota: defaults.default_domain_quota,
        default_mailbox_quota: defaults.default_mailbox_quota,
      };
    },
    async save(values, { actor, subject, context }) {
      const service = context.get(domains);
      return subject === undefined ? service.create(actor, values) : service.update(actor, subject.pk, values);
    },
  },
  { order: -100 },
);
