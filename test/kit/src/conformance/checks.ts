import { hookCheck, optionalPeerCheck, registryCheck } from './arrangement-checks.js';
import type { Check, CheckId, ConformanceOptions, Looked } from './check.js';
import { deprecationCheck } from './deprecation-check.js';
import { endpointCheck } from './endpoint-checks.js';
import { manifestCheck, packageCheck, textCheck } from './package-checks.js';
import { accessibleCheck, pageCheck } from './page-checks.js';
import { qualityCheck } from './quality-check.js';
import { balanceCheck, quietImportCheck } from './quiet-checks.js';
import { migrationCheck, prefixCheck, uninstallCheck } from './schema-checks.js';
import { messageOf, type Subject, subjectIn } from './subject.js';
import { deadlineCheck, tabCheck } from './use-checks.js';

/** What every extension has to pass, ours and others' alike. */
export const checks: readonly Check[] = [
  manifestCheck,
  packageCheck,
  quietImportCheck,
  registryCheck,
  migrationCheck,
  prefixCheck,
  hookCheck,
  deprecationCheck,
  pageCheck,
  endpointCheck,
  tabCheck,
  deadlineCheck,
  textCheck,
  uninstallCheck,
  balanceCheck,
  optionalPeerCheck,
  accessibleCheck,
  qualityCheck,
];

export interface CheckResult {
  readonly id: CheckId;
  /** Empty where it passed. */
  readonly findings: readonly string[];
  /** What does not fail, and will one day; undefined where there is nothing. */
  readonly warnings?: readonly string[];
  /** Why it was not looked at; undefined where it was. */
  readonly skipped: string | undefined;
}

/** Runs one check. A check that cannot be carried out has found something. */
export async function runCheck(check: Check, subject: Subject, o: ConformanceOptions = {}): Promise<CheckResult> {
  const { id } = check;
  const exempt = o.exempt?.[id];
  if (exempt !== undefined) return { id, findings: [], skipped: exempt };
  let looked: Looked;
  try {
    looked = await check.look(subject, o);
  } catch (error) {
    looked = [`it could not be looked at: ${messageOf(error)}`];
  }
  if ('skipped' in looked) return { id, findings: [], skipped: looked.skipped };
  if (!('warnings' in looked)) return { id, findings: [...looked], skipped: undefined };
  const { warnings } = looked;
  return { id, findings: [], ...(warnings.length === 0 ? {} : { warnings }), skipped: undefined };
}

/** Runs every check, or some, on the package in a folder, without a test runner. */
export async function checkConformance(
  folder: string,
  o: ConformanceOptions & { readonly only?: readonly CheckId[] } = {},
): Promise<readonly CheckResult[]> {
  const subject = await subjectIn(folder);
  const results: CheckResult[] = [];
  for (const check of checks) if (o.only?.includes(check.id) ?? true) results.push(await runCheck(check, subject, o));
  return results;
}
