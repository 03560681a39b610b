import {
  action,
  type Contribution,
  type FormModel,
  menuEntry,
  messages,
  type PageAnswer,
  type PageRequest,
  page,
  redirect,
  view,
} from '@posthorn/sdk';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { KERNEL_ID } from '../kernel-extension.js';
import { logoData } from './logo-data.js';
import { type AnyForm, ParameterForm, parameterForms } from './parameter-form.js';

const t = messages('host');
const PATH = '/core/parameters/';
const PERMISSION = 'core.manage_parameters';

/** The parameters of all extensions: a page for each, saved on its own. */
export const parameterPages = (kernel: () => Kernel): readonly Contribution[] => [
  menuEntry(
    {
      area: 'main',
      group: t('System'),
      label: t('Parameters'),
      href: PATH,
      icon: 'adjustments',
      permission: PERMISSION,
    },
    { order: 100 },
  ),
  page({
    path: PATH,
    permission: PERMISSION,
    load: (request) => show(kernel(), request as PageRequest, formsOf(kernel())[0]),
  }),
  page({
    path: `${PATH}:extension/`,
    permission: PERMISSION,
    load: (request) => show(kernel(), request, findForm(kernel(), request.params.extension)),
  }),
  action({
    path: `${PATH}:extension/`,
    permission: PERMISSION,
    bodyLimit: 1_048_576,
    run: (request) => save(kernel(), request, findForm(kernel(), request.params.extension)),
  }),
];

const formsOf = (kernel: Kernel): readonly AnyForm[] => parameterForms(kernel, 'global');

function findForm(kernel: Kernel, extension: string): AnyForm {
  const form = formsOf(kernel).find((f) => f.extension === extension);
  if (form === undefined) throw problem('E_EXTENSION_NOT_FOUND', { id: extension });
  return form;
}

const formOf = (kernel: Kernel, request: PageRequest, form: AnyForm): ParameterForm =>
  new ParameterForm(kernel, request, form, `${PATH}${form.extension}/`);

async function show(kernel: Kernel, request: PageRequest, form: AnyForm | undefined): Promise<PageAnswer> {
  if (form === undefined) throw problem('E_PARAMETER_NOT_FOUND', { name: '' });
  return answer(kernel, request, form, await formOf(kernel, request, form).show());
}

/** The page of one extension's parameters, as it is after something else on it was refused. */
export const showParameters = (kernel: Kernel, request: PageRequest, extension: string): Promise<PageAnswer> =>
  show(kernel, request, findForm(kernel, extension));

async function save(kernel: Kernel, request: PageRequest, form: AnyForm): Promise<PageAnswer> {
  const outcome = await formOf(kernel, request, form).save();
  if (!outcome.isSaved) return answer(kernel, request, form, outcome.form, outcome.status);
  request.notice('success', t('The parameters were saved.'));
  return redirect(`${PATH}${form.extension}/`);
}

async function answer(
  kernel: Kernel,
  request: PageRequest,
  form: AnyForm,
  model: FormModel,
  status?: number,
): Promise<PageAnswer> {
  const links = formsOf(kernel).map((one) => ({
    label: request.t(one.title),
    href: `${PATH}${one.extension}/`,
    isActive: one.extension === form.extension,
  }));
  return view(
    'host:parameters',
    t('Parameters'),
    {
      form: model,
      links,
      ...(await logoData(kernel, form.extension)),
      ...(form.extension === KERNEL_ID ? { letterTest: { to: '' } } : {}),
    },
    status,
  );
}
