import type { FieldCondition } from '@posthorn/sdk';

export type Conditions = Readonly<Record<string, FieldCondition>>;

/**
 * The names of the fields that their conditions hide. A field whose condition looks at a hidden field is hidden too; a
 * condition that looks at a field that does not exist hides nothing.
 */
export function hiddenFields(
  names: readonly string[],
  conditions: Conditions,
  typed: (name: string) => string | boolean,
): ReadonlySet<string> {
  const known = new Set(names);
  const hidden = new Set<string>();
  const shown = new Set<string>();
  const isHidden = (name: string, path: readonly string[]): boolean => {
    if (hidden.has(name)) return true;
    const condition = Object.hasOwn(conditions, name) ? conditions[name] : undefined;
    if (condition === undefined || shown.has(name) || !known.has(condition.field) || path.includes(name)) return false;
    const is = isHidden(condition.field, [...path, name]) || !condition.is.includes(typed(condition.field));
    (is ? hidden : shown).add(name);
    return is;
  };
  for (const name of names) isHidden(name, []);
  return hidden;
}
