import { type FrameWithoutTitle } from '../../core/src/views/page-renderer.js';

const entry = (label: string, href: string, icon: string, o: { isActive?: boolean; badge?: string } = {}) => ({
  label,
  href,
  icon,
  isActive: o.isActive ?? false,
  ...(o.badge === undefined ? {} : { badge: o.badge }),
});

const account = { username: 'maria@kestrel.example', first_name: 'Maria', last_name: 'Kestrel', role: 'SuperAdmins' };

/** A page's surroundings as the host gives them to a super administrator. */
export const adminFrame = (path = '/admin/domains/', o: Partial<FrameWithoutTitle> = {}): FrameWithoutTitle => ({
  url: new URL(path, 'http://posthorn.example'),
  actor: { username: account.username, role: 'SuperAdmins', isSuperuser: true },
  account,
  menu: {
    main: [
      { label: '', entries: [entry('Dashboard', '/dashboard/', 'dashboard', { isActive: path === '/dashboard/' })] },
      {
        label: 'Mail',
        entries: [
          entry('Domains', '/admin/domains/', 'world', { isActive: path === '/admin/domains/', badge: '100,000' }),
          entry('Accounts and aliases', '/admin/identities/', 'users'),
        ],
      },
      {
        label: 'System',
        entries: [
          entry('Parameters', '/core/parameters/', 'adjustments'),
          entry('Extensions', '/core/extensions/', 'puzzle', { badge: '1' }),
          entry('Jobs', '/core/jobs/', 'clock-play'),
          entry('Logs', '/core/logs/', 'file-text'),
          entry('Information', '/core/information/', 'info-circle'),
        ],
      },
    ],
    user: [
      {
        label: '',
        entries: [entry('Settings', '/user/', 'user-cog'), entry('Devices', '/user/devices/', 'device-laptop')],
      },
    ],
  },
  notices: [],
  flash: [],
  csrf: 'a-token',
  instanceName: 'Posthorn',
  locale: 'en',
  timeZone: 'UTC',
  dir: 'ltr',
  theme: 'auto',
  density: 'comfortable',
  ...o,
});

export const guestFrame = (path = '/accounts/login/'): FrameWithoutTitle =>
  adminFrame(path, { account: undefined, actor: { username: '', role: '', isSuperuser: false }, menu: {} });

export const simpleFrame = (path = '/user/'): FrameWithoutTitle =>
  adminFrame(path, {
    account: { username: 'j.ruiz@aster.example', first_name: 'Jorge', last_name: 'Ruiz', role: 'SimpleUsers' },
    actor: { username: 'j.ruiz@aster.example', role: 'SimpleUsers', isSuperuser: false },
    instanceName: 'Aster Dental Mail',
  });
