import { field, importer, messages, z } from '@posthorn/sdk';
import { relayDomains } from '../contract/services.js';

const t = messages('relaydomains');

/** Whatever is none of these means no. */
const YES = new Set(['true', '1', 'yes', 'y']);
const flag = z.string().transform((cell) => YES.has(cell.toLowerCase()));

/** Seven columns with the kind. The service is there for the reference's sake: it is always `relay`. */
export const relayDomainRows = importer({
  kind: 'relaydomain',
  title: t('Relay domains'),
  permission: 'relaydomains.add_relaydomain',
  columns: {
    name: field.string({ label: t('Name'), min: 1, max: 320 }),
    target_host: field.string({ label: t('Server'), min: 1, max: 255 }),
    target_port: field.integer({ label: t('Port'), min: 1, max: 65_535 }),
    service: field.string({ label: t('Service'), max: 30 }),
    enabled: flag,
    verify_recipients: flag,
  },
  run: async ({ service: _service, ...domain }, { context, actor }) => {
    await context.get(relayDomains).create(actor, domain);
  },
});
