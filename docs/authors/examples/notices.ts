import {
  announcementSource,
  defineExtension,
  type ExtensionContext,
  field,
  landingPage,
  messages,
  noticeSource,
  page,
  parameterForm,
  parameters,
  view,
} from '@posthorn/sdk';

const t = messages('acme-spam');

export const requests = noticeSource({
  id: 'requests',
  permission: 'acme-spam.release',
  load: async ({ context }) => [
    {
      id: 'open',
      level: 'warning',
      text: t('Messages wait to be released.'),
      href: '/acme-spam/requests/',
      counter: await openRequests(context),
    },
  ],
});

export const works = announcementSource({
  id: 'works',
  load: async ({ context }) => {
    const at = await worksAt(context);
    return at === undefined ? undefined : { level: 'info', text: t('The filter is down for works at {{at}}.', { at }) };
  },
});

export const first = landingPage({
  label: t('Quarantine'),
  href: '/acme-spam/quarantine/',
  permission: 'acme-spam.view',
});

const state = parameters(
  'acme-spam',
  'global',
  {
    open: field.integer({ label: t('Open requests'), min: 0 }).default(0),
    works: field.string({ label: t('Works at') }).default(''),
  },
  { title: t('Quarantine') },
);

const openRequests = async (context: ExtensionContext): Promise<number> => (await context.parameters(state)).open;

async function worksAt(context: ExtensionContext): Promise<string | undefined> {
  const { works: at } = await context.parameters(state);
  return at === '' ? undefined : at;
}

export default defineExtension({
  id: 'acme-spam',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: t('Spam filter'),
  parameters: [parameterForm(state)],
  permissions: {
    'acme-spam.view': { label: t('See the quarantine'), roles: ['SimpleUsers'] },
    'acme-spam.release': { label: t('Release messages'), roles: ['DomainAdmins'] },
  },
  views: new URL('./views/', import.meta.url),
  contributes: [
    requests,
    works,
    first,
    page({
      path: '/acme-spam/quarantine/',
      permission: 'acme-spam.view',
      load: async () => view('page', t('Quarantine'), { line: '' }),
    }),
  ],
});
