import { field, invalid, parseShape } from '@posthorn/sdk';
import { ACCOUNT_LIMITS, type AccountLimitName, isUnlimited, LIMIT_MAX, RESOURCES } from '../contract/resources.js';
import { problem } from '../problems.js';

const limitNumber = (name: AccountLimitName) =>
  field.integer({ label: RESOURCES[name].label, min: isUnlimited(name, 0) ? 0 : -1, max: LIMIT_MAX }).optional();

/** Limits as programs give them: numbers, a quota in megabytes. */
export const limitShape = Object.freeze(
  Object.fromEntries(ACCOUNT_LIMITS.map((name) => [name, limitNumber(name)])) as Readonly<
    Record<AccountLimitName, ReturnType<typeof limitNumber>>
  >,
);

/** Limits as they were given, by name. Every mistake is named. */
export function parseLimits<Name extends AccountLimitName>(
  values: Readonly<Partial<Record<string, unknown>>>,
  names: readonly Name[],
): ReadonlyMap<Name, number> {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  const strange = given.map(([key]) => key).filter((key) => !names.some((name) => name === key));
  if (strange.length > 0) {
    throw invalid(strange.map((path) => ({ path, message: problem('E_LIMITS_NAME', { name: path }).text })));
  }
  return new Map(Object.entries(parseShape(limitShape, Object.fromEntries(given))) as [Name, number][]);
}

/** Percent of a limit: -1 where there is none, 100 where it is nothing. */
export function percentOf(name: AccountLimitName, used: number, max: number): number {
  if (isUnlimited(name, max)) return -1;
  return max === 0 ? 100 : Math.floor((used / max) * 100);
}
