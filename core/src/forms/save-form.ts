import { type FormOutcome, type FormRequest, isProblem, messages, type Problem } from '@posthorn/sdk';
import { extensionToBlame } from '../watch/attribution.js';
import { fieldPlans } from './field-plan.js';
import type { Posted } from './field-text.js';
import type { FormDeadlines, FormSession } from './form-session.js';
import { UNKNOWN } from './issue-text.js';
import { ENGINE_NAMES, readPosted } from './read-posted.js';
import { fieldName, type NamedTab, ownerOf, savingOrder } from './tab-list.js';

const t = messages('host');

/** More unknown names than this are not worth a sentence each. */
const UNKNOWN_SHOWN = 10;

interface Ready<Subject> {
  readonly named: NamedTab<Subject>;
  readonly from: string;
  readonly values: Readonly<Record<string, unknown>>;
}

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

  const tabs = session.tabs.filter(({ key }) => sent.has(key));
  if (tabs.length === 0 && complaints.isEmpty) complaints.aboutForm(t('Nothing was sent.'));
  const ready = (await Promise.all(tabs.map((named) => readTab(session, named, posted)))).filter(
    (tab) => tab !== undefined,
  );
  await Promise.all(ready.map((tab) => validateTab(session, tab, deadlines.load)));

  const isConflict = isStale(request.version, own(typed, '_version'));
  if (isConflict) return { isSaved: false, form: await session.model({ posted, sent, isConflict }), status: 409 };
  if (complaints.isEmpty) {
    const saved = await saveTabs(session, ready, write, deadlines.save);
    if (saved !== undefined) return { isSaved: true, subject: saved.subject };
  }
  return { isSaved: false, form: await session.model({ posted, sent }), status: complaints.isTemporary ? 503 : 422 };
}

const own = (typed: Typed, name: string): Posted | undefined => (Object.hasOwn(typed, name) ? typed[name] : undefined);

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
  for (const { key, tab } of session.tabs) {
    if (sent.has(key)) for (const { name } of fieldPlans(tab.shape)) known.add(fieldName(key, name));
  }
  const there = new Set(session.tabs.map(({ key }) => key));
  // A tab whose extension was switched off meanwhile: one sentence, not one for each of its fields.
  const gone = new Set([...sent].filter((key) => !there.has(key)));
  for (const key of [...gone].slice(0, UNKNOWN_SHOWN)) {
    const said = t('The part {{tab}} is no longer there; send the form again without it.', { tab: short(key) });
    session.complaints.aboutForm(said);
  }
  const unknown = Object.keys(typed).filter((name) => !known.has(name) && !gone.has(name.split('.', 1)[0] ?? ''));
  for (const name of unknown.slice(0, UNKNOWN_SHOWN)) {
    session.complaints.aboutForm(t('{{name}} {{said}}', { name: short(name), said: session.say(UNKNOWN) }));
  }
}

/** A name that somebody made up, fit to be shown. */
const short = (name: string): string => {
  const shown = name.replace(/\p{C}/gu, '\ufffd');
  return shown.length > 60 ? `${shown.slice(0, 60).toWellFormed()}…` : shown;
};

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

/** A tab's failure on its way through the transaction, which must be rolled back. */
class TabFailure<Subject> extends Error {
  constructor(
    readonly named: NamedTab<Subject>,
    override readonly cause: unknown,
  ) {
    super('a tab could not be saved');
  }
}

/** Undefined where nothing was saved. */
async function saveTabs<Subject>(
  session: FormSession<Subject>,
  ready: readonly Ready<Subject>[],
  write: <T>(work: (flush: () => Promise<void>) => Promise<T>) => Promise<T>,
  ms: number,
): Promise<{ readonly subject: Subject | undefined } | undefined> {
  const owner = ownerOf(session.slot.id);
  const hasOwner = ready.some(({ from }) => from === owner);
  let failure: TabFailure<Subject> | undefined;
  try {
    return await write(async (flush) => {
      // here and not outside: the transaction may be run again after a deadlock
      failure = undefined;
      let { subject } = session.request;
      for (const { named, from, values } of savingOrder(ready, owner)) {
        try {
          const made = await session.call(named, ms, async () => {
            const saved = await named.tab.save(values, session.scope(from, subject));
            // so that what the database refuses is this tab's and not the form's
            await flush();
            return saved;
          });
          if (made !== undefined && made !== null && (from === owner || !hasOwner)) subject = made;
        } catch (error) {
          failure = new TabFailure(named, error);
          throw error;
        }
      }
      return { subject };
    });
  } catch (error) {
    // What a driver threw has become a problem on its way through the transaction.
    if (isTemporary(error) || (failure === undefined && isProblem(error))) complainOfForm(session, error);
    else if (failure !== undefined) complain(session, failure.named, failure.cause);
    else {
      session.complaints.aboutForm(t('Nothing was saved: something went wrong.'));
      session.reportForm(error);
    }
    return undefined;
  }
}

const isTemporary = (error: unknown): error is Problem => isProblem(error) && error.kind === 'temporary';

function complainOfForm<Subject>({ complaints }: FormSession<Subject>, problem: Problem): void {
  complaints.isTemporary ||= isTemporary(problem);
  complaints.aboutForm(problem.text);
}

function complain<Subject>(session: FormSession<Subject>, named: NamedTab<Subject>, error: unknown): void {
  const { complaints } = session;
  if (isTemporary(error)) {
    complainOfForm(session, error);
    return;
  }
  const guard = extensionToBlame(error);
  if (isProblem(error) && guard === undefined) {
    const issues = issuesOf(error);
    if (issues.length > 0) complaints.aboutFields(named.key, Object.keys(named.tab.shape), issues);
    else complaints.aboutTab(named.key, error.text);
    return;
  }
  session.report(named, error, 'a tab could not be saved');
  const cause = guard?.cause ?? error;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const extension = guard?.extension ?? named.from;
  complaints.aboutTab(
    named.key,
    session.request.request.actor.isSuperuser
      ? t('Nothing was saved: the extension {{extension}} failed here: {{reason}}', { extension, reason })
      : t('Nothing was saved: something went wrong in this part.'),
  );
}

/** Problems of another copy of the SDK may carry a field and no issues. */
const issuesOf = (problem: Problem): Problem['issues'] =>
  problem.issues.length > 0 || problem.field === undefined
    ? problem.issues
    : [{ path: problem.field, message: problem.text }];
