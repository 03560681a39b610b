import { messages, noticeSource } from '@posthorn/sdk';
import { Policy } from '../policy/policy.js';
import { allOf, asNumber, fragment, idIn } from '../services/sql.js';

const t = messages('admin');

/** How many mailboxes and domains in reach are above a threshold of their quota. */
export const quotaNotices = noticeSource({
  id: 'quota',
  permission: 'admin.view_mailboxes',
  isDismissable: true,
  async load({ context, actor }) {
    const scope = await new Policy(context).scope(actor);
    const among = scope.isAll ? [] : [idIn(context.data.dialect, 'coalesce(w.domain_id, m.domain_id)', scope.domains)];
    const where = allOf([fragment('w.threshold > 0'), ...among]);
    const [row] = await context.data.execute(
      `select count(*) as n, max(w.id) as latest from admin_quotawarning w
       left join admin_mailbox m on m.id = w.mailbox_id where ${where.sql}`,
      where.params,
    );
    const count = asNumber(row?.n);
    if (count === 0) return [];
    return [
      {
        // Put away, it comes back with the next one.
        id: `quota-${asNumber(row?.latest)}`,
        level: 'warning' as const,
        text: t(
          {
            one: '{{count}} mailbox or domain is nearly full.',
            other: '{{count}} mailboxes and domains are nearly full.',
          },
          { count },
        ),
        href: '/admin/quotas/',
      },
    ];
  },
});
