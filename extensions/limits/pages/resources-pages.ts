import { domains, mailboxes } from '@posthorn/admin/contract';
import {
  action,
  type Contribution,
  field,
  isProblem,
  messages,
  type PageAnswer,
  type PageRequest,
  page,
  redirect,
  type Text,
  view,
} from '@posthorn/sdk';
import { limitsParameters } from '../contract/parameters.js';
import { isUnlimited, RESOURCES } from '../contract/resources.js';
import { type ChosenPlan, type LimitView, limits, plans, type ResourceSample } from '../contract/services.js';
import { problem } from '../problems.js';
import { CHANGE } from '../services/giver.js';
import { barsOf, hasNothing, sizeUnit, unitName } from './usage.js';

const t = messages('limits');

/** Whose resources a page shows. */
interface Shown {
  readonly name: string;
  readonly crumbs: readonly { readonly label: Text; readonly href: string }[];
  /** Where the limits are set by hand. */
  readonly edit: string;
  readonly mayGive: boolean;
  readonly isOn: boolean;
  readonly owner: string | null;
  readonly plan: string | null;
  readonly limits: readonly LimitView[];
  readonly history: readonly ResourceSample[];
}

async function show(request: PageRequest, shown: Shown, complaint?: Text): Promise<PageAnswer> {
  const { context, actor } = request;
  const known = shown.mayGive ? await context.get(plans).list(actor) : [];
  const title = t('Resources of {{name}}', { name: shown.name });
  const data = {
    ...shown,
    complaint,
    action: request.url.pathname,
    bars: barsOf(shown.limits, request),
    hasNothing: hasNothing(shown.limits),
    plans: known.map(({ name }) => name),
    charts: chartsOf(shown.history, request.locale),
  };
  return view('resources', title, data, complaint === undefined ? undefined : 422);
}

/** One chart for each limit that there was; a single day makes no line. */
function chartsOf(history: readonly ResourceSample[], locale: string) {
  return Object.entries(RESOURCES).flatMap(([name, { label }]) => {
    const own = history.filter((sample) => sample.name === name);
    if (own.length < 2) return [];
    const max = own.map((sample) => (isUnlimited(sample.name, sample.max) ? Number.NaN : sample.max));
    const used = own.map((sample) => sample.used);
    const x = own.map(({ day }) => new Date(day));
    if (name !== 'quota') return [{ label, unit: '', x, used, max }];
    const { unit, size } = sizeUnit(Math.max(...used, ...max.filter((one) => !Number.isNaN(one))));
    const scaled = (values: readonly number[]) => values.map((one) => one / size);
    return [{ label, unit: unitName(unit, locale), x, used: scaled(used), max: scaled(max) }];
  });
}

async function accountShown({ context, actor, params }: PageRequest): Promise<Shown> {
  const { pk, username } = await context.get(mailboxes).show(actor, numberOf(params.id));
  const service = context.get(limits);
  const { limits: views, plan, owner } = await service.ofAccount(actor, pk);
  const href = `/admin/accounts/${pk}/`;
  return {
    name: username,
    crumbs: [
      { label: t('Identities'), href: '/admin/identities/' },
      { label: username, href },
    ],
    edit: `${href}edit/#tab-resources${views.some(({ name }) => name === 'domains') ? '' : '-inside'}`,
    mayGive: await service.mayGive(actor, pk),
    isOn: (await context.parameters(limitsParameters)).enable_admin_limits,
    owner,
    plan,
    limits: views,
    history: await service.historyOfAccount(actor, pk),
  };
}

async function domainShown({ context, actor, params }: PageRequest): Promise<Shown> {
  const { pk, name } = await context.get(domains).show(actor, params.name ?? '');
  const service = context.get(limits);
  const { limits: views, plan } = await service.ofDomain(actor, pk);
  const href = `/admin/domains/${encodeURIComponent(name)}/`;
  return {
    name,
    crumbs: [
      { label: t('Domains'), href: '/admin/domains/' },
      { label: name, href },
    ],
    edit: `${href}edit/#tab-resources`,
    mayGive: actor.can(CHANGE),
    isOn: (await context.parameters(limitsParameters)).enable_domain_limits,
    owner: null,
    plan,
    limits: views,
    history: await service.historyOfDomain(actor, pk),
  };
}

const both = (
  path: `/limits/${string}/`,
  permission: `admin.${string}`,
  shown: (request: PageRequest) => Promise<Shown>,
  chosen: (request: PageRequest) => ChosenPlan,
): readonly Contribution[] => [
  page({ path, permission, load: async (request) => show(request, await shown(request)) }),
  action({
    path,
    permission: CHANGE,
    body: { plan: field.string({ label: t('Plan'), max: 100 }).default('') },
    async run(request) {
      const { context, actor, body } = request;
      try {
        await context.get(plans).give(actor, body.plan === '' ? null : body.plan, chosen(request));
      } catch (error) {
        if (!isProblem(error) || error.status >= 500 || error.kind === 'not-found') throw error;
        return show(request, await shown(request), error.text);
      }
      request.notice('success', body.plan === '' ? t('The plan was taken away.') : t('The plan was given.'));
      return redirect(request.url.pathname);
    },
  }),
];

/** The number of an account in an address. */
function numberOf(text = ''): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw problem('E_LIMITS_ACCOUNT_NOT_FOUND');
  return Number(text);
}

export const resourcesPages: readonly Contribution[] = [
  ...both('/limits/accounts/:id/', 'admin.view_mailboxes', accountShown, ({ params }) => ({
    account: numberOf(params.id),
  })),
  ...both('/limits/domains/:name/', 'admin.view_domain', domainShown, ({ params }) => ({ domain: params.name ?? '' })),
];
