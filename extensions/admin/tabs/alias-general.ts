import { field, formTab, messages } from '@posthorn/sdk';
import { aliasEditor, randomAliasEditor } from '../contract/forms.js';
import { aliases } from '../contract/services.js';
import { randomAddress } from '../services/random-address.js';

const t = messages('admin');

const recipients = () =>
  field.list(field.string({ label: t('Recipient'), max: 320 }), {
    label: t('Recipients'),
    help: t('One address on each line.'),
  });
const options = () => ({
  description: field.text({ label: t('Description') }).default(''),
  expire_at: field
    .timestamp({ label: t('Expires'), help: t('From then on mail to the address is refused. In UTC.') })
    .optional(),
});

/** An alias and where it sends to. */
export const aliasGeneral = formTab(
  aliasEditor,
  {
    id: 'general',
    title: t('General'),
    shape: {
      address: field.string({
        label: t('Address'),
        help: t('*@example.org catches everything that has no other place in the domain.'),
        min: 1,
        max: 320,
      }),
      recipients: recipients(),
      enabled: field.boolean({ label: t('Enabled') }).default(true),
      ...options(),
    },
    sections: [
      { title: t('Alias'), fields: ['address', 'recipients'] },
      { title: t('Options'), fields: ['enabled', 'expire_at', 'description'] },
    ],
    async load({ subject }) {
      if (subject === undefined) return { enabled: true };
      const { address, recipients, enabled, description, expire_at } = subject;
      return {
        address,
        recipients: [...recipients] as string[],
        enabled,
        description,
        ...(expire_at === null ? {} : { expire_at: new Date(expire_at) }),
      };
    },
    async save({ expire_at, ...rest }, { actor, subject, context }) {
      const values = { ...rest, expire_at: expire_at ?? null };
      const service = context.get(aliases);
      return subject === undefined ? service.create(actor, values) : service.update(actor, subject.pk, values);
    },
  },
  { order: -100 },
);

/** An alias whose address nobody guesses. */
export const aliasRandom = formTab(randomAliasEditor, {
  id: 'general',
  title: t('General'),
  shape: {
    domain: field.string({ label: t('Domain'), help: t('20 random characters are put before it.'), min: 1, max: 255 }),
    recipients: recipients(),
    ...options(),
  },
  sections: [
    { title: t('Alias'), fields: ['domain', 'recipients'] },
    { title: t('Options'), fields: ['expire_at', 'description'] },
  ],
  load: async () => ({}),
  save: ({ domain, expire_at, ...rest }, { actor, context }) =>
    context.get(aliases).create(actor, { ...rest, address: randomAddress(domain), expire_at: expire_at ?? null }),
});
