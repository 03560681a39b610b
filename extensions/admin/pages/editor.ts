/** A form to which several extensions contribute, as the pages that make and change one thing. */
import {
  action,
  type Contribution,
  type Entry,
  type FormRequest,
  type Forms,
  type FormTab,
  forms,
  type PageAnswer,
  type PageRequest,
  page,
  redirect,
  type SlotRef,
  type Text,
  view,
  type WizardStep,
} from '@posthorn/sdk';

import { lockRow } from '../services/sql.js';

export interface Crumb {
  readonly label: Text;
  readonly href?: string;
}

/** A link beside the title of a page. */
export interface Link {
  readonly label: Text;
  readonly icon: string;
  readonly href: string;
}

/** Tabs, or the steps of a wizard. */
export type EditorForm<Subject> =
  | { readonly tabs: SlotRef<FormTab<Subject>> }
  | { readonly steps: SlotRef<WizardStep<Subject>> };

export interface Editor<Subject extends { readonly pk: number }> {
  readonly path: string;
  readonly permission: Entry;
  readonly form: EditorForm<Subject>;
  readonly submit: Text;
  /** Said on the next page. */
  readonly done: Text;
  /** What is changed; undefined while it is being made. Throws where there is no such thing for this reader. */
  subject(request: PageRequest): Promise<Subject | undefined>;
  /** Where its row is, and how it is read anew by its id while that is locked. */
  readonly row: { readonly table: string; read(request: PageRequest, pk: number): Promise<Subject> };
  version(subject: Subject): string;
  title(subject: Subject | undefined): Text;
  crumbs(subject: Subject | undefined): readonly Crumb[];
  /** What else can be done with it, beside its title. */
  actions?(request: PageRequest, subject: Subject | undefined): readonly Link[];
  /** Where Cancel leads. */
  back(subject: Subject | undefined): string;
  /** Where a saved form leads. */
  next(subject: Subject | undefined): string;
  /** A page to show at once instead, where there is something that can be shown only now. */
  answer?(subject: Subject | undefined): PageAnswer | undefined;
}

/** The page that shows the form and the one that takes it. */
export const editorPages = <Subject extends { readonly pk: number }>(e: Editor<Subject>): readonly Contribution[] => [
  page({
    path: e.path,
    permission: e.permission,
    async load(request) {
      const subject = await e.subject(request);
      const form = await show(request.context.get(forms), e.form, formRequest(e, request, subject));
      return answer(e, request, subject, form);
    },
  }),
  action({
    path: e.path,
    permission: e.permission,
    bodyLimit: 262_144,
    async run(request) {
      const subject = await e.subject(request);
      const outcome = await save(request.context.get(forms), e.form, formRequest(e, request, subject));
      if (!outcome.isSaved) return answer(e, request, subject, outcome.form, outcome.status);
      request.notice('success', e.done);
      return e.answer?.(outcome.subject) ?? redirect(e.next(outcome.subject ?? subject));
    },
  }),
];

const show = <Subject>(engine: Forms, form: EditorForm<Subject>, request: FormRequest<Subject>) =>
  'steps' in form ? engine.showSteps(form.steps, request) : engine.show(form.tabs, request);

const save = <Subject>(engine: Forms, form: EditorForm<Subject>, request: FormRequest<Subject>) =>
  'steps' in form ? engine.saveSteps(form.steps, request) : engine.save(form.tabs, request);

const formRequest = <Subject extends { readonly pk: number }>(
  e: Editor<Subject>,
  request: PageRequest,
  subject: Subject | undefined,
): FormRequest<Subject> => ({
  request,
  subject,
  action: request.url.pathname,
  submit: e.submit,
  cancel: e.back(subject),
  ...(subject === undefined
    ? {}
    : {
        version: e.version(subject),
        current: async () => {
          await lockRow(request.context.data, e.row.table, subject.pk);
          const now = await e.row.read(request, subject.pk);
          return { subject: now, version: e.version(now) };
        },
      }),
});

const answer = <Subject extends { readonly pk: number }>(
  e: Editor<Subject>,
  request: PageRequest,
  subject: Subject | undefined,
  form: unknown,
  status?: number,
): PageAnswer =>
  view(
    'host:form',
    e.title(subject),
    { form, crumbs: e.crumbs(subject), actions: e.actions?.(request, subject) },
    status,
  );
