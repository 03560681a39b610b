import { defineExtension, type ExtensionContext, letters, letterTemplate, messages } from '@posthorn/sdk';

const t = messages('acme-spam');

export const waiting = letterTemplate({
  id: 'waiting',
  title: t('To whoever has messages in the quarantine'),
  subject: t('{{count}} messages in your quarantine'),
  text: t(`Hello {{name}},

{{count}} messages wait to be looked at.

{{link}}`),
  placeholders: { name: t('Who'), count: t('How many messages'), link: t('Address of the quarantine') },
});

export async function tell(
  context: ExtensionContext,
  to: { name: string; address: string; language: string },
  count: number,
) {
  return context.get(letters).send({
    to: to.address,
    template: 'acme-spam.waiting',
    language: to.language,
    data: { name: to.name, count, link: 'https://mail.example.org/acme-spam/' },
  });
}

export default defineExtension({
  id: 'acme-spam',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: t('Spam filter'),
  contributes: [waiting],
});
