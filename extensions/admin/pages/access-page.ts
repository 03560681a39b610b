import { type Contribution, field, isProblem, messages, type PageRequest, page, type Text, view } from '@posthorn/sdk';
import type { ExplainedAction, Explanation } from '../contract/explanation.js';
import { explanations, mailboxes } from '../contract/services.js';
import { LIST } from './identity-pages.js';
import { idParam } from './removal.js';

const t = messages('admin');

const OBJECTS: Readonly<Record<ExplainedAction['object'], Text>> = {
  none: '',
  domain: t('domain'),
  'domain-alias': t('domain alias'),
  account: t('username'),
  alias: t('address'),
  'sender-address': t('number of the sender address'),
  role: t('role'),
};

/** What an account may do, and why it may do one thing or may not. The question stands in the address. */
const accessPage = page({
  path: '/admin/accounts/:id/access/',
  permission: 'admin.view_mailboxes',
  query: {
    action: field.string({ label: t('Action'), max: 100 }).default(''),
    object: field.string({ label: t('Object'), max: 320 }).default(''),
    /** Empty for the account itself. */
    token: field.string({ label: t('Token'), max: 10, pattern: /^\d*$/ }).default(''),
  },
  async load(request) {
    const { context, actor, query } = request;
    const account = await context.get(mailboxes).show(actor, idParam(request));
    const service = context.get(explanations);
    const href = `/admin/accounts/${account.pk}/`;
    const common = {
      crumbs: [{ label: t('Identities'), href: LIST }, { label: account.username, href }, { label: t('Rights') }],
      path: request.url.pathname,
      asked: query,
      tokens: await service.tokens(actor, account.pk),
      choices: (await service.overview(actor, account.pk)).map(({ name, label, object, isAllowed }) => ({
        name,
        label,
        object: OBJECTS[object],
        isAllowed,
      })),
    };
    const title = t('What may {{username}} do?', { username: account.username });
    if (query.action === '') return view('access', title, common);
    const { answer, status } = await answerOf(request, account.pk);
    return view('access', title, { ...common, ...answer }, status);
  },
});

interface Answer {
  readonly answer: { readonly explanation: Explanation } | { readonly problem: Text };
  readonly status?: number;
}

/** What cannot be asked is said beside the question. */
async function answerOf(
  { context, actor, query }: PageRequest<Record<never, never>, { action: string; object: string; token: string }>,
  pk: number,
): Promise<Answer> {
  const { token, ...rest } = query;
  const question = { account: pk, ...rest, ...(token === '' ? {} : { token: Number(token) }) };
  try {
    return { answer: { explanation: await context.get(explanations).explain(actor, question) } };
  } catch (error) {
    if (!isProblem(error) || (error.kind !== 'invalid' && error.kind !== 'not-found')) throw error;
    return { answer: { problem: error.text }, status: error.status };
  }
}

export const accessPages: readonly Contribution[] = [accessPage];
