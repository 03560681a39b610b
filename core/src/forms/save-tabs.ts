import { isProblem, messages } from '@posthorn/sdk';
import type { FormSession } from './form-session.js';
import { complain, complainOfForm, isTemporary } from './tab-complaint.js';
import { type NamedTab, ownerOf, savingOrder, stepOrder } from './tab-list.js';

const t = messages('host');

/** A tab whose values were read and are right. */
export interface Ready<Subject> {
  readonly named: NamedTab<Subject>;
  readonly from: string;
  readonly values: Readonly<Record<string, unknown>>;
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

/** Somebody else's save was committed between the look at the version and the transaction, which must be rolled back. */
export class Overtaken<Subject> extends Error {
  constructor(readonly by: { readonly subject: Subject; readonly version: string }) {
    super('the subject was changed meanwhile');
  }
}

/** All of them in one transaction. Undefined where nothing was saved; the complaints say why. */
export async function saveTabs<Subject>(
  session: FormSession<Subject>,
  ready: readonly Ready<Subject>[],
  write: <T>(work: (flush: () => Promise<void>) => Promise<T>) => Promise<T>,
  ms: number,
): Promise<{ readonly subject: Subject | undefined } | Overtaken<Subject> | undefined> {
  const owner = ownerOf(session.slotId);
  const order = session.layout === 'steps' ? stepOrder : savingOrder;
  const hasOwner = ready.some(({ from }) => from === owner);
  let failure: TabFailure<Subject> | undefined;
  try {
    return await write(async (flush) => {
      // here and not outside: the transaction may be run again after a deadlock
      failure = undefined;
      const current = await session.request.current?.();
      if (current !== undefined && (current.version !== session.request.version || (await session.isOvertaken()))) {
        throw new Overtaken(current);
      }
      let subject = current?.subject ?? session.request.subject;
      for (const { named, from, values } of order(ready, owner)) {
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
    if (error instanceof Overtaken) return error as Overtaken<Subject>;
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
