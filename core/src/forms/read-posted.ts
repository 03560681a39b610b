import { type Issue, invalid, issueText, type Shape, type Text, type Values } from '@posthorn/sdk';
import { REPEATED, REQUIRED, UNKNOWN } from './complaints.js';
import { type Conditions, hiddenFields } from './conditions.js';
import { type FieldPlan, fieldPlans } from './field-plan.js';
import { isTicked, type Posted, readText, typedText } from './field-text.js';

/** Up to which step of a wizard what was sent is only to be checked. */
export const STEP_NAME = '_step';

/** Names that the engine itself puts into forms. */
export const ENGINE_NAMES: ReadonlySet<string> = new Set(['_token', '_version', '_tab', '_sent', STEP_NAME]);

/** The box that takes a stored secret away. */
export const clearName = (name: string): string => `${name}:clear`;

/** One complaint about one field; `line` counts from 1 in a list. */
export interface FieldIssue {
  readonly field: string;
  readonly message: Text;
  readonly line?: number;
}

export interface ReadFields {
  readonly values: Readonly<Record<string, unknown>>;
  readonly issues: readonly FieldIssue[];
}

export interface ReadOptions {
  readonly shape: Shape;
  readonly conditions: Conditions;
  /** The present values: kept where a field is hidden, was not sent, or is a secret left empty. */
  readonly stored: Readonly<Record<string, unknown>>;
  /** Whose sentences are in the schemas. */
  readonly from: string;
  posted(name: string): Posted | undefined;
}

/** A member that the object really has: an own one or a getter of its class, not what every object inherits. */
export function member(of: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(of, name) || (!(name in Object.prototype) && name in of) ? of[name] : undefined;
}

/** Checks what was sent against a shape. Collects every issue and throws nothing. */
export function readPosted(o: ReadOptions): ReadFields {
  const plans = fieldPlans(o.shape);
  const byName = new Map(plans.map((plan) => [plan.name, plan]));
  const hidden = hiddenFields([...byName.keys()], o.conditions, (name) => {
    const { kind } = (byName.get(name) as FieldPlan).meta;
    return kind === 'boolean' ? isTicked(o.posted(name)) : typedText(kind, o.posted(name));
  });
  const values: Record<string, unknown> = Object.create(null);
  const issues: FieldIssue[] = [];
  const keep = (plan: FieldPlan): boolean => {
    const present = member(o.stored, plan.name);
    if (present !== undefined) values[plan.name] = present;
    return present !== undefined;
  };
  for (const plan of plans) {
    const { name, meta } = plan;
    const posted = meta.kind === 'boolean' ? (o.posted(name) ?? 'false') : o.posted(name);
    if (hidden.has(name)) {
      if (!keep(plan)) takeDefault(plan, values);
      continue;
    }
    if (posted === undefined && keep(plan)) continue;
    const read = posted === undefined ? 'empty' : readText(plan, posted);
    if (read === 'repeated') {
      issues.push({ field: name, message: REPEATED });
      continue;
    }
    if (read === 'empty') {
      // A stored secret is never shown, so an empty input does not mean that it should go.
      if (meta.kind === 'secret' && !isTicked(o.posted(clearName(name))) && keep(plan)) continue;
      if (plan.empty === 'refused') {
        issues.push({ field: name, message: REQUIRED });
        continue;
      }
    }
    const given = read === 'empty' ? (plan.empty as { readonly value: unknown }).value : read.value;
    const result = plan.schema.safeParse(given);
    if (result.success) {
      if (result.data !== undefined) values[name] = result.data;
      continue;
    }
    for (const issue of result.error.issues) {
      const at = issue.path[0];
      const line = typeof at === 'number' ? { line: at + 1 } : {};
      issues.push({ field: name, message: issueText(issue, meta, o.from), ...line });
    }
  }
  return { values: { ...values }, issues };
}

function takeDefault(plan: FieldPlan, values: Record<string, unknown>): void {
  const result = plan.schema.safeParse(undefined);
  if (result.success && result.data !== undefined) values[plan.name] = result.data;
}

/** The field that a name is about: itself, or the secret that the box of this name clears. */
function secretOf(shape: Shape, name: string): string {
  const found = fieldPlans(shape).find((plan) => plan.meta.kind === 'secret' && clearName(plan.name) === name);
  return found?.name ?? name;
}

/**
 * The body of a form that `single` drew, under its own names: a box that is not ticked is false, an empty input is what
 * the schema makes of nothing. Throws one `invalid` problem with every issue; names of the engine are left out.
 */
export function parsePosted<S extends Shape>(
  shape: S,
  typed: Readonly<Record<string, Posted>>,
  o: {
    readonly conditions?: Conditions;
    readonly from?: string;
    /** The present values, kept where a field is hidden, was not sent, or is a secret left empty. */
    readonly stored?: Readonly<Record<string, unknown>>;
  } = {},
): Values<S> {
  const issues: Issue[] = [];
  for (const name of Object.keys(typed)) {
    if (!ENGINE_NAMES.has(name) && !Object.hasOwn(shape, secretOf(shape, name)))
      issues.push({ path: name, message: UNKNOWN });
  }
  const read = readPosted({
    shape,
    conditions: o.conditions ?? {},
    stored: o.stored ?? {},
    from: o.from ?? 'host',
    posted: (name) => (Object.hasOwn(typed, name) ? typed[name] : undefined),
  });
  for (const { field, message, line } of read.issues) {
    issues.push({ path: line === undefined ? field : `${field}.${line - 1}`, message });
  }
  if (issues.length > 0) throw invalid(issues);
  return read.values as Values<S>;
}
