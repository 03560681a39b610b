import type { FormModelTab, StepCondition, WizardStep } from '@posthorn/sdk';
import { hiddenFields } from './conditions.js';
import { fieldPlans } from './field-plan.js';
import type { NamedTab } from './tab-list.js';
import { shownText, type TabSource } from './tab-model.js';

export type StepConditions = ReadonlyMap<string, StepCondition>;

/**
 * The conditions of tabs and steps by their names. One that looks at no field of an earlier step is reported
 * and left out, so its step is always taken; and none can go round in circles.
 */
export function stepConditions<Subject>(
  steps: readonly NamedTab<Subject>[],
  report: (step: NamedTab<Subject>, mistake: Error) => void,
): StepConditions {
  const found = new Map<string, StepCondition>();
  steps.forEach((step, i) => {
    const { onlyIf } = step.tab;
    if (onlyIf === undefined) return;
    const earlier = steps.slice(0, i).find(({ key }) => key === onlyIf.step);
    if (earlier !== undefined && Object.hasOwn(earlier.tab.shape, onlyIf.field)) found.set(step.key, onlyIf);
    else report(step, new Error(`no earlier step ${onlyIf.step} has a field ${onlyIf.field}`));
  });
  return found;
}

/** The names of the steps that are not taken. `value`: what stands in a field; undefined where there is none to be seen. */
export async function skippedSteps(
  keys: readonly string[],
  conditions: StepConditions,
  value: (step: string, field: string) => Promise<string | boolean | undefined>,
): Promise<ReadonlySet<string>> {
  const skipped = new Set<string>();
  for (const key of keys) {
    const condition = conditions.get(key);
    if (condition === undefined) continue;
    const found = skipped.has(condition.step) ? undefined : await value(condition.step, condition.field);
    if (found === undefined || !condition.is.includes(found)) skipped.add(key);
  }
  return skipped;
}

/** What stands in a field of a step; undefined where its own conditions hide it. */
export function fieldValue(
  { shape, conditions }: Pick<WizardStep<never>, 'shape' | 'conditions'>,
  field: string,
  values: TabSource['values'],
  posted: TabSource['posted'],
): string | boolean | undefined {
  const all = new Map<string, string | boolean>(
    fieldPlans(shape).map((plan) => {
      const text = shownText(plan, values, posted);
      return [plan.name, plan.meta.kind === 'boolean' ? text === 'true' : text];
    }),
  );
  const hidden = hiddenFields([...all.keys()], conditions, (name) => all.get(name) ?? '');
  return hidden.has(field) ? undefined : all.get(field);
}

/** Without the steps whose condition looks at a field that this reader does not get: it can never hold. */
export function withinReach(steps: readonly FormModelTab[]): readonly FormModelTab[] {
  const names = new Set<string>();
  return steps.filter(({ condition, sections }) => {
    if (condition !== undefined && !names.has(condition.field)) return false;
    for (const { fields } of sections) for (const { name } of fields) names.add(name);
    return true;
  });
}
