import { messages, noticeSource } from '@posthorn/sdk';
import { Policy } from '../policy/policy.js';
import { asNumber } from '../services/sql.js';

const t = messages('admin');

/** How many mailboxes and domains in reach are above a threshold of their quota. */
export const quotaNotices = noticeSource({
  id: 'quota',
  permission: 'admin.view_mailboxes',
  isDismissable: true,
  async load({ context, actor }) {
    const domain = 'coalesce(w.domain_id, m.domain_id)';
    const found = await context.data.execute(
      `select ${domain} as domain_id, count(*) as n, max(w.id) as latest from admin_quotawarning w
       left join admin_mailbox m on m.id = w.mailbox_id where w.threshold > 0 group by ${domain}`,
    );
    // This is asked for every page: the reach only where there is something to tell.
    if (found.length === 0) return [];
    const scope = await new Policy(context).scope(actor);
    const own = found.filter((row) => scope.isAll || scope.domains.has(asNumber(row.domain_id)));
    const count = own.reduce((sum, row) => sum + asNumber(row.n), 0);
    if (count === 0) return [];
    const latest = Math.max(...own.map((row) => asNumber(row.latest)));
    return [
      {
        // Put away, it comes back with the next one.
        id: `quota-${latest}`,
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
