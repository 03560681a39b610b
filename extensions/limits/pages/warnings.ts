import { messages, noticeSource } from '@posthorn/sdk';
import type { LimitView } from '../contract/services.js';
import { limitsParameters } from '../parameters.js';
import { RESOURCES } from '../resources.js';
import { ownLimits } from '../services/own-limits.js';

const t = messages('limits');

/** Told before the wall is met: of one's own limits, from the threshold on. */
export const limitWarnings = noticeSource({
  id: 'limits',
  permission: 'admin.view_mailboxes',
  isDismissable: true,
  async load({ context, actor }) {
    const { warning_threshold: threshold } = await context.parameters(limitsParameters);
    if (threshold === 0) return [];
    const views = await ownLimits(context, actor);
    return views
      .filter(({ effective, percent }) => effective > 0 && percent >= threshold)
      .map((view) => notice(actor.id ?? 0, view));
  },
});

const notice = (account: number, { name, effective, effective_used: used, percent }: LimitView) => ({
  // Put away, it comes back when the limit is reached, and when it is another.
  id: `${name}-${effective}-${percent >= 100 ? 'full' : 'near'}`,
  level: 'warning' as const,
  text:
    used >= effective
      ? t('{{label}}: limit reached', { label: RESOURCES[name].label })
      : t('{{label}}: {{percent}} % of the limit are used.', { label: RESOURCES[name].label, percent }),
  href: `/limits/accounts/${account}/`,
});
