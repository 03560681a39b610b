import { type DomainView, domainEditor, domainWizard } from '@posthorn/admin/contract';
import { type FormTabDefinition, field, formTab, messages, wizardStep } from '@posthorn/sdk';
import { routes } from '@posthorn/transport/contract';
import { relayDomains } from '../contract/services.js';

const t = messages('relaydomains');

const shape = {
  target_host: field.string({
    label: t('Server'),
    help: t('A host name or an address, IPv4 or IPv6, without brackets.'),
    min: 1,
    max: 255,
  }),
  target_port: field.integer({ label: t('Port'), min: 1, max: 65_535 }).default(25),
  verify_recipients: field
    .boolean({
      label: t('Verify recipients'),
      help: t('Asks the server whether a recipient exists before mail is taken.'),
    })
    .default(false),
};

/** Where the mail of a relay domain goes: a tab of the domain, and a step of its wizard. */
const relay: FormTabDefinition<DomainView, typeof shape> = {
  id: 'relay',
  title: t('Handing on'),
  shape,
  sections: [
    {
      title: t('Next server'),
      text: t('Mailboxes of the domain that are here keep their mail; all else is handed on.'),
      fields: ['target_host', 'target_port', 'verify_recipients'],
    },
  ],
  onlyIf: { step: 'general', field: 'type', is: ['relaydomain'] },
  when: ({ actor, subject }) =>
    actor.can(subject === undefined ? 'relaydomains.add_relaydomain' : 'relaydomains.change_relaydomain'),
  async load({ subject, context }) {
    const found = subject && (await context.get(routes).of([subject.pk])).get(subject.pk);
    return found?.service === 'relay' ? found.settings : {};
  },
  async save(values, { actor, subject, context }) {
    if (subject !== undefined) await context.get(relayDomains).setTarget(actor, subject.pk, values);
    return undefined;
  },
};

export const relayTabs = [formTab(domainEditor, relay), wizardStep(domainWizard, relay)];
