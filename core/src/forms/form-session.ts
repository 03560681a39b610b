import { createHash } from 'node:crypto';
import {
  type Contributed,
  type ExtensionContext,
  type FormModel,
  type FormModelTab,
  type FormRequest,
  type FormScope,
  messages,
  type Text,
  type WizardStep,
} from '@posthorn/sdk';
import { causeText } from '../text/cause-text.js';
import { enterFrame, frameOf } from '../watch/attribution.js';
import { callExtension, type TabContexts } from './extension-call.js';
import { fieldPlans } from './field-plan.js';
import type { Posted } from './field-text.js';
import { Complaints } from './form-complaints.js';
import { fieldValue, type StepConditions, skippedSteps, stepConditions, withinReach } from './step-conditions.js';
import { fieldName, type NamedTab, namedTabs, panelId } from './tab-list.js';
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
  | { readonly failure: string }
  /** There is no such tab for this reader. */
  | { readonly isAbsent: true };

/** What was typed in the tabs that were sent. */
export interface Sent {
  readonly posted: (tab: string, field: string) => Posted | undefined;
  readonly sent: ReadonlySet<string>;
}

/** One form in one request: which tabs there are, what they hold, and what there is to complain about. */
export class FormSession<Subject> {
  readonly tabs: readonly NamedTab<Subject>[];
  readonly complaints: Complaints;
  readonly #conditions: StepConditions;
  readonly #loaded = new Map<string, Promise<Loaded>>();

  constructor(
    private readonly own: ExtensionContext,
    private readonly contexts: TabContexts,
    private readonly deadlines: FormDeadlines,
    readonly slotId: string,
    private readonly items: readonly Contributed<WizardStep<Subject>>[],
    readonly request: FormRequest<Subject>,
    readonly layout: FormModel['layout'],
  ) {
    this.complaints = new Complaints((text) => this.say(text));
    const all = namedTabs(items);
    this.#conditions = stepConditions(all, (named, error) =>
      this.report(named, error, 'a condition of a tab cannot be decided'),
    );
    this.tabs = all.filter((named) => this.#isVisible(named));
  }

  /** The same form about its subject as it is now; every tab is loaded anew. */
  renewed(o: { readonly subject: Subject; readonly version: string }): FormSession<Subject> {
    const { own, contexts, deadlines, slotId, items, request, layout } = this;
    return new FormSession(own, contexts, deadlines, slotId, items, { ...request, ...o }, layout);
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
    this.own.log.error({ at: `form:${this.slotId}`, err: error }, 'a form could not be saved');
  }

  /** Steps whose condition does not hold, by what was typed in the steps before, or is stored where nothing was. */
  skipped(typed: Sent): Promise<ReadonlySet<string>> {
    const keys = this.tabs.map(({ key }) => key);
    return skippedSteps(keys, this.#conditions, async (step, field) => {
      const named = this.tabs.find(({ key }) => key === step);
      if (named === undefined) return undefined;
      const loaded = await this.load(named);
      const isTyped = typed.sent.has(step);
      if ('failure' in loaded && !isTyped) return undefined;
      const posted = isTyped ? (name: string) => typed.posted(step, name) : undefined;
      return fieldValue(named.tab, field, 'values' in loaded ? loaded.values : {}, posted);
    });
  }

  /** Of the subject, and of tabs whose values change without it. Empty where nothing can conflict. */
  async version(): Promise<string> {
    const { version = '' } = this.request;
    const own = await Promise.all(this.#versioned().map((named) => this.load(named)));
    return own.length === 0 ? version : `${version}.${digest(own)}`;
  }

  /** Whether such a tab holds something else by now than when this form was loaded. */
  async isOvertaken(): Promise<boolean> {
    const tabs = this.#versioned();
    const then = await Promise.all(tabs.map((named) => this.load(named)));
    const now: Loaded[] = [];
    for (const named of tabs) now.push(await this.#load(named));
    return digest(then) !== digest(now);
  }

  #versioned(): readonly NamedTab<Subject>[] {
    return this.tabs.filter(({ tab }) => tab.isVersioned === true);
  }

  /** The form, with what was typed. */
  async model(o: Partial<Sent> & { readonly isConflict?: boolean } = {}): Promise<FormModel> {
    const isConflict = o.isConflict ?? false;
    const all = await Promise.all(this.tabs.map(async (named) => ({ named, loaded: await this.load(named) })));
    const there = all.filter(({ loaded }) => !('isAbsent' in loaded));
    const tabs = there.map(({ named, loaded }): FormModelTab => {
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
        condition: this.#conditionOf(key),
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
    const { action, submit, cancel } = this.request;
    return {
      action,
      submit: this.say(submit),
      cancel,
      layout: this.layout,
      version: await this.version(),
      tabs: withinReach(tabs),
      issues: this.#issues(),
      isConflict,
    };
  }

  #conditionOf(key: string): FormModelTab['condition'] {
    const condition = this.#conditions.get(key);
    return condition && { field: fieldName(condition.step, condition.field), is: condition.is };
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
      const values = await this.call(named, this.deadlines.load, () => named.tab.load(scope));
      return values === undefined ? { isAbsent: true } : { values: values ?? {} };
    } catch (error) {
      this.report(named, error, 'a tab could not be loaded');
      return { failure: this.#failure(named, error) };
    }
  }

  #failure(named: NamedTab<Subject>, error: unknown): string {
    return this.say(
      this.request.request.actor.isSuperuser
        ? t('The extension {{extension}} could not load this part: {{reason}}', {
            extension: named.from,
            reason: causeText(error),
          })
        : t('This part cannot be shown now. Its data stays as it is.'),
    );
  }

  #at({ tab }: NamedTab<Subject>): string {
    return `form:${this.slotId}/${tab.id}`;
  }
}

const digest = (loaded: readonly Loaded[]): string =>
  createHash('sha256').update(JSON.stringify(loaded)).digest('base64url').slice(0, 16);
