import { action, type Contribution, field, menuEntry, messages, page, redirect, view } from '@posthorn/sdk';
import type { Kernel } from '../../kernel.js';
import { deviceName } from '../sessions/device-name.js';
import { currentVisit } from '../sessions/visit.js';
import { LOGIN_PATH } from './login-path.js';

const t = messages('host');
const DEVICES = '/user/devices/';

export const devicePages = (kernel: () => Kernel): readonly Contribution[] => [
  menuEntry({ area: 'user', label: t('Devices'), href: DEVICES, icon: 'devices', permission: 'signed-in' }),
  page({
    path: DEVICES,
    permission: 'signed-in',
    load: async ({ account, locale, timeZone }) => {
      const sessions = account === undefined ? [] : await kernel().sessions.list(account.id);
      const present = currentVisit().session?.id;
      const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone });
      return view('host:devices', t('Your devices'), {
        devices: sessions.map((session) => ({
          id: session.id,
          name: deviceName(session.userAgent),
          address: session.address,
          since: moment.format(session.createdAt),
          seen: moment.format(session.seenAt),
          isPresent: session.id === present,
          isRemembered: session.isRemembered,
        })),
      });
    },
  }),
  action({
    path: `${DEVICES}revoke/`,
    permission: 'signed-in',
    body: { id: field.integer({ label: t('Device'), min: 1 }) },
    run: async ({ account, body, notice }) => {
      const isPresent = currentVisit().session?.id === body.id;
      if (account !== undefined && isPresent) {
        await kernel().signIn.signOut(account.username);
        return redirect(`${LOGIN_PATH}?left=yes`);
      }
      // Somebody else's or one that has ended: there is nothing to do, and nothing to tell apart.
      if (account !== undefined) await kernel().sessions.endOne(account.id, body.id);
      notice('success', t('The device was signed out.'));
      return redirect(DEVICES);
    },
  }),
  action({
    path: `${DEVICES}revoke-all/`,
    permission: 'signed-in',
    run: async ({ account }) => {
      if (account !== undefined) {
        await kernel().signIn.signOut(account.username);
        await kernel().sessions.endAll(account.id, 'ended');
      }
      return redirect(`${LOGIN_PATH}?left=yes`);
    },
  }),
];
