import {
  action,
  type Contribution,
  field,
  forms,
  isProblem,
  menuEntry,
  messages,
  type PageAnswer,
  type PageRequest,
  type Problem,
  page,
  redirect,
  type Text,
  view,
} from '@posthorn/sdk';
import { type AccountLimitName, isUnlimited, RESOURCES } from '../contract/resources.js';
import { type PlanView, plans } from '../contract/services.js';
import { problem } from '../problems.js';
import { MANAGE } from '../services/plan-service.js';
import { limitFields } from '../tabs/fields.js';
import { amount } from './usage.js';

const t = messages('limits');

const LIST = '/limits/plans/';
const top = { label: t('Plans'), href: LIST };

const shape = {
  name: field.string({ label: t('Name'), min: 1, max: 100 }),
  domains: limitFields.domains.optional(),
  domain_aliases: limitFields.domain_aliases.optional(),
  mailboxes: limitFields.mailboxes.optional(),
  mailbox_aliases: limitFields.mailbox_aliases.optional(),
  domain_admins: limitFields.domain_admins.optional(),
  quota: limitFields.quota.optional(),
};
const { name: _name, ...limitShape } = shape;
const sections = [
  { title: t('Plan'), fields: ['name'] },
  {
    title: t('Limits'),
    text: t('-1 is no limit, 0 is none. What is left empty is not changed where the plan is given.'),
    fields: Object.keys(limitShape),
  },
];

const list = page({
  path: LIST,
  permission: MANAGE,
  async load({ context, actor, url, locale }) {
    const found = await context.get(plans).list(actor);
    const columns = Object.entries(RESOURCES).map(([key, { label }]) => ({ key, label }));
    return view('plans', t('Plans'), {
      url,
      columns,
      rows: found.map(({ pk, name, limits, accounts, domains }) => ({
        pk,
        name,
        cells: Object.fromEntries(
          Object.entries(limits).map(([key, max]) => [key, said(key as AccountLimitName, max, locale)]),
        ),
        holders: accounts + domains,
      })),
    });
  },
});

const said = (name: AccountLimitName, max: number, locale: string): Text =>
  isUnlimited(name, max) ? t('no limit') : amount(name, max, locale);

function formOf(
  request: PageRequest,
  o: { readonly plan: PlanView | undefined; readonly problem?: Problem; readonly submit: Text; readonly title: Text },
): PageAnswer {
  const form = request.context.get(forms).single(shape, {
    request,
    action: request.url.pathname,
    submit: o.submit,
    cancel: LIST,
    sections,
    values: o.plan === undefined ? {} : { name: o.plan.name, ...o.plan.limits },
    ...(o.problem === undefined ? {} : { problem: o.problem }),
  });
  const status = o.problem?.kind === 'temporary' ? 503 : 422;
  return view(
    'host:form',
    o.title,
    { form, crumbs: [top, { label: o.title }] },
    o.problem === undefined ? undefined : status,
  );
}

/** The page that shows the form and the one that takes it. */
const editor = (
  path: `/limits/plans/${string}/`,
  o: {
    readonly submit: Text;
    readonly done: Text;
    plan(request: PageRequest): Promise<PlanView | undefined>;
    save(request: PageRequest, input: { readonly name: string; readonly limits: PlanView['limits'] }): Promise<unknown>;
  },
): readonly Contribution[] => {
  const answer = async (request: PageRequest, failure?: Problem): Promise<PageAnswer> => {
    const plan = await o.plan(request);
    const title = plan === undefined ? t('New plan') : t('Edit {{name}}', { name: plan.name });
    return formOf(request, { plan, submit: o.submit, title, ...(failure === undefined ? {} : { problem: failure }) });
  };
  return [
    page({ path, permission: MANAGE, load: (request) => answer(request) }),
    action({
      path,
      permission: MANAGE,
      body: shape,
      async run(request) {
        const { name, ...values } = request.body;
        const given = Object.fromEntries(Object.entries(values).filter(([, max]) => max !== undefined));
        try {
          await o.save(request, { name, limits: given });
        } catch (error) {
          if (!isProblem(error) || (error.status >= 500 && error.kind !== 'temporary')) throw error;
          return answer(request, error);
        }
        request.notice('success', o.done);
        return redirect(LIST);
      },
      onInvalid: answer,
    }),
  ];
};

/** The number of a plan in an address. */
function planKey({ params }: PageRequest): number {
  const text = params.id ?? '';
  if (!/^[1-9]\d{0,9}$/.test(text)) throw problem('E_LIMITS_PLAN_NOT_FOUND', { name: '?' });
  return Number(text);
}
const planOf = (request: PageRequest) => request.context.get(plans).show(request.actor, planKey(request));

const removal: readonly Contribution[] = [
  page({
    path: '/limits/plans/:id/delete/',
    permission: MANAGE,
    async load(request) {
      const { name, accounts, domains } = await planOf(request);
      return view('plan-delete', t('Delete plan'), {
        action: request.url.pathname,
        list: LIST,
        name,
        holders: accounts + domains,
      });
    },
  }),
  action({
    path: '/limits/plans/:id/delete/',
    permission: MANAGE,
    async run(request) {
      await request.context.get(plans).remove(request.actor, planKey(request));
      request.notice('success', t('The plan was deleted.'));
      return redirect(LIST);
    },
  }),
];

export const planPages: readonly Contribution[] = [
  list,
  ...editor('/limits/plans/new/', {
    submit: t('Create plan'),
    done: t('The plan was created.'),
    plan: async () => undefined,
    save: ({ context, actor }, input) => context.get(plans).create(actor, input),
  }),
  ...editor('/limits/plans/:id/edit/', {
    submit: t('Save changes'),
    done: t('The plan was saved, and with it the limits of those who have it.'),
    plan: planOf,
    save: (request, input) => request.context.get(plans).update(request.actor, planKey(request), input),
  }),
  ...removal,
  menuEntry(
    { area: 'main', label: t('Plans'), href: LIST, icon: 'list-check', permission: MANAGE, group: t('Mail') },
    { order: 50 },
  ),
];
