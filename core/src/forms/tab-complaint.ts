import { isProblem, messages, type Problem } from '@posthorn/sdk';
import { causeText } from '../text/cause-text.js';
import { extensionToBlame } from '../watch/attribution.js';
import type { FormSession } from './form-session.js';
import type { NamedTab } from './tab-list.js';

const t = messages('host');

export const isTemporary = (error: unknown): error is Problem => isProblem(error) && error.kind === 'temporary';

export function complainOfForm<Subject>({ complaints }: FormSession<Subject>, problem: Problem): void {
  complaints.isTemporary ||= isTemporary(problem);
  complaints.aboutForm(problem.text);
}

/** Says at a tab what its own code refused, or that it failed. */
export function complain<Subject>(session: FormSession<Subject>, named: NamedTab<Subject>, error: unknown): void {
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
  const reason = causeText(guard?.cause ?? error);
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
