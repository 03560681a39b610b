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
  type Shape,
  view,
} from '@posthorn/sdk';
import { type Forwarding, forwards } from '../contract/services.js';

const t = messages('admin');
const PATH = '/user/forward/';

const shape = {
  recipients: field
    .list(field.string({ label: t('Recipient'), max: 320 }), {
      label: t('Forward to'),
      help: t('One address on each line. Empty: nothing is forwarded.'),
      max: 100,
    })
    .default([]),
  keeps_copy: field.boolean({ label: t('Keep a copy in the mailbox') }).default(true),
} satisfies Shape;

function answer(request: PageRequest, { recipients, keeps_copy }: Forwarding, problem?: Problem): PageAnswer {
  const form = request.context.get(forms).single(shape, {
    request,
    action: PATH,
    submit: t('Save changes'),
    cancel: '/user/',
    values: { recipients: [...recipients], keeps_copy },
    ...(problem === undefined ? {} : { problem }),
  });
  const text = t('Where mail for your mailbox goes instead, or as well.');
  return view('host:form', t('Forwarding'), { form, text }, problem === undefined ? undefined : problem.status);
}

const retry = async (request: PageRequest, problem: Problem): Promise<PageAnswer> =>
  answer(request, await request.context.get(forwards).show(request.actor), problem);

/** One's own forward. */
export const forwardPage: readonly Contribution[] = [
  menuEntry({ area: 'user', label: t('Forwarding'), href: PATH, icon: 'arrow-forward-up', permission: 'signed-in' }),
  page({
    path: PATH,
    permission: 'signed-in',
    async load(request) {
      try {
        return answer(request, await request.context.get(forwards).show(request.actor));
      } catch (error) {
        if (!isProblem(error) || error.code !== 'E_ADMIN_FORWARD_MAILBOX') throw error;
        return view('no-mailbox', t('Forwarding'), {});
      }
    },
  }),
  action({
    path: PATH,
    permission: 'signed-in',
    body: shape,
    async run(request) {
      try {
        await request.context.get(forwards).set(request.actor, request.body);
      } catch (error) {
        if (!isProblem(error) || error.status >= 500 || error.code === 'E_ADMIN_FORWARD_MAILBOX') throw error;
        return retry(request, error);
      }
      request.notice('success', t('Your forwarding was saved.'));
      return redirect(PATH);
    },
    onInvalid: retry,
  }),
];
