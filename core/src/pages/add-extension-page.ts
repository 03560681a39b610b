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
  view,
} from '@posthorn/sdk';
import { TooManyAttempts } from '../access/sessions/too-many-attempts.js';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { MANAGE_EXTENSIONS, requirePages, startAdd } from '../packages/package-jobs.js';
import { forgetUpload, keepUpload, UPLOAD_MAX } from '../packages/uploads.js';
import { EXTENSIONS } from './extension-state.js';

const t = messages('host');

const PATH = `${EXTENSIONS}add/`;
/** A name of the registry, with a version or a tag. Addresses, paths and options of npm are none. */
const SPEC = /^(?:@[a-z0-9~][a-z0-9._~-]*\/)?[a-z0-9~][a-z0-9._~-]*(?:@[a-z0-9][a-z0-9.+_~^-]*)?$/i;

/** Installing a package on a page: off unless the configuration says otherwise, since it runs whatever code it is given. */
export const addExtensionPage = (kernel: () => Kernel): readonly Contribution[] => [
  page({ path: PATH, permission: MANAGE_EXTENSIONS, load: async () => form(kernel()) }),
  action({
    path: PATH,
    permission: MANAGE_EXTENSIONS,
    body: {
      package: field.string({ label: t('Package'), max: 300 }).default(''),
      trust: field.boolean({ label: t('I trust its author') }).default(false),
      password: field.secret({ label: t('Your password') }).default(''),
    },
    files: { tarball: { label: t('Tarball'), max: UPLOAD_MAX } },
    async run(request) {
      const { body, files, actor, account } = request;
      requirePages(kernel());
      const wanted = body.package.trim();
      const issues = complaints(wanted, files.tarball !== undefined, body.trust);
      if (issues.length > 0) throw invalid(issues);
      if (account === undefined) throw problem('E_FORBIDDEN', { permission: MANAGE_EXTENSIONS });
      const proof = await kernel().signIn.prove(account, body.password);
      if (proof.outcome === 'throttled') throw new TooManyAttempts(proof.wait);
      if (proof.outcome === 'failure') {
        throw invalid([{ path: 'password', message: t('This is not your present password.') }]);
      }
      if (files.tarball === undefined) {
        // With a version it is a name to npm and never a folder.
        const spec = wanted.includes('@', 1) ? wanted : `${wanted}@latest`;
        return redirect(jobPath(await startAdd(kernel(), { package: spec }, actor)));
      }
      const { directory } = kernel().config;
      const upload = await keepUpload(directory, files.tarball.content);
      try {
        return redirect(jobPath(await startAdd(kernel(), { upload }, actor)));
      } catch (error) {
        await forgetUpload(directory, upload);
        throw error;
      }
    },
    onInvalid: async (request, found) => form(kernel(), request as PageRequest, found),
  }),
];

function complaints(wanted: string, hasTarball: boolean, isTrusted: boolean): readonly Issue[] {
  const found: Issue[] = [];
  if (wanted === '' && !hasTarball) found.push({ path: 'package', message: t('Give a name or a tarball.') });
  if (wanted !== '' && hasTarball) found.push({ path: 'package', message: t('Give a name or a tarball, not both.') });
  if (wanted !== '' && !SPEC.test(wanted)) {
    found.push({
      path: 'package',
      message: t('must be a name such as posthorn-acme-notes or posthorn-acme-notes@1.2.0'),
    });
  }
  if (!isTrusted) found.push({ path: 'trust', message: t('Tick this to go on.') });
  return found;
}

function form(kernel: Kernel, request?: PageRequest, found?: Problem): PageAnswer {
  const say = (text: Issue['message']): string => (isMessage(text) ? (request?.t(text) ?? '') : text);
  const named = new Map(found?.issues.map(({ path, message }) => [path, say(message)]));
  const typed = request?.typed['package'];
  return view('extension-add', t('Add an extension'), {
    action: PATH,
    isOn: kernel.config.packagePages === true,
    complaints: Object.fromEntries(named),
    complaint: found !== undefined && found.issues.length === 0 ? request?.t(found.text) : undefined,
    package: typeof typed === 'string' ? typed : '',
    megabytes: UPLOAD_MAX / 1_048_576,
  });
}
