import type { FieldCondition, FormModel, FormRequest, FormSection, Problem, Shape } from '@posthorn/sdk';
import { fieldPlans } from './field-plan.js';
import { Complaints } from './form-complaints.js';
import { fieldId, tabModel } from './tab-model.js';

export interface SingleForm extends Omit<FormRequest<never>, 'subject'> {
  readonly values: Readonly<Record<string, unknown>>;
  readonly sections?: readonly FormSection[];
  readonly conditions?: Readonly<Partial<Record<string, FieldCondition>>>;
  readonly problem?: Problem;
}

/** The one tab of a form that has no tabs. */
const KEY = 'form';

/** A form of one shape, its fields under their own names. After a failed attempt it shows what was typed. */
export function singleForm(shape: Shape, o: SingleForm): FormModel {
  const { request } = o;
  const say = request.t.bind(request);
  const complaints = new Complaints(say);
  const plans = fieldPlans(shape);
  if (o.problem !== undefined) {
    if (o.problem.issues.length === 0) complaints.aboutForm(o.problem.text);
    complaints.aboutFields(
      KEY,
      plans.map((plan) => plan.name),
      o.problem.issues,
    );
  }
  const { typed } = request;
  const tab = tabModel({
    key: undefined,
    from: request.context.extension,
    title: '',
    shape,
    sections: o.sections ?? [],
    conditions: (o.conditions ?? {}) as Readonly<Record<string, FieldCondition>>,
    condition: undefined,
    values: o.values,
    posted: o.problem === undefined ? undefined : (name) => (Object.hasOwn(typed, name) ? typed[name] : undefined),
    isConflict: false,
    failure: undefined,
    hasIssues: !complaints.isEmpty,
    translate: say,
    error: (field) => complaints.field(KEY, field),
  });
  const general = [...complaints.form, ...complaints.tab(KEY)];
  const issues = plans.flatMap((plan) => {
    const message = complaints.field(KEY, plan.name);
    const label = say(plan.meta.label) || plan.name;
    return message === '' ? [] : [{ fieldId: fieldId(undefined, plan.name), label, message }];
  });
  return {
    action: o.action,
    submit: say(o.submit),
    cancel: o.cancel,
    layout: 'tabs',
    version: o.version ?? '',
    tabs: [tab],
    issues: [...general.map((message) => ({ fieldId: '', label: '', message })), ...issues],
    isConflict: false,
  };
}
