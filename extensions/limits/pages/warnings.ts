import { type Message, messages, noticeSource } from '@posthorn/sdk';
import { limitsParameters } from '../contract/parameters.js';
import { RESOURCES } from '../contract/resources.js';
import type { LimitView } from '../contract/services.js';
import { recentLimits } from '../services/own-limits.js';

const t = messages('limits');

/** Told before the wall is met: of one's own limits, from the threshold on. */
export const limitWarnings = noticeSource({
  id: 'limits',
  permission: 'admin.view_mailboxes',
  isDismissable: true,
  async load({ context, actor }) {
    const { warning_threshold: threshold } = await context.parameters(limitsParameters);
    if (threshold === 0) return [];
    const views = await recentLimits(context, actor);
    const near = views.filter(({ effective, percent }) => effective > 0 && percent >= threshold);
    const [first, ...others] = near.map(sentence);
    if (first === undefined) return [];
    return [
      {
        // Put away, it comes back when a limit is reached, and when it is another.
        id: near.map(({ name, effective, percent }) => `${name}-${effective}-${percent >= 100}`).join('_'),
        level: 'warning' as const,
        text: others.reduce<Message>((before, next) => t('{{before}} {{next}}', { before, next }), first),
        href: `/limits/accounts/${actor.id}/`,
      },
    ];
  },
});

const sentence = ({ name, percent }: LimitView): Message => {
  const { label } = RESOURCES[name];
  return percent >= 100
    ? t('{{label}}: the limit is reached.', { label })
    : t('{{label}}: {{percent}} % of the limit are used.', { label, percent });
};
