/** What is done to many rows of a list at once: the form around the list is sent to the list's own address. */
import { setImmediate } from 'node:timers/promises';
import {
  action,
  type Contribution,
  field,
  jobPath,
  lists,
  messages,
  type PageAnswer,
  type PageRequest,
  redirect,
  type Text,
  view,
} from '@posthorn/sdk';
import { startBulk } from '../jobs/start-bulk.js';
import { problem } from '../problems.js';
import { trashDays } from '../services/trash-reader.js';
import {
  BULK_ACTIONS,
  BULK_MAX,
  type BulkAction,
  type BulkFilter,
  type BulkList,
  type BulkMatching,
  type BulkRow,
  findRows,
  mayAsk,
  runRows,
} from './bulk-list.js';
import { number } from './format.js';
import { COUNTED, type Shown } from './list-query.js';
import { TRASH_PATH, undoNote } from './trash-undo.js';

const t = messages('admin');

/** As many names as the question before a deletion lists. */
const NAMED = 10;
/** Of a form with the reasons of `BULK_MAX` rows. */
const REPORT_BYTES = 1_048_576;

const LABELS: Readonly<Record<BulkAction, Text>> = {
  enable: t('Enable'),
  disable: t('Disable'),
  quota: t('Set quota'),
  delete: t('Delete'),
};
const done = (what: BulkAction, count: string): Text =>
  what === 'enable'
    ? t('Enabled: {{count}}.', { count })
    : what === 'disable'
      ? t('Disabled: {{count}}.', { count })
      : what === 'quota'
        ? t('Quota set: {{count}}.', { count })
        : t('Deleted: {{count}}.', { count });

/** What the list's check boxes need; undefined where this reader may do nothing with them. */
export function bulkSelection(
  list: BulkList,
  request: PageRequest,
  filter: BulkFilter,
  { total, isMore }: Pick<Shown<unknown>, 'total' | 'isMore'>,
) {
  const actions = BULK_ACTIONS.filter((what) => mayAsk(list, request.actor, what));
  if (actions.length === 0) return undefined;
  return {
    name: 'ids',
    formAction: list.path,
    actions: actions.map((what) => ({
      label: request.t(LABELS[what]),
      value: what,
      ...(what === 'delete' ? { kind: 'danger' } : {}),
    })),
    total,
    isMore,
    hidden: { ...filter, total: String(total) },
  };
}

/** The number typed before a deletion, and the rows it is about, come back from the question. */
const common = (list: BulkList) => ({
  action: field.choice({ label: t('Action'), choices: BULK_ACTIONS }),
  ids: field
    .list(field.string({ label: t('Row'), max: 30, pattern: list.id }), { label: t('Rows'), max: BULK_MAX })
    .default([]),
  /** The same, from the question: one text, because a hidden field holds one. */
  chosen: field.string({ label: t('Rows'), max: 30_000 }).default(''),
  all: field.boolean({ label: t('All that match') }).default(false),
  total: field.integer({ label: t('Total'), min: 0 }).default(0),
  confirmation: field.string({ label: t('Number'), max: 20 }).optional(),
  /** Said on the page that asks before a job begins. */
  isAgreed: field.boolean({ label: t('Agreed') }).default(false),
  keepdir: field.boolean({ label: t('Keep directories') }).default(false),
  quota: field.integer({ label: t('Quota (MB)'), min: 0, max: 2_147_483_647 }).optional(),
});
interface Body {
  readonly action: BulkAction;
  readonly ids: readonly string[];
  readonly chosen: string;
  readonly all: boolean;
  readonly total: number;
  readonly confirmation?: string;
  readonly isAgreed: boolean;
  readonly keepdir: boolean;
  readonly quota?: number;
}

interface Failure {
  readonly name: string;
  readonly reason: string;
}

const REPORT = (list: BulkList) => `${list.path}report/` as const;

/** The rows that were not done, as a file. They come back from the page that shows them: nothing keeps them. */
const reportPage = (list: BulkList): Contribution =>
  action({
    path: REPORT(list),
    permission: list.permission,
    bodyLimit: REPORT_BYTES,
    body: { failures: field.string({ label: t('Rows'), max: REPORT_BYTES }) },
    async run(request) {
      const rows = failuresIn(request.body.failures);
      const columns = [
        { key: 'name', label: t('Name') },
        { key: 'reason', label: t('Reason') },
      ];
      const table = { columns, chunks: inOne(rows), cells: ({ name, reason }: Failure) => ({ name, reason }) };
      return request.context.get(lists).file(table, { name: `${list.name}-not-done`, format: 'csv' }, request);
    },
  });

async function* inOne<Row>(rows: Row): AsyncGenerator<Row> {
  yield rows;
}

function failuresIn(text: string): readonly Failure[] {
  try {
    const given: unknown = JSON.parse(text);
    if (!Array.isArray(given)) return [];
    return given.map((one: Partial<Failure> | null) => ({
      name: String(one?.name ?? ''),
      reason: String(one?.reason ?? ''),
    }));
  } catch {
    return [];
  }
}

export const bulkPages = (list: BulkList): readonly Contribution[] => [bulkPage(list), reportPage(list)];

const bulkPage = (list: BulkList): Contribution =>
  action({
    path: list.path,
    permission: list.permission,
    body: { ...list.filter, ...common(list) },
    async run(request) {
      return new BulkRequest(list, request).answer();
    },
  });

/** One form that was sent about many rows. */
class BulkRequest {
  readonly #list: BulkList;
  readonly #request: PageRequest;
  readonly #body: Body;
  readonly #filter: BulkFilter;
  readonly #failures: Failure[] = [];

  constructor(list: BulkList, request: PageRequest) {
    this.#list = list;
    this.#request = request;
    this.#body = request.body as Body;
    const sent = request.body as Readonly<Record<string, unknown>>;
    this.#filter = Object.fromEntries(Object.keys(list.filter).map((name) => [name, String(sent[name] ?? '')]));
  }

  async answer(): Promise<PageAnswer> {
    const { action: what, all, total } = this.#body;
    const [needed = ''] = this.#list.permissions(what);
    if (!mayAsk(this.#list, this.#request.actor, what)) throw problem('E_ADMIN_FORBIDDEN', { permission: needed });
    const ids = this.#ids();
    if (!all && ids.length === 0) return this.#refuse(422, t('Nothing was selected. Tick the rows first.'));
    if (!all && ids.length > BULK_MAX) return this.#refuse(422, this.#tooMany(ids.length));
    const matching = all ? await this.#list.matching(this.#request, this.#filter) : undefined;
    if (matching !== undefined && !this.#isAsShown(matching.total)) {
      const then = this.#number(total);
      const now = this.#number(matching.total);
      return this.#refuse(
        409,
        t(
          '{{then}} rows matched when the list was shown, {{now}} match now. Nothing was done: look at the list again.',
          {
            then,
            now,
          },
        ),
      );
    }
    if (matching !== undefined && matching.total > BULK_MAX) return this.#handOver(matching);
    const rows = matching?.rows ?? (await this.#find(ids));
    const count = rows.length + this.#failures.length;
    if (!this.#isAnswered(count)) return this.#ask(rows, count);
    return this.#result(await this.#run(rows));
  }

  /** A long list is shown as more than `COUNTED`; the question that follows says how many there are. */
  #isAsShown(now: number): boolean {
    const { total, isAgreed, confirmation } = this.#body;
    const isFirst = !isAgreed && confirmation === undefined;
    return now === total || (isFirst && total === COUNTED && now > COUNTED);
  }

  #ids(): readonly string[] {
    const { ids, chosen } = this.#body;
    const again = chosen === '' ? [] : chosen.split(',').filter((id) => this.#list.id.test(id));
    return [...new Set([...ids, ...again])];
  }

  /** What was ticked and is not there any more, or never was this reader's, is a failure of its own. */
  async #find(ids: readonly string[]): Promise<readonly BulkRow[]> {
    const { rows, refused } = await findRows(this.#list, this.#request, ids);
    this.#failures.push(...refused.map(({ id, text }) => ({ name: id, reason: this.#request.t(text) })));
    return rows;
  }

  /** In batches; a row that is refused leaves the others done. Counts these. */
  async #run(rows: readonly BulkRow[]): Promise<number> {
    const { action: what } = this.#body;
    const { t: say, signal } = this.#request;
    const size = this.#list.batch(what);
    let count = 0;
    for (let at = 0; at < rows.length; at += size) {
      const some = rows.slice(at, at + size);
      // Other requests get their turn.
      if (at > 0) await setImmediate();
      const refusals = signal.aborted
        ? some.map(() => t('Not tried, because the page was left.'))
        : await runRows(this.#list, this.#request, what, some, this.#body);
      for (const [i, refusal] of refusals.entries()) {
        if (refusal === undefined) count += 1;
        else this.#failures.push({ name: some[i]?.name ?? '', reason: say(refusal) });
      }
    }
    return count;
  }

  /** What has to be typed before it is done. */
  #isAnswered(count: number): boolean {
    const { action: what, confirmation, quota } = this.#body;
    if (what === 'delete') return confirmation?.trim() === String(count);
    return what !== 'quota' || quota !== undefined;
  }

  /** Too many for one request: a job does it, once the reader has agreed to the number. */
  async #handOver({ rows, total }: BulkMatching): Promise<PageAnswer> {
    const { action: what, isAgreed, keepdir, quota } = this.#body;
    if (!this.#isAnswered(total) || (what !== 'delete' && !isAgreed)) return this.#ask(rows, total);
    const wish = { action: what, filter: this.#filter, total, keepdir, ...(quota === undefined ? {} : { quota }) };
    const id = await startBulk(this.#list, this.#request, wish);
    this.#request.notice('info', t('The work has begun. It goes on while you leave this page.'));
    return redirect(jobPath(id));
  }

  async #result(count: number): Promise<PageAnswer> {
    const sentence = done(this.#body.action, this.#number(count));
    if (this.#failures.length === 0) {
      const isKept = this.#body.action === 'delete' && (await trashDays(this.#request.context)) > 0;
      const trash = { label: t('Trash'), path: TRASH_PATH, isLink: true };
      this.#request.notice('success', sentence, isKept ? trash : undefined);
      return redirect(this.#back());
    }
    return view('bulk-result', this.#list.title, {
      ...this.#frame(),
      count,
      done: sentence,
      failed: t('Not done: {{count}}.', { count: this.#number(this.#failures.length) }),
      failures: this.#failures,
      report: { action: REPORT(this.#list), failures: JSON.stringify(this.#failures) },
      url: this.#request.url,
    });
  }

  async #ask(rows: readonly BulkRow[], count: number): Promise<PageAnswer> {
    const { action: what, all, confirmation } = this.#body;
    const isJob = count > BULK_MAX;
    const shown = rows.slice(0, NAMED).map(({ name }) => name);
    const more = count - shown.length;
    const isWrong = what === 'delete' && confirmation !== undefined;
    const data = {
      ...this.#frame(),
      action: this.#list.path,
      question: this.#list.question(what, count),
      warning:
        what === 'delete'
          ? t('{{text}} {{more}}', { text: this.#list.warning, more: await undoNote(this.#request.context) })
          : undefined,
      note: isJob
        ? t('This takes a while. It goes on as a job, whose page shows how far it is and can cancel it.')
        : undefined,
      submit: LABELS[what],
      hasDirectories: what === 'delete',
      hasQuota: what === 'quota',
      names: shown.join(', '),
      more: more === 0 ? undefined : t({ one: 'and {{count}} more', other: 'and {{count}} more' }, { count: more }),
      expected: what === 'delete' ? String(count) : undefined,
      complaint: isWrong ? t('The number does not match. Type {{count}} to delete them.', { count }) : undefined,
      hidden: {
        ...this.#filter,
        action: what,
        total: String(count),
        ...(what === 'delete' ? {} : { isAgreed: 'true' }),
        ...(all ? { all: 'true' } : { chosen: this.#ids().join(',') }),
      },
    };
    return view('bulk-question', this.#list.title, data, isWrong ? 422 : undefined);
  }

  #refuse(status: number, complaint: Text): PageAnswer {
    const data = { ...this.#frame(), complaint, failures: [], url: this.#request.url };
    return view('bulk-result', this.#list.title, data, status);
  }

  #tooMany = (count: number): Text =>
    t('At most {{max}} rows can be changed at once, and {{count}} are meant. Search for less, or add a filter.', {
      max: this.#number(BULK_MAX),
      count: this.#number(count),
    });

  #frame = () => ({ back: this.#back(), title: this.#list.title });

  /** The list as it was filtered. */
  #back(): string {
    const { others = '', ...own } = this.#filter;
    const set = [...Object.entries(own).filter(([, value]) => value !== ''), ...new URLSearchParams(others)];
    const query = new URLSearchParams(set).toString();
    return query === '' ? this.#list.path : `${this.#list.path}?${query}`;
  }

  #number = (value: number): string => number(value, this.#request.locale);
}
