import {
  action,
  type Contribution,
  field,
  type Issue,
  invalid,
  isMessage,
  jobPath,
  messages,
  type PageAnswer,
  type PageRequest,
  type Problem,
  page,
  redirect,
  type Text,
  view,
} from '@posthorn/sdk';
import { TooManyAttempts } from '../access/sessions/too-many-attempts.js';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { isPackageName } from '../packages/fetch-package.js';
import {
  type AskedPackage,
  MANAGE_EXTENSIONS,
  requirePages,
  startAdd,
  startUpgrade,
} from '../packages/package-jobs.js';
import { forgetUpload, keepUpload, UPLOAD_MAX } from '../packages/uploads.js';
import { EXTENSIONS, extensionPath } from './extension-state.js';

const t = messages('host');

/** A version or a tag of the registry. */
const VERSION = /^[a-z0-9][a-z0-9.+_~-]*$/i;

/** A form that has npm install something, as a job. */
interface PackageForm {
  readonly path: string;
  title(request: PageRequest): Text;
  /** Where one goes on without it. */
  cancel(request: PageRequest): string;
  readonly lead: Text;
  /** What may be typed instead of sending a tarball. */
  readonly typed: { readonly label: Text; readonly help: Text };
  /** What is wrong with what was typed, which may be nothing. */
  complaint(typed: string, hasTarball: boolean): Text | undefined;
  readonly submit: Text;
  /** What does the same at the command line. */
  command(request: PageRequest): string;
  start(kernel: Kernel, source: AskedPackage, request: PageRequest): Promise<number>;
}

const adding: PackageForm = {
  path: `${EXTENSIONS}add/`,
  title: () => t('Add an extension'),
  cancel: () => EXTENSIONS,
  lead: t('Installs a package. It is enabled afterwards, on its page.'),
  typed: {
    label: t('Package'),
    help: t('Its name in the registry, with a version where you want a certain one: posthorn-acme-notes@1.2.0'),
  },
  complaint(typed, hasTarball) {
    if (typed === '' && !hasTarball) return t('Give a name or a tarball.');
    if (typed !== '' && hasTarball) return t('Give a name or a tarball, not both.');
    if (typed === '' || isPackageName(typed)) return undefined;
    return t('must be a name such as posthorn-acme-notes or posthorn-acme-notes@1.2.0');
  },
  submit: t('Install'),
  command: () => 'posthorn extension add posthorn-acme-notes',
  start: (kernel, source, { actor }) => startAdd(kernel, source, actor),
};

const upgrading: PackageForm = {
  path: `${EXTENSIONS}:id/upgrade/`,
  title: ({ params }) => t('Upgrade {{id}}', { id: params.id ?? '' }),
  cancel: ({ params }) => extensionPath(params.id ?? ''),
  lead: t('The version of now serves until the other one is ready. If it never is, nothing has changed.'),
  typed: { label: t('Version'), help: t('A version or tag of the registry; the newest where you give none.') },
  complaint(typed, hasTarball) {
    if (typed !== '' && hasTarball) return t('Give a version or a tarball, not both.');
    return typed === '' || VERSION.test(typed) ? undefined : t('must be a version such as 1.2.0, or a tag');
  },
  submit: t('Upgrade'),
  command: ({ params }) => `posthorn extension upgrade ${params.id ?? ''}`,
  start: (kernel, source, { params, actor }) => startUpgrade(kernel, params.id ?? '', source, actor),
};

/** Packages on pages: off unless the configuration says otherwise, since whoever may do it runs whatever code they like. */
export const packagePages = (kernel: () => Kernel): readonly Contribution[] =>
  [adding, upgrading].flatMap((form) => [
    page({
      path: form.path,
      permission: MANAGE_EXTENSIONS,
      load: async (request) => shown(kernel(), form, request),
    }),
    action({
      path: form.path,
      permission: MANAGE_EXTENSIONS,
      body: {
        package: field.string({ label: t('Package'), max: 300 }).default(''),
        trust: field.boolean({ label: t('I trust its author') }).default(false),
        password: field.secret({ label: t('Your password') }).default(''),
      },
      files: { tarball: { label: t('Tarball'), max: UPLOAD_MAX } },
      async run(request) {
        const { body, files, account } = request;
        requirePages(kernel());
        const typed = body.package.trim();
        const issues: Issue[] = [];
        const complaint = form.complaint(typed, files.tarball !== undefined);
        if (complaint !== undefined) issues.push({ path: 'package', message: complaint });
        if (!body.trust) issues.push({ path: 'trust', message: t('Tick this to go on.') });
        if (issues.length > 0) throw invalid(issues);
        if (account === undefined) throw problem('E_FORBIDDEN', { permission: MANAGE_EXTENSIONS });
        const proof = await kernel().signIn.prove(account, body.password);
        if (proof.outcome === 'throttled') throw new TooManyAttempts(proof.wait);
        if (proof.outcome === 'failure') {
          throw invalid([{ path: 'password', message: t('This is not your present password.') }]);
        }
        if (files.tarball === undefined) return redirect(jobPath(await form.start(kernel(), { typed }, request)));
        const { directory } = kernel().config;
        const upload = await keepUpload(directory, files.tarball.content);
        try {
          return redirect(jobPath(await form.start(kernel(), { upload }, request)));
        } catch (error) {
          await forgetUpload(directory, upload);
          throw error;
        }
      },
      onInvalid: async (request, found) => shown(kernel(), form, request, found),
    }),
  ]);

function shown(kernel: Kernel, form: PackageForm, request: PageRequest, found?: Problem): PageAnswer {
  const { id } = request.params;
  if (id !== undefined && !kernel.states.some((one) => one.id === id)) throw problem('E_EXTENSION_NOT_FOUND', { id });
  const say = (text: Issue['message']): string => (isMessage(text) ? request.t(text) : text);
  const named = new Map(found?.issues.map(({ path, message }) => [path, say(message)]));
  const typed = request.typed['package'];
  return view('package-form', form.title(request), {
    action: form.path.replace(':id', encodeURIComponent(id ?? '')),
    cancel: form.cancel(request),
    extension: id,
    lead: request.t(form.lead),
    crumb: request.t(form.submit),
    typed: { label: request.t(form.typed.label), help: request.t(form.typed.help) },
    submit: request.t(form.submit),
    command: form.command(request),
    isOn: kernel.config.packagePages === true,
    complaints: Object.fromEntries(named),
    complaint: found !== undefined && found.issues.length === 0 ? request.t(found.text) : undefined,
    package: typeof typed === 'string' ? typed : '',
    megabytes: UPLOAD_MAX / 1_048_576,
  });
}
