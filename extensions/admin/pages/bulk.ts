/** What is done to many rows of a list at once: the form around the list is sent to the list's own address. */
import { setImmediate } from 'node:timers/promises';
import {
  type Actor,
  action,
  type Contribution,
  type Entry,
  field,
  isProblem,
  messages,
  type PageAnswer,
  type PageRequest,
  redirect,
  type Shape,
  type Text,
  view,
} from '@posthorn/sdk';
import { problem } from '../problems.js';
import { number } from './format.js';

const t = messages('admin');

/** As many rows as one request changes. */
export const BULK_MAX = 1_000;
/** Rows between two looks at whether anybody still waits; other requests get their turn there. */
const CHUNK = 25;
/** As many names as the question before a deletion lists. */
const NAMED = 10;

export const BULK_ACTIONS = ['enable', 'disable', 'delete'] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];

export interface BulkRow {
  /** What its check box sends. */
  readonly id: string;
  readonly name: string;
}

export interface BulkMatching {
  /** Not more than `BULK_MAX`. */
  readonly rows: readonly BulkRow[];
  readonly total: number;
}

/** The filter of the list as it was sent, each `''` where nothing is filtered. */
export type BulkFilter = Readonly<Record<string, string>>;

export interface BulkList {
  readonly path: string;
  readonly permission: Entry;
  readonly title: Text;
  readonly filter: Shape;
  readonly id: RegExp;
  /** Any one of them is enough to be asked; each row is checked again by its service. */
  permissions(what: BulkAction): readonly string[];
  /** `shown` is the count as the reader writes numbers. */
  question(count: number): Text;
  readonly warning: Text;
  /** Everything that the list shows this reader for the filter. */
  matching(request: PageRequest, filter: BulkFilter): Promise<BulkMatching>;
  /** A row that was ticked; throws where the reader does not reach it. */
  find(request: PageRequest, id: string): Promise<BulkRow>;
  run(request: PageRequest, what: BulkAction, id: string, keepdir: boolean): Promise<void>;
}

const LABELS: Readonly<Record<BulkAction, Text>> = {
  enable: t('Enable'),
  disable: t('Disable'),
  delete: t('Delete'),
};
const done = (what: BulkAction, count: string): Text =>
  what === 'enable'
    ? t('Enabled: {{count}}.', { count })
    : what === 'disable'
      ? t('Disabled: {{count}}.', { count })
      : t('Deleted: {{count}}.', { count });

const mayAsk = (list: BulkList, actor: Actor, what: BulkAction): boolean =>
  list.permissions(what).some((permission) => actor.can(permission));

/** What the list's check boxes need; undefined where this reader may do nothing with them. */
export function bulkSelection(list: BulkList, request: PageRequest, filter: BulkFilter, total: number) {
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
  keepdir: field.boolean({ label: t('Keep directories') }).default(false),
});
interface Body {
  readonly action: BulkAction;
  readonly ids: readonly string[];
  readonly chosen: string;
  readonly all: boolean;
  readonly total: number;
  readonly confirmation?: string;
  readonly keepdir: boolean;
}

interface Failure {
  readonly name: string;
  readonly reason: string;
}

export const bulkPage = (list: BulkList): Contribution =>
  action({
    path: list.path,
    permission: list.permission,
    body: { ...list.filter, ...common(list) },
    async run(request) {
      return new BulkRequest(list, request as unknown as PageRequest).answer();
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
    const { action: what, all, total, confirmation } = this.#body;
    const [needed = ''] = this.#list.permissions(what);
    if (!mayAsk(this.#list, this.#request.actor, what)) throw problem('E_ADMIN_FORBIDDEN', { permission: needed });
    const ids = this.#ids();
    if (!all && ids.length === 0) return this.#refuse(422, t('Nothing was selected. Tick the rows first.'));
    if (!all && ids.length > BULK_MAX) return this.#refuse(422, this.#tooMany(ids.length));
    const matching = all ? await this.#list.matching(this.#request, this.#filter) : undefined;
    if (matching !== undefined && matching.total !== total) {
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
    if (matching !== undefined && total > BULK_MAX) return this.#refuse(422, this.#tooMany(total));
    const rows = matching?.rows ?? (await this.#find(ids));
    const count = rows.length + this.#failures.length;
    if (what === 'delete' && confirmation?.trim() !== String(count)) return this.#ask(rows, count);
    return this.#result(await this.#run(rows));
  }

  #ids(): readonly string[] {
    const { ids, chosen } = this.#body;
    const again = chosen === '' ? [] : chosen.split(',').filter((id) => this.#list.id.test(id));
    return [...new Set([...ids, ...again])];
  }

  /** What was ticked and is not there any more, or never was this reader's, is a failure of its own. */
  async #find(ids: readonly string[]): Promise<readonly BulkRow[]> {
    const rows: BulkRow[] = [];
    for (const id of ids) {
      try {
        rows.push(await this.#list.find(this.#request, id));
      } catch (error) {
        if (!isProblem(error) || error.status >= 500) throw error;
        this.#failures.push({ name: id, reason: this.#request.t(error.text) });
      }
    }
    return rows;
  }

  /** Each row in a transaction of its own, so that one that is refused leaves the others done. Counts these. */
  async #run(rows: readonly BulkRow[]): Promise<number> {
    const { action: what, keepdir } = this.#body;
    const { t: say, signal } = this.#request;
    let count = 0;
    for (const [at, { id, name }] of rows.entries()) {
      if (at > 0 && at % CHUNK === 0) await setImmediate();
      if (signal.aborted) {
        this.#failures.push({ name, reason: say(t('Not tried, because the page was left.')) });
        continue;
      }
      try {
        await this.#list.run(this.#request, what, id, keepdir);
        count += 1;
      } catch (error) {
        if (!isProblem(error) || error.status >= 500) {
          this.#request.context.log.error({ err: error, action: what, row: id }, 'a row of many failed');
          this.#failures.push({ name, reason: say(t('An error stopped this one; the log says more.')) });
        } else if (what === 'delete' && error.kind === 'not-found') {
          // It was there a moment ago: another row took it along.
          count += 1;
        } else {
          this.#failures.push({ name, reason: say(error.text) });
        }
      }
    }
    return count;
  }

  #result(count: number): PageAnswer {
    const sentence = done(this.#body.action, this.#number(count));
    if (this.#failures.length === 0) {
      this.#request.notice('success', sentence);
      return redirect(this.#back());
    }
    return view('bulk-result', this.#list.title, {
      ...this.#frame(),
      count,
      done: sentence,
      failed: t('Not done: {{count}}.', { count: this.#number(this.#failures.length) }),
      failures: this.#failures,
      url: this.#request.url,
    });
  }

  #ask(rows: readonly BulkRow[], count: number): PageAnswer {
    const { all, confirmation, total } = this.#body;
    const shown = rows.slice(0, NAMED).map(({ name }) => name);
    const more = count - shown.length;
    const isWrong = confirmation !== undefined;
    const data = {
      ...this.#frame(),
      action: this.#list.path,
      question: this.#list.question(count),
      warning: this.#list.warning,
      names: shown.join(', '),
      more: more === 0 ? undefined : t({ one: 'and {{count}} more', other: 'and {{count}} more' }, { count: more }),
      expected: String(count),
      complaint: isWrong ? t('The number does not match. Type {{count}} to delete them.', { count }) : undefined,
      hidden: {
        ...this.#filter,
        action: 'delete',
        total: String(total),
        ...(all ? { all: 'true' } : { chosen: this.#ids().join(',') }),
      },
    };
    return view('bulk-delete', this.#list.title, data, isWrong ? 422 : undefined);
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
    const query = new URLSearchParams(Object.entries(this.#filter).filter(([, value]) => value !== '')).toString();
    return query === '' ? this.#list.path : `${this.#list.path}?${query}`;
  }

  #number = (value: number): string => number(value, this.#request.locale);
}
