import { messages, type Text } from '@posthorn/sdk';
import type { ExtensionPackage } from '../assembly/discover.js';
import type { ObservedExtension } from '../packages/observed-states.js';
import type { DeprecatedUse } from '../watch/spots.js';
import type { Collected, Place } from './collect.js';

const t = messages('host');

export interface DoctorFinding {
  readonly level: 'warning' | 'error';
  readonly extension: string;
  readonly at: string;
  readonly message: Text;
}

/** A tenth of the calls failing is more than bad luck. */
const FAILING = 0.1;
/** Milliseconds that one call in twenty may take, by kind; what is not named may take as long as it likes. */
const SLOW_MS: Readonly<Partial<Record<Place['kind'], number>>> = {
  hook: 1_000,
  page: 1_000,
  tab: 1_000,
  widget: 1_000,
  badge: 300,
  palette: 500,
};
/** SQL statements per call from which on somebody asks row by row. */
const MANY_STATEMENTS = 50;

/** What is wrong with the extensions, the worst first. */
export function findingsOf(
  {
    states,
    packages,
  }: { readonly states: readonly ObservedExtension[]; readonly packages: readonly ExtensionPackage[] },
  { places, deprecated }: Pick<Collected, 'places' | 'deprecated'>,
): readonly DoctorFinding[] {
  const all = [
    ...states.flatMap(ofState),
    ...places.flatMap(ofPlace),
    ...deprecated.map((use) => ofUse(use, bugsOf(packages, use.extension))),
  ];
  return [...all.filter(({ level }) => level === 'error'), ...all.filter(({ level }) => level === 'warning')];
}

function ofState({ id, state, desired, reason }: ObservedExtension): readonly DoctorFinding[] {
  if (state === 'quarantined') {
    const message = t('It is quarantined: {{reason}}', { reason });
    return [{ level: 'error', extension: id, at: '', message }];
  }
  if (desired !== 'enabled' || state === 'starting') return [];
  if (state === 'enabled' || state === 'version-differs') {
    return reason === '' ? [] : [{ level: 'warning', extension: id, at: '', message: t('{{reason}}', { reason }) }];
  }
  return [{ level: 'error', extension: id, at: '', message: t('It is wanted and cannot run: {{reason}}', { reason }) }];
}

/** Where the authors of an extension want to hear of mistakes; undefined where its package does not say. */
export const bugsOf = (packages: readonly ExtensionPackage[], extension: string): string | undefined =>
  packages.find(({ id }) => id === extension)?.bugs;

function ofUse({ extension, name, since, gone, use }: DeprecatedUse, bugs: string | undefined): DoctorFinding {
  const said = t('It uses {{name}}, deprecated since {{since}} and gone in {{gone}}: {{use}} takes its place.', {
    ...{ name, since, gone, use },
  });
  const message = bugs === undefined ? said : t('{{finding}} Its authors: {{bugs}}', { finding: said, bugs });
  return { level: 'warning', extension, at: name, message };
}

function ofPlace(place: Place): readonly DoctorFinding[] {
  const { extension, at, kind, calls, failures, late, p95, statements, blocks, longestBlockMs } = place;
  const found: DoctorFinding[] = [];
  const add = (level: DoctorFinding['level'], message: Text): void =>
    void found.push({ level, extension, at, message });
  if (failures > 0) {
    const level = failures >= calls * FAILING ? 'error' : 'warning';
    add(level, t('{{failures}} of {{calls}} calls failed.', { failures, calls: Math.max(calls, failures) }));
  }
  if (late > 0) add('warning', t('{{late}} answers came too late.', { late }));
  if (blocks > 0) {
    const ms = Math.round(longestBlockMs);
    add('warning', t('It kept everything else waiting {{blocks}} times, for {{ms}} ms at most.', { blocks, ms }));
  }
  if (p95 > (SLOW_MS[kind] ?? Number.POSITIVE_INFINITY)) {
    add('warning', t('One call in twenty takes longer than {{ms}} ms.', { ms: Math.round(p95) }));
  }
  if (calls > 0 && kind !== 'job' && statements / calls > MANY_STATEMENTS) {
    const count = Math.round(statements / calls);
    add('warning', t('It asks the database {{count}} times per call.', { count }));
  }
  return found;
}
