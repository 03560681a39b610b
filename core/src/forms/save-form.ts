import { type FormOutcome, type FormRequest, type Message, messages } from '@posthorn/sdk';
import { fieldPlans } from './field-plan.js';
import type { Posted } from './field-text.js';
import type { FormDeadlines, FormSession } from './form-session.js';
import { UNKNOWN } from './issue-text.js';
import { clearName, ENGINE_NAMES, readPosted, STEP_NAME } from './read-posted.js';
import { Overtaken, type Ready, saveTabs } from './save-tabs.js';
import { shownName } from './shown-name.js';
import { complain } from './tab-complaint.js';
import { fieldName, type NamedTab } from './tab-list.js';

const t = messages('host');

/** More unknown names than this are not worth a sentence each. */
const UNKNOWN_SHOWN = 10;

const noLonger = (tab: string): Message =>
  t('The part {{tab}} is no longer there; send the form again without it.', { tab: shownName(tab) });

type Typed = FormRequest<never>['request']['typed'];

/** Reads, checks and saves what was sent: all of it in one transaction, or nothing. */
export async function saveForm<Subject>(
  session: FormSession<Subject>,
  write: <T>(work: (flush: () => Promise<void>) => Promise<T>) => Promise<T>,
  deadlines: FormDeadlines,
): Promise<FormOutcome<Subject>> {
  const { complaints, request } = session;
  const { typed } = request.request;
  const posted = (tab: string, field: string): Posted | undefined => own(typed, fieldName(tab, field));
  const sent = sentTabs(session, typed);
  refuseUnknown(session, typed, sent);

  const skipped = await session.skipped({ posted, sent });
  const tabs = session.tabs.filter(({ key }) => sent.has(key) && !skipped.has(key));
  if (tabs.length === 0 && complaints.isEmpty) complaints.aboutForm(t('Nothing was sent.'));
  const asked = session.layout === 'steps' ? own(typed, STEP_NAME) : undefined;
  const checked = asked === undefined ? tabs : tabs.slice(0, endOf(session, tabs, asked));
  const ready = (await Promise.all(checked.map((named) => readTab(session, named, posted)))).filter(
    (tab) => tab !== undefined,
  );
  await Promise.all(ready.map((tab) => validateTab(session, tab, deadlines.load)));
  if (asked !== undefined) {
    return { isSaved: false, form: await session.model({ posted, sent }), status: complaints.isEmpty ? 200 : 422 };
  }

  const isConflict = isStale(await session.version(), own(typed, '_version'));
  if (isConflict) return { isSaved: false, form: await session.model({ posted, sent, isConflict }), status: 409 };
  if (complaints.isEmpty) {
    const saved = await saveTabs(session, ready, write, deadlines.save);
    if (saved instanceof Overtaken) {
      const form = await session.renewed(saved.by).model({ posted, sent, isConflict: true });
      return { isSaved: false, form, status: 409 };
    }
    if (saved !== undefined) return { isSaved: true, subject: saved.subject };
  }
  return { isSaved: false, form: await session.model({ posted, sent }), status: complaints.isTemporary ? 503 : 422 };
}

const own = (typed: Typed, name: string): Posted | undefined => (Object.hasOwn(typed, name) ? typed[name] : undefined);

/** Behind the step up to which a wizard asks; one that is not there is refused. */
function endOf<Subject>(session: FormSession<Subject>, steps: readonly NamedTab<Subject>[], asked: Posted): number {
  const order = session.tabs.map(({ key }) => key);
  const last = typeof asked === 'string' ? order.indexOf(asked) : -1;
  if (last === -1) session.complaints.aboutForm(t('There is no such step.'));
  return steps.filter(({ key }) => order.indexOf(key) <= last).length;
}

/** The form says which tabs it held (`_sent=general color`); without that, those are meant of which something came. */
function sentTabs<Subject>(session: FormSession<Subject>, typed: Typed): ReadonlySet<string> {
  const marked = own(typed, '_sent');
  if (marked !== undefined) {
    const keys = (typeof marked === 'string' ? [marked] : marked).flatMap((text) => text.split(/\s+/));
    return new Set(keys.filter((key) => key !== ''));
  }
  const has = ({ key, tab }: NamedTab<Subject>): boolean =>
    fieldPlans(tab.shape).some(({ name }) => own(typed, fieldName(key, name)) !== undefined);
  return new Set(session.tabs.filter(has).map(({ key }) => key));
}

function refuseUnknown<Subject>(session: FormSession<Subject>, typed: Typed, sent: ReadonlySet<string>): void {
  const known = new Set(ENGINE_NAMES);
  // One that asks to be checked only must not be saved by a form that has no steps.
  if (session.layout === 'tabs') known.delete(STEP_NAME);
  for (const { key, tab } of session.tabs) {
    if (!sent.has(key)) continue;
    for (const { name, meta } of fieldPlans(tab.shape)) {
      known.add(fieldName(key, name));
      if (meta.kind === 'secret') known.add(clearName(fieldName(key, name)));
    }
  }
  const there = new Set(session.tabs.map(({ key }) => key));
  // A tab whose extension was switched off meanwhile: one sentence, not one for each of its fields.
  const gone = new Set([...sent].filter((key) => !there.has(key)));
  for (const key of [...gone].slice(0, UNKNOWN_SHOWN)) {
    session.complaints.aboutForm(noLonger(key));
  }
  const unknown = Object.keys(typed).filter((name) => !known.has(name) && !gone.has(name.split('.', 1)[0] ?? ''));
  for (const name of unknown.slice(0, UNKNOWN_SHOWN)) {
    session.complaints.aboutForm(t('{{name}} {{said}}', { name: shownName(name), said: UNKNOWN }));
  }
}

/** A form that lost its version is as old as can be. */
const isStale = (now: string | undefined, sent: Posted | undefined): boolean =>
  now !== undefined && now !== '' && sent !== now;

/** Undefined where the tab cannot be saved; the complaints say why. */
async function readTab<Subject>(
  session: FormSession<Subject>,
  named: NamedTab<Subject>,
  posted: (tab: string, field: string) => Posted | undefined,
): Promise<Ready<Subject> | undefined> {
  const { key, from, tab } = named;
  const loaded = await session.load(named);
  if ('failure' in loaded) {
    session.complaints.aboutTab(key, loaded.failure);
    return undefined;
  }
  if ('isAbsent' in loaded) {
    session.complaints.aboutForm(noLonger(key));
    return undefined;
  }
  const { values, issues } = readPosted({
    shape: tab.shape,
    conditions: tab.conditions,
    stored: loaded.values,
    from,
    posted: (name) => posted(key, name),
  });
  for (const issue of issues) session.complaints.aboutField(key, issue);
  return issues.length > 0 ? undefined : { named, from, values };
}

async function validateTab<Subject>(
  session: FormSession<Subject>,
  { named, from, values }: Ready<Subject>,
  ms: number,
): Promise<void> {
  const scope = session.scope(from, session.request.subject);
  try {
    const issues = await session.call(named, ms, () => named.tab.validate(values, scope));
    session.complaints.aboutFields(named.key, Object.keys(named.tab.shape), issues);
  } catch (error) {
    complain(session, named, error);
  }
}
