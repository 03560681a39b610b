import { type FormTabDefinition, field, formTab, messages, wizardStep } from '@posthorn/sdk';
import { parseDomainName } from '../addresses.js';
import { DOMAIN_TYPES } from '../contract/domain.js';
import { domainEditor, domainWizard } from '../contract/forms.js';
import { adminParameters } from '../contract/parameters.js';
import { domains } from '../contract/services.js';
import type { DomainView } from '../contract/views.js';
import { requireFreeNames } from '../services/names-taken.js';

const t = messages('admin');

const shape = {
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
};

/** What the domain itself is: the first tab, so that the others find the domain that it made. */
const general: FormTabDefinition<DomainView, typeof shape> = {
  id: 'general',
  title: t('General'),
  shape,
  sections: [
    { title: t('Domain'), fields: ['name', 'type', 'enabled'] },
    {
      title: t('Storage'),
      text: t('Sizes take a unit: 500 MB, 2G, 1.5 GiB.'),
      fields: ['quota', 'default_mailbox_quota'],
    },
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
  async validate({ name }, { subject, context }) {
    // Said here already, so that a wizard says it before the next step.
    if (subject === undefined)
      await requireFreeNames(context, [parseDomainName(name, { field: 'name' })], { field: 'name' });
    return [];
  },
  async save(values, { actor, subject, context }) {
    const service = context.get(domains);
    return subject === undefined ? service.create(actor, values) : service.update(actor, subject.pk, values);
  },
};

export const domainGeneral = [
  formTab(domainEditor, general, { order: -100 }),
  wizardStep(domainWizard, general, { order: -100 }),
];
