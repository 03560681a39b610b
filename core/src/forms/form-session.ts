import {
  type Contributed,
  type ExtensionContext,
  type FormModel,
  type FormModelTab,
  type FormRequest,
  type FormScope,
  type FormTab,
  messages,
  type SlotRef,
  type Text,
} from '@posthorn/sdk';
import { enterFrame, frameOf } from '../watch/attribution.js';
import { callExtension, type TabContexts } from './extension-call.js';
import { fieldPlans } from './field-plan.js';
import type { Posted } from './field-text.js';
import { Complaints } from './form-complaints.js';
import { type NamedTab, namedTabs, panelId } from './tab-list.js';
import { fieldId, tabModel } from './tab-model.js';

const t = messages('host');

/** Milliseconds that one tab's own code may take. */
export interface FormDeadlines {
  readonly load: number;
  readonly save: number;
}

export type Loaded =
  | { readonly values: Readonly<Record<string, unknown>> }
  /** A sentence for the reader. */
  | { readonly failure: string };

/** One form in one request: which tabs there are, what they hold, and what there is to complain about. */
export class FormSession<Subject> {
  readonly tabs: readonly NamedTab<Subject>[];
  readonly complaints: Complaints;
  readonly #loaded = new Map<string, Promise<Loaded>>();

  constructor(
    private readonly own: ExtensionContext,
    private readonly contexts: TabContexts,
    private readonly deadlines: FormDeadlines,
    readonly slot: SlotRef<FormTab<Subject>>,
    items: readonly Contributed<FormTab<Subject>>[],
    readonly request: FormRequest<Subject>,
  ) {
    this.complaints = new Complaints((text) => this.say(text));
    this.tabs = namedTabs(items).filter((named) => this.#isVisible(named));
  }

  say(text: Text): string {
    return this.request.request.t(text);
  }

  scope(from: string, subject: Subject | undefined): FormScope<Subject> {
    return { actor: this.request.request.actor, subject, context: this.contexts.of(from) };
  }

  /** The present values of a tab, asked for once. */
  load(named: NamedTab<Subject>): Promise<Loaded> {
    let loading = this.#loaded.get(named.key);
    if (loading === undefined) {
      loading = this.#load(named);
      this.#loaded.set(named.key, loading);
    }
    return loading;
  }

  /** Runs a part of a tab in its extension's name. */
  call<T>(named: NamedTab<Subject>, ms: number, work: () => Promise<T> | T): Promise<T> {
    return callExtension(named.from, this.#at(named), ms, work);
  }

  report(named: NamedTab<Subject>, error: unknown, what: string): void {
    this.own.log.error({ extension: named.from, at: this.#at(named), err: error }, what);
  }

  reportForm(error: unknown): void {
    this.own.log.error({ at: `form:${this.slot.id}`, err: error }, 'a form could not be saved');
  }

  /** The form; `posted` gives back what was typed in the tabs that were sent. */
  async model(
    o: {
      readonly posted?: (tab: string, field: string) => Posted | undefined;
      readonly sent?: ReadonlySet<string>;
      readonly isConflict?: boolean;
    } = {},
  ): Promise<FormModel> {
    const isConflict = o.isConflict ?? false;
    const all = await Promise.all(this.tabs.map(async (named) => ({ named, loaded: await this.load(named) })));
    const tabs = all.map(({ named, loaded }): FormModelTab => {
      const { key, from, tab } = named;
      const { posted } = o;
      const isTyped = posted !== undefined && o.sent?.has(key) === true;
      return tabModel({
        key,
        from,
        title: tab.title,
        shape: tab.shape,
        sections: tab.sections,
        conditions: tab.conditions,
        values: 'values' in loaded ? loaded.values : {},
        posted: isTyped ? (name) => posted(key, name) : undefined,
        isConflict: isConflict && isTyped,
        // what was typed is shown again even where the stored values cannot be read any more
        failure: 'failure' in loaded && !isTyped ? loaded.failure : undefined,
        hasIssues: this.complaints.has(key),
        translate: (text) => this.say(text),
        error: (field) => this.complaints.field(key, field),
      });
    });
    const { action, submit, cancel, version } = this.request;
    return {
      action,
      submit: this.say(submit),
      cancel,
      version: version ?? '',
      tabs,
      issues: this.#issues(),
      isConflict,
    };
  }

  #issues(): FormModel['issues'] {
    const issues = this.complaints.form.map((message) => ({ fieldId: '', label: '', message }));
    for (const { key, tab } of this.tabs) {
      const label = this.say(tab.title);
      // a form of one tab shows no panel that a link could lead to
      const panel = this.tabs.length > 1 ? panelId(key) : '';
      issues.push(...this.complaints.tab(key).map((message) => ({ fieldId: panel, label, message })));
      for (const plan of fieldPlans(tab.shape)) {
        const message = this.complaints.field(key, plan.name);
        if (message === '') continue;
        issues.push({ fieldId: fieldId(key, plan.name), label: this.say(plan.meta.label) || plan.name, message });
      }
    }
    return issues;
  }

  #isVisible(named: NamedTab<Subject>): boolean {
    try {
      const scope = this.scope(named.from, this.request.subject);
      return enterFrame(frameOf(named.from, this.#at(named)), () => named.tab.when(scope));
    } catch (error) {
      // Shown as a failure: a tab that vanished without a word would look as if it had never been there.
      this.report(named, error, 'a tab could not say whether it is visible');
      this.#loaded.set(named.key, Promise.resolve({ failure: this.#failure(named, error) }));
      return true;
    }
  }

  async #load(named: NamedTab<Subject>): Promise<Loaded> {
    try {
      const scope = this.scope(named.from, this.request.subject);
      return { values: (await this.call(named, this.deadlines.load, () => named.tab.load(scope))) ?? {} };
    } catch (error) {
      this.report(named, error, 'a tab could not be loaded');
      return { failure: this.#failure(named, error) };
    }
  }

  #failure(named: NamedTab<Subject>, error: unknown): string {
    const reason = error instanceof Error ? error.message : String(error);
    return this.say(
      this.request.request.actor.isSuperuser
        ? t('The extension {{extension}} could not load this part: {{reason}}', { extension: named.from, reason })
        : t('This part cannot be shown now. Its data stays as it is.'),
    );
  }

  #at({ tab }: NamedTab<Subject>): string {
    return `form:${this.slot.id}/${tab.id}`;
  }
}
