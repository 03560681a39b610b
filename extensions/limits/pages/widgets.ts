import { domains, type Key, REGIONS } from '@posthorn/admin/contract';
import { type Contribution, messages, type PageRequest, view, widget } from '@posthorn/sdk';
import { limitsParameters } from '../contract/parameters.js';
import { type AccountResources, type LimitView, limits } from '../contract/services.js';
import { ownLimits } from '../services/own-limits.js';
import { barsOf, hasNothing } from './usage.js';

const t = messages('limits');

const title = t('Resources usage');

/** One's own, beside what uses them up. */
const own = (
  id: string,
  region: string,
  names: readonly string[] | undefined,
  span: 6 | 12,
  order: number,
): Contribution =>
  widget(
    {
      id,
      region,
      title,
      permission: 'admin.view_mailboxes',
      span,
      async load(request) {
        const { context, actor } = request;
        const all = await ownLimits(context, actor);
        if (actor.id === null || all.length === 0) return undefined;
        if (names === undefined && hasNothing(all))
          return nothing(await context.get(limits).ofAccount(actor, actor.id));
        // What one has none of, one does not look for beside a list.
        const shown =
          names === undefined ? all : all.filter(({ name, effective }) => names.includes(name) && effective > 0);
        return shown.length === 0 ? undefined : bars(request, shown, `/limits/accounts/${actor.id}/`);
      },
    },
    { order },
  );

const bars = (request: PageRequest, views: readonly LimitView[], href: string, plan: string | null = null) =>
  view('widget-usage', title, { bars: barsOf(views, request), href, plan, nothing: undefined, give: undefined });

/** Whoever is new can make nothing, and wonders why. */
function nothing({ pk, owner }: AccountResources) {
  const text =
    owner === null
      ? t('You have no resources yet: a super administrator can give you some.')
      : t('You have no resources yet: {{owner}} can give you some.', { owner });
  return view('widget-usage', title, {
    bars: [],
    href: `/limits/accounts/${pk}/`,
    plan: null,
    nothing: text,
    give: undefined,
  });
}

const ofAccount = widget(
  {
    id: 'account',
    region: REGIONS.account,
    title,
    permission: 'admin.view_mailboxes',
    span: 6,
    async load(request) {
      const { context, actor, params } = request;
      const { enable_admin_limits: isOn } = await context.parameters(limitsParameters);
      if (!isOn) return undefined;
      const service = context.get(limits);
      const { limits: views, pk, username, plan } = await service.ofAccount(actor, Number(params.id));
      if (views.length === 0) return undefined;
      if (!hasNothing(views)) return bars(request, views, `/limits/accounts/${pk}/`, plan);
      const mayGive = await service.mayGive(actor, pk);
      return view('widget-usage', title, {
        bars: barsOf(views, request),
        href: `/limits/accounts/${pk}/`,
        plan,
        nothing: t('{{username}} can make nothing yet: no resources were given.', { username }),
        give: mayGive ? `/limits/accounts/${pk}/` : undefined,
      });
    },
  },
  { order: 10 },
);

const ofDomain = widget(
  {
    id: 'domain',
    region: REGIONS.domain,
    title,
    permission: 'admin.view_domain',
    span: 6,
    async load(request) {
      const { context, actor, params } = request;
      const { enable_domain_limits: isOn } = await context.parameters(limitsParameters);
      if (!isOn) return undefined;
      const key: Key = params.name ?? '';
      const { pk, name } = await context.get(domains).show(actor, key);
      const { limits: views, plan } = await context.get(limits).ofDomain(actor, pk);
      return bars(request, views, `/limits/domains/${encodeURIComponent(name)}/`, plan);
    },
  },
  { order: 10 },
);

export const usageWidgets: readonly Contribution[] = [
  own('own', 'dashboard', undefined, 6, 15),
  own('domains', REGIONS.domains, ['domains', 'domain_aliases', 'quota'], 12, 10),
  own('identities', REGIONS.identities, ['mailboxes', 'mailbox_aliases', 'domain_admins'], 12, 10),
  ofAccount,
  ofDomain,
];
