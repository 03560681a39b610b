import { announcementSource, type ExtensionContext, landingPage, messages, noticeSource } from '@posthorn/sdk';

const t = messages('acme-spam');
declare function openRequests(context: ExtensionContext): Promise<number>;
declare function worksAt(context: ExtensionContext): Promise<string | undefined>;

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
