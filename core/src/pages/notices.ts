import {
  type Announcement,
  action,
  announcementSources,
  type Contribution,
  field,
  messages,
  type Notice,
  noticeSource,
  noticeSources,
  type PageRequest,
  redirect,
} from '@posthorn/sdk';
import { mayEnter } from '../access/entry.js';
import { isOwnPath } from '../access/own-path.js';
import type { Kernel } from '../kernel.js';
import { DISMISSED_MAX, userPreferences } from '../parameters/user-preferences.js';
import type { FrameNotice } from '../views/page-frame.js';
import { askPart } from './extension-part.js';

const t = messages('host');

/** They stand on every page, so no page waits longer for them. */
const NOTICE_MS = 1_000;
const DISMISS = '/user/notices/dismiss/';

/** What this reader is to be told above the page, apart from what he has put away. Every source is asked once. */
export async function noticesFor(
  kernel: Kernel,
  request: PageRequest,
  dismissed: readonly string[],
): Promise<readonly FrameNotice[]> {
  const isSignedIn = request.account !== undefined;
  const sources = request.context
    .items(noticeSources)
    .filter(({ item }) => mayEnter(item.permission, request.actor, isSignedIn));
  const asked = sources.map(async (part): Promise<readonly FrameNotice[]> => {
    const { from, item } = part;
    const found = await askPart(kernel, request, { kind: 'notice', ms: NOTICE_MS, part }, (one, asker) =>
      one.load(asker),
    );
    return (found ?? []).flatMap(({ id, level, text, href, counter }): readonly FrameNotice[] => {
      const key = `${from}.${item.id}.${id}`;
      if (counter === 0 || dismissed.includes(key)) return [];
      return [
        {
          level,
          text: request.t(text),
          ...(href === undefined || !isOwnPath(href) ? {} : { href }),
          ...(counter === undefined ? {} : { counter }),
          ...(item.isDismissable === true && isSignedIn ? { dismiss: { action: DISMISS, key } } : {}),
        },
      ];
    });
  });
  return (await Promise.all(asked)).flat();
}

/** What stands on the sign-in page. */
export async function announcementsFor(kernel: Kernel, request: PageRequest) {
  const asked = request.context
    .items(announcementSources)
    .map((part) => askPart(kernel, request, { kind: 'announcement', ms: NOTICE_MS, part }, (one, r) => one.load(r)));
  const found = (await Promise.all(asked)).filter((one): one is Announcement => one !== undefined);
  return found.map(({ level, text, items }) => ({
    level: level ?? 'info',
    text: request.t(text),
    items: (items ?? []).map((item) => request.t(item)),
  }));
}

const EXTENSIONS = '/core/extensions/';

/** The kernel's own notices, and the button that puts one away. */
export const noticeContributions = (kernel: () => Kernel): readonly Contribution[] => [
  noticeSource({
    id: 'extensions',
    permission: 'core.manage_extensions',
    load: async () => {
      const amiss = kernel().states.filter((s) => s.desired === 'enabled' && s.state !== 'enabled');
      const quarantined = amiss.filter(({ state }) => state === 'quarantined');
      return [
        ...quarantined.map(({ id, reason }): Notice => {
          const text = t('The extension {{id}} is quarantined: {{reason}}', { id, reason });
          return { id: `quarantined.${id}`, level: 'danger', text, href: EXTENSIONS };
        }),
        {
          id: 'wanted',
          level: 'warning',
          text: t('Some extensions should be enabled, but are not.'),
          href: EXTENSIONS,
          counter: amiss.length - quarantined.length,
        },
      ];
    },
  }),
  action({
    path: DISMISS,
    permission: 'signed-in',
    body: {
      notice: field.string({ label: t('Notice'), min: 1 }),
      next: field.string({ label: t('Next page'), max: 2_000 }).default(''),
    },
    run: async ({ account, body: { notice, next } }) => {
      if (account !== undefined) {
        const { parameters } = kernel();
        const { dismissed } = await parameters.readUser(userPreferences, account.id);
        const kept = [...dismissed.filter((one) => one !== notice), notice].slice(-DISMISSED_MAX);
        await parameters.writeUser(userPreferences, account.id, { dismissed: kept });
      }
      return redirect(isOwnPath(next) ? next : '/');
    },
  }),
];
