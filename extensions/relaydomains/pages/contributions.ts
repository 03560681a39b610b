import { domainColumns, domains, REGIONS } from '@posthorn/admin/contract';
import { type Contribution, listColumn, messages, view, widget } from '@posthorn/sdk';
import { routes } from '@posthorn/transport/contract';
import { relayDomains } from '../contract/services.js';
import { leadsBack } from '../loop.js';

const t = messages('relaydomains');

const column = listColumn(domainColumns, {
  id: 'relay',
  label: t('Relayed to'),
  permission: 'relaydomains.view_relaydomain',
  async load(rows, { context }) {
    const found = await context.get(routes).of(rows.map(({ pk }) => pk));
    return rows.map(({ pk }) => found.get(pk)?.next_hop);
  },
});

const target = widget(
  {
    id: 'relay-target',
    region: REGIONS.domain,
    title: t('Relaying'),
    permission: 'relaydomains.view_relaydomain',
    span: 6,
    async load({ context, actor, params }) {
      const { pk, name, type } = await context.get(domains).show(actor, params.name ?? '');
      if (type !== 'relaydomain') return undefined;
      const relay = await context.get(relayDomains).show(actor, pk);
      return view('widget-target', t('Relaying'), {
        relay,
        warning: leadsBack(context.get(routes), relay),
        editHref: actor.can('relaydomains.change_relaydomain')
          ? `/admin/domains/${encodeURIComponent(name)}/edit/#tab-relay`
          : undefined,
      });
    },
  },
  { order: 5 },
);

export const relayPages: readonly Contribution[] = [column, target];
