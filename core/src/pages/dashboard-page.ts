import { type Contribution, landingPage, menuEntry, messages, page, redirect, view } from '@posthorn/sdk';
import type { Kernel } from '../kernel.js';
import { widgetsOf } from './widget-region.js';

const t = messages('host');

/** What every reader sees first. Widgets are loaded beside each other; one that fails or is late leaves the others alone. */
export const dashboardPage = (kernel: () => Kernel): readonly Contribution[] => [
  menuEntry(
    {
      area: 'main',
      label: t('Dashboard'),
      href: '/dashboard/',
      icon: 'layout-dashboard',
      permission: 'signed-in',
    },
    { order: -100 },
  ),
  landingPage({ label: t('Dashboard'), href: '/dashboard/', permission: 'signed-in' }, { order: -100 }),
  page({
    path: '/dashboard/',
    permission: 'signed-in',
    async load(request) {
      const widgets = await widgetsOf(kernel(), 'dashboard', request);
      // Who has nothing to look after has nothing to see here.
      if (widgets.length === 0 && !request.actor.isSuperuser) return redirect('/user/');
      return view('dashboard', t('Dashboard'), { widgets });
    },
  }),
];
