import {
  type FieldCondition,
  type FieldModel,
  type FormModelTab,
  type FormSection,
  messages,
  type Shape,
  type Text,
} from '@posthorn/sdk';
import type { Conditions } from './conditions.js';
import { type FieldLimits, type FieldPlan, fieldPlans } from './field-plan.js';
import { type Posted, toText, typedText } from './field-text.js';
import { catalogOf } from './issue-text.js';
import { clearName, member } from './read-posted.js';
import { elementId } from './tab-list.js';

/** A field with what the browser may do by itself; the contract's model without it is enough to draw the form. */
export interface DetailedField extends FieldModel, FieldLimits {
  /** For password managers and phones' keyboards; undefined where the browser had better not fill in. */
  readonly autocomplete?: string;
}

export interface TabSource {
  /** Undefined for a form of one shape, whose fields are sent under their own names. */
  readonly key: string | undefined;
  readonly from: string;
  readonly title: Text;
  readonly shape: Shape;
  readonly sections: readonly FormSection[];
  readonly conditions: Conditions;
  /** Of the tab itself. */
  readonly condition: FieldCondition | undefined;
  readonly values: Readonly<Record<string, unknown>>;
  /** Shown instead of the values where the form was sent already. */
  readonly posted: ((name: string) => Posted | undefined) | undefined;
  readonly isConflict: boolean;
  readonly failure: string | undefined;
  readonly hasIssues: boolean;
  readonly translate: (text: Text) => string;
  readonly error: (field: string) => string;
}

export function tabModel(s: TabSource): FormModelTab {
  const { from, failure, condition } = s;
  const tab = { id: s.key ?? 'form', title: s.translate(s.title), from, failure, condition };
  if (s.failure !== undefined) return { ...tab, hasIssues: s.hasIssues, sections: [] };
  const left = new Map(fieldPlans(s.shape).map((plan) => [plan.name, plan]));
  const take = (names: readonly string[]): readonly DetailedField[] =>
    names.flatMap((name) => {
      const plan = left.get(name);
      left.delete(name);
      return plan === undefined ? [] : [fieldModel(plan, s)];
    });
  const sections = s.sections.map((section) => ({
    title: s.translate(section.title),
    text: s.translate(section.text ?? ''),
    fields: take(section.fields),
  }));
  sections.push({ title: '', text: '', fields: take([...left.keys()]) });
  return { ...tab, hasIssues: s.hasIssues, sections: sections.filter(({ fields }) => fields.length > 0) };
}

/** A secret is in no answer, so what was typed is gone when the form comes back. */
const RETYPE = messages('host')('What you typed here was not kept: type it again.');

function isLost({ name, meta }: FieldPlan, { posted }: TabSource): boolean {
  return meta.kind === 'secret' && [posted?.(name) ?? []].flat().some((one) => one !== '');
}

export const fieldId = (tab: string | undefined, field: string): string =>
  tab === undefined ? elementId(field) : elementId(tab, field);

function fieldModel(plan: FieldPlan, s: TabSource): DetailedField {
  const { name, meta } = plan;
  const stored = storedText(plan, s.values);
  const value = shownText(plan, s.values, s.posted);
  const condition = Object.hasOwn(s.conditions, name) ? s.conditions[name] : undefined;
  const complete = autocomplete(plan);
  return {
    id: fieldId(s.key, name),
    name: sentName(s.key, name),
    kind: meta.kind,
    label: s.translate(meta.label) || name,
    help: [s.translate(meta.help ?? ''), isLost(plan, s) ? s.translate(RETYPE) : '']
      .filter((one) => one !== '')
      .join(' '),
    unit: unitOf(plan, s),
    value,
    choices: choicesOf(plan, value, s),
    isRequired: plan.isRequired && !(meta.kind === 'secret' && member(s.values, name) !== undefined),
    ...(meta.kind === 'secret' ? secretModel(plan, s) : {}),
    error: s.error(name),
    theirs: s.isConflict && meta.kind !== 'secret' && !isSame(meta.kind, value, stored) ? stored : undefined,
    condition: condition === undefined ? undefined : conditionOf(s.key, condition),
    ...plan.limits,
    ...(complete === undefined ? {} : { autocomplete: complete }),
  };
}

function secretModel(plan: FieldPlan, s: TabSource): Pick<FieldModel, 'isSet' | 'clears'> {
  const value = member(s.values, plan.name);
  if (value === undefined) return {};
  const isSet = value !== null && value !== '';
  return isSet && plan.empty !== 'refused' ? { isSet, clears: clearName(sentName(s.key, plan.name)) } : { isSet };
}

const sentName = (tab: string | undefined, field: string): string => (tab === undefined ? field : `${tab}.${field}`);

/** Conditions name their field as it is sent, so that a script finds it. */
const conditionOf = (tab: string | undefined, c: FieldCondition): FieldCondition => ({
  field: sentName(tab, c.field),
  is: c.is,
});

const storedText = (plan: FieldPlan, values: TabSource['values']): string =>
  toText(plan.meta.kind, presentValue(plan, values));

/**
 * What stands in the input. A box that was not sent was not ticked; any other field that was not sent shows what is
 * stored.
 */
export function shownText(plan: FieldPlan, values: TabSource['values'], posted: TabSource['posted']): string {
  const { kind } = plan.meta;
  const given = posted?.(plan.name);
  const isTyped = posted !== undefined && (given !== undefined || kind === 'boolean');
  return isTyped ? typedText(kind, given) : storedText(plan, values);
}

/** The value, or the default where there is none yet. */
function presentValue(plan: FieldPlan, values: Readonly<Record<string, unknown>>): unknown {
  const value = member(values, plan.name);
  if (value !== undefined) return value;
  const fallback = plan.schema.safeParse(undefined);
  return fallback.success ? fallback.data : undefined;
}

const isSame = (kind: FieldModel['kind'], a: string, b: string): boolean =>
  a === b || (kind === 'text' && a.replace(/\r\n?/g, '\n') === b.replace(/\r\n?/g, '\n'));

/** A size carries its unit in its text; a moment is asked for in UTC, and says so. */
function unitOf({ meta }: FieldPlan, s: TabSource): string {
  if (meta.kind === 'size') return '';
  if (meta.kind === 'timestamp') return 'UTC';
  return meta.unit === undefined ? '' : s.translate(catalogOf(s.from)(meta.unit));
}

function choicesOf({ meta, isClearable }: FieldPlan, value: string, s: TabSource): FieldModel['choices'] {
  if (meta.kind !== 'choice') return [];
  const say = catalogOf(s.from);
  const known = meta.choices ?? [];
  // A value that is no choice any more stays chosen, or the browser would choose the first one unasked.
  const values = value === '' || known.includes(value) ? known : [...known, value];
  const choices = values.map((one) => ({
    value: one,
    label: known.includes(one) ? s.translate(meta.labels?.[one] ?? say(one)) : one,
  }));
  return isClearable ? [{ value: '', label: '' }, ...choices] : choices;
}

function autocomplete({ name, meta }: FieldPlan): string | undefined {
  if (meta.kind === 'secret') return /current|old/i.test(name) ? 'current-password' : 'new-password';
  if (/^user_?name$/i.test(name)) return 'username';
  return undefined;
}
