import { action, defineExtension, menuEntry, messages, page, redirect, view } from '@posthorn/sdk';

const t = messages('acme-keys');
let isOpen = false;

export const keyPages = [
  menuEntry({ area: 'main', label: t('Keys'), href: '/acme-keys/', icon: 'key', permission: 'acme-keys.view' }),
  page({
    path: '/acme-keys/',
    permission: 'acme-keys.view',
    load: async ({ actor, t: say }) => {
      const state = say(isOpen ? t('The door is open.') : t('The door is shut.'));
      const may = actor.can('acme-keys.turn') ? say(t('You may turn the key.')) : '';
      return view('page', t('Keys'), { line: `${state} ${may}` });
    },
  }),
  action({
    path: '/acme-keys/turn/',
    permission: 'acme-keys.turn',
    run: async () => {
      isOpen = !isOpen;
      return redirect('/acme-keys/');
    },
  }),
];

export default defineExtension({
  id: 'acme-keys',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: t('Keys'),
  permissions: {
    'acme-keys.view': { label: t('See the keys'), roles: ['Resellers', 'DomainAdmins'] },
    'acme-keys.turn': { label: t('Turn the keys'), roles: ['Resellers'] },
  },
  views: new URL('./views/', import.meta.url),
  contributes: keyPages,
});
