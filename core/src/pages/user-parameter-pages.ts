import {
  type Account,
  action,
  type Contribution,
  type FormModel,
  messages,
  type PageAnswer,
  type PageRequest,
  page,
  redirect,
  view,
} from '@posthorn/sdk';
import { problem } from '../errors.js';
import { callExtension } from '../forms/extension-call.js';
import type { Kernel } from '../kernel.js';
import { type AnyForm, ParameterForm, parameterForms } from './parameter-form.js';

const t = messages('host');
const PATH = '/user/preferences/';
/** Milliseconds in which an extension says whether a reader has its preferences. */
const WHEN_MS = 1_000;

export interface PreferenceLink {
  readonly label: string;
  readonly href: string;
  readonly isActive: boolean;
}

/** A reader's own parameters, by extension: tabs beside the preferences of the kernel. */
export const userParameterPages = (kernel: () => Kernel): readonly Contribution[] => [
  page({
    path: `${PATH}:extension/`,
    permission: 'signed-in',
    load: async (request) => {
      const form = await findForm(kernel(), request);
      return answer(kernel(), request, form, await formOf(kernel(), request, form).show());
    },
  }),
  action({
    path: `${PATH}:extension/`,
    permission: 'signed-in',
    bodyLimit: 1_048_576,
    run: async (request) => {
      const form = await findForm(kernel(), request);
      const outcome = await formOf(kernel(), request, form).save();
      if (!outcome.isSaved) return answer(kernel(), request, form, outcome.form, outcome.status);
      request.notice('success', t('Your preferences were saved.'));
      return redirect(`${PATH}${form.extension}/`);
    },
  }),
];

/** Links to all preferences that this reader has; `active` is an extension's id, or `core`. */
export async function preferenceLinks(
  kernel: Kernel,
  request: PageRequest,
  active: string,
): Promise<readonly PreferenceLink[]> {
  const forms = await formsOf(kernel, request);
  return [
    { label: request.t(t('Preferences')), href: PATH, isActive: active === 'core' },
    ...forms.map((form) => ({
      label: request.t(form.title),
      href: `${PATH}${form.extension}/`,
      isActive: form.extension === active,
    })),
  ];
}

async function formsOf(kernel: Kernel, request: PageRequest): Promise<readonly AnyForm[]> {
  const forms = parameterForms(kernel, 'user').filter(({ extension }) => extension !== 'core');
  const isFor = await Promise.all(forms.map((form) => hasForm(kernel, request, form)));
  return forms.filter((_, i) => isFor[i]);
}

/** One that cannot say it is left out, and reported. */
async function hasForm(kernel: Kernel, request: PageRequest, { extension, when }: AnyForm): Promise<boolean> {
  if (when === undefined) return true;
  try {
    const context = kernel.generation.context(extension);
    return await callExtension(extension, 'parameters:when', WHEN_MS, () => when(request.actor, context));
  } catch (error) {
    kernel.log.error({ extension, at: 'parameters:when', err: error }, 'preferences could not be decided');
    return false;
  }
}

async function findForm(kernel: Kernel, request: PageRequest): Promise<AnyForm> {
  const id = request.params['extension'] ?? '';
  const form = (await formsOf(kernel, request)).find(({ extension }) => extension === id);
  if (form === undefined) throw problem('E_EXTENSION_NOT_FOUND', { id });
  return form;
}

const formOf = (kernel: Kernel, request: PageRequest, form: AnyForm): ParameterForm =>
  new ParameterForm(kernel, request, form, `${PATH}${form.extension}/`, owner(request).id);

async function answer(
  kernel: Kernel,
  request: PageRequest,
  form: AnyForm,
  model: FormModel,
  status?: number,
): Promise<PageAnswer> {
  const links = await preferenceLinks(kernel, request, form.extension);
  return view('host:parameters', t('Preferences'), { form: model, links }, status);
}

/** Whoever comes through a page of his own is signed in; this only says so to the compiler. */
function owner({ account }: Pick<PageRequest, 'account'>): Account {
  if (account === undefined) throw new Error('a page for signed-in readers was opened by a guest');
  return account;
}
