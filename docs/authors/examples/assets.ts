import { defineExtension, messages, page, view } from '@posthorn/sdk';

const t = messages('acme-posters');

export default defineExtension({
  id: 'acme-posters',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: t('Posters'),
  views: new URL('./views/', import.meta.url),
  assets: new URL('./assets/', import.meta.url),
  locales: new URL('./locales/', import.meta.url),
  contributes: [
    page({
      path: '/acme-posters/',
      permission: 'signed-in',
      load: async () => view('poster', t('Posters'), {}),
    }),
  ],
});
