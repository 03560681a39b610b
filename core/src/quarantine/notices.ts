import { messages, type Text } from '@posthorn/sdk';
import type { Kernel } from '../kernel.js';
import type { FrameNotice } from '../views/page-frame.js';

const t = messages('host');

/** What stands above every page of a super administrator until somebody has lifted it. */
export const quarantineNotices = (kernel: Kernel, translate: (text: Text) => string): readonly FrameNotice[] =>
  kernel.states
    .filter(({ state }) => state === 'quarantined')
    .map(({ id, reason }) => ({
      level: 'danger',
      text: translate(t('The extension {{id}} is quarantined: {{reason}}', { id, reason })),
      href: '/core/extensions/',
    }));
