import { type Issue, invalid, messages } from '@posthorn/sdk';
import { type AccountLimitName, isUnlimited, LIMIT_MAX } from '../contract/resources.js';
import { problem } from '../problems.js';

const t = messages('limits');

/** Limits as they were given, by name. Every mistake is named. */
export function parseLimits<Name extends AccountLimitName>(
  values: Readonly<Partial<Record<string, unknown>>>,
  names: readonly Name[],
): ReadonlyMap<Name, number> {
  const issues: Issue[] = [];
  const parsed = new Map<Name, number>();
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const name = names.find((one) => one === key);
    if (name === undefined) {
      issues.push({ path: key, message: problem('E_LIMITS_NAME', { name: key }).text });
      continue;
    }
    const min = isUnlimited(name, 0) ? 0 : -1;
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= LIMIT_MAX)
      parsed.set(name, value);
    else
      issues.push({
        path: name,
        message: t('must be a whole number from {{min}} to {{max}}', { min, max: LIMIT_MAX }),
      });
  }
  if (issues.length > 0) throw invalid(issues);
  return parsed;
}

/** Percent of a limit: -1 where there is none, 100 where it is nothing. */
export function percentOf(name: AccountLimitName, used: number, max: number): number {
  if (isUnlimited(name, max)) return -1;
  return max === 0 ? 100 : Math.floor((used / max) * 100);
}
