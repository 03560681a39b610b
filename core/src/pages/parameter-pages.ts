import { createHash } from 'node:crypto';
import {
  action,
  type Contribution,
  type FormModel,
  type FormRequest,
  type FormTab,
  fieldMeta,
  menuEntry,
  messages,
  type PageAnswer,
  type PageRequest,
  type ParameterRef,
  page,
  redirect,
  type Shape,
  slot,
  view,
} from '@posthorn/sdk';
import { problem } from '../errors.js';
import { FormsService } from '../forms/forms-service.js';
import type { Kernel } from '../kernel.js';
import { logoData } from './logo-data.js';

const t = messages('host');
const PATH = '/core/parameters/';
const PERMISSION = 'core.manage_parameters';

type AnyForm = ParameterRef<Shape>;
type Stored = Readonly<Record<string, unknown>>;

/** Gives the form its name in the log; nobody contributes to it, since every extension's parameters are a form alone. */
const parameterTabs = slot<FormTab<AnyForm>>('host.parameters@1');

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
    load: (request) => show(kernel(), request as unknown as PageRequest, findForm(kernel(), request.params.extension)),
  }),
  action({
    path: `${PATH}:extension/`,
    permission: PERMISSION,
    bodyLimit: 1_048_576,
    run: (request) => save(kernel(), request as unknown as PageRequest, findForm(kernel(), request.params.extension)),
  }),
];

const formsOf = (kernel: Kernel): readonly AnyForm[] =>
  kernel.generation.order
    .flatMap((d) => (d.parameters ?? []) as unknown as readonly AnyForm[])
    .filter((form) => form.level === 'global' && Object.keys(form.shape).length > 0);

function findForm(kernel: Kernel, extension: string): AnyForm {
  const form = formsOf(kernel).find((f) => f.extension === extension);
  if (form === undefined) throw problem('E_EXTENSION_NOT_FOUND', { id: extension });
  return form;
}

async function show(kernel: Kernel, request: PageRequest, form: AnyForm | undefined): Promise<PageAnswer> {
  if (form === undefined) throw problem('E_PARAMETER_NOT_FOUND', { name: '' });
  const asked = await formRequest(kernel, request, form);
  return answer(kernel, request, form, await engine(request).showTabs(parameterTabs, tabOf(kernel, form), asked));
}

/** The page of one extension's parameters, as it is after something else on it was refused. */
export const showParameters = (kernel: Kernel, request: PageRequest, extension: string): Promise<PageAnswer> =>
  show(kernel, request, findForm(kernel, extension));

async function save(kernel: Kernel, request: PageRequest, form: AnyForm): Promise<PageAnswer> {
  const asked = await formRequest(kernel, request, form);
  const outcome = await engine(request).saveTabs(parameterTabs, tabOf(kernel, form), asked);
  if (!outcome.isSaved) return answer(kernel, request, form, outcome.form, outcome.status);
  // Again after the commit: who read in between may have kept the values of before.
  kernel.parameters.refresh();
  request.notice('success', t('The parameters were saved.'));
  return redirect(`${PATH}${form.extension}/`);
}

const engine = (request: PageRequest): FormsService => new FormsService(request.context);

async function formRequest(kernel: Kernel, request: PageRequest, form: AnyForm): Promise<FormRequest<AnyForm>> {
  return {
    request,
    subject: form,
    action: `${PATH}${form.extension}/`,
    submit: t('Save'),
    cancel: '',
    version: versionOf(form, await kernel.parameters.read(form)),
    current: async () => {
      await kernel.revisionRow.lock();
      // What another process has stored a moment ago is not known here yet.
      kernel.parameters.refresh();
      return { subject: form, version: versionOf(form, await kernel.parameters.read(form)) };
    },
  };
}

/** Of the values as they are shown; secrets are not, not even as part of a digest. */
function versionOf(form: AnyForm, values: Stored): string {
  const shown = Object.entries(form.shape)
    .filter(([, schema]) => fieldMeta(schema).kind !== 'secret')
    .map(([name]) => [name, values[name]]);
  return createHash('sha256').update(JSON.stringify(shown)).digest('base64url').slice(0, 22);
}

const tabOf = (
  kernel: Kernel,
  form: AnyForm,
): readonly { readonly from: string; readonly item: FormTab<AnyForm> }[] => [
  {
    from: form.extension,
    item: {
      id: form.extension,
      title: form.title,
      shape: form.shape,
      sections: form.sections,
      conditions: {},
      when: () => true,
      load: () => kernel.parameters.read(form),
      validate: async (values) => form.check?.(values) ?? [],
      save: async (values) => {
        await kernel.parameters.write(form, values);
        return undefined;
      },
    },
  },
];

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
    { form: model, links, ...(await logoData(kernel, form.extension)) },
    status,
  );
}
