/** A page that asks before something is deleted, and the one that deletes it. */
import {
  action,
  type Contribution,
  type Entry,
  field,
  isProblem,
  messages,
  type NoticeAction,
  type PageAnswer,
  type PageRequest,
  page,
  redirect,
  type Shape,
  type Text,
  view,
} from '@posthorn/sdk';
import { problem } from '../problems.js';
import type { Crumb } from './editor.js';
import { undoNote } from './trash-undo.js';

const t = messages('admin');

export interface Removal<Subject> {
  readonly path: string;
  readonly permission: Entry;
  readonly title: Text;
  readonly done: Text;
  /** Where the list is. */
  readonly next: string;
  /** Nothing brings it back, whatever the parameters say. */
  readonly isFinal?: boolean;
  /** Directories of mailboxes can be left alone. */
  readonly hasDirectories?: boolean;
  subject(request: PageRequest): Promise<Subject>;
  /** What has to be typed, and what the question names. */
  name(subject: Subject): string;
  text(subject: Subject): Text;
  crumbs(subject: Subject): readonly Crumb[];
  remove(request: PageRequest, subject: Subject, keepdir: boolean): Promise<void>;
  /** A button beside `done`. */
  undo?(request: PageRequest, subject: Subject): Promise<NoticeAction | undefined>;
}

const body = {
  confirmation: field.string({ label: t('Name'), max: 320 }).default(''),
  keepdir: field.boolean({ label: t('Keep directories') }).default(false),
} satisfies Shape;

export const removalPages = <Subject>(r: Removal<Subject>): readonly Contribution[] => [
  page({
    path: r.path,
    permission: r.permission,
    async load(request) {
      return answer(r, request, await r.subject(request));
    },
  }),
  action({
    path: r.path,
    permission: r.permission,
    body,
    async run(request) {
      const subject = await r.subject(request);
      const name = r.name(subject);
      if (request.body.confirmation.trim().toLowerCase() !== name) {
        return answer(r, request, subject, t('The name does not match. Type {{name}} to delete it.', { name }), 422);
      }
      try {
        await r.remove(request, subject, request.body.keepdir);
      } catch (error) {
        // What the rules refuse is said beside the question; anything else is the error page's.
        if (!isProblem(error) || (error.status >= 500 && error.kind !== 'temporary')) throw error;
        return answer(r, request, subject, error.text, error.kind === 'temporary' ? 503 : 422);
      }
      request.notice('success', r.done, await r.undo?.(request, subject));
      return redirect(r.next);
    },
  }),
];

async function answer<Subject>(
  r: Removal<Subject>,
  request: PageRequest,
  subject: Subject,
  complaint?: Text,
  status?: number,
): Promise<PageAnswer> {
  const crumbs = r.crumbs(subject);
  const data = {
    crumbs,
    action: request.url.pathname,
    heading: r.title,
    text: r.text(subject),
    note: r.isFinal === true ? t('This cannot be undone.') : await undoNote(request.context),
    expected: r.name(subject),
    hasDirectories: r.hasDirectories === true,
    complaint,
    cancel: crumbs.findLast(({ href }) => href !== undefined)?.href ?? r.next,
  };
  return view('delete', r.title, data, status);
}

/** The number of a row in an address. */
export function idParam(request: PageRequest): number {
  const text = request.params.id ?? '';
  if (!/^[1-9]\d{0,9}$/.test(text)) throw problem('E_ADMIN_ACCOUNT_NOT_FOUND', { name: '?' });
  return Number(text);
}
