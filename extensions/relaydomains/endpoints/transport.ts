/** Where a relay domain leads, as the reference writes it: JSON as text, each name behind that of the service. */
import { field, type Issue, invalid, isProblem, messages, Problem, parseShape, plainText, z } from '@posthorn/sdk';
import type { RelayDomainView, RelayTarget } from '../contract/services.js';

const t = messages('relaydomains');

const SERVICE = 'relay';
const PREFIX = `${SERVICE}_`;
const FIELD = 'transport._settings';

const settings = {
  target_host: field.string({ label: t('Target host'), min: 1, max: 255 }),
  target_port: field.integer({ label: t('Target port'), min: 1, max: 65_535 }),
  verify_recipients: field.boolean({ label: t('Verify recipients') }).optional(),
};

export const transport = z.object({ pk: z.int(), service: z.string(), _settings: z.string() });

/** `pk` is what GET answers; nobody looks at it. */
export const givenTransport = z
  .strictObject({ pk: z.int().optional(), service: z.string().max(30), _settings: z.string().max(4_000) })
  .meta({ title: 'Transport' });

/** Settings are shown of the service that relay domains have; those of another one are nobody's to change here. */
export function transportOf(view: RelayDomainView): z.output<typeof transport> | null {
  const { transport_pk: pk, service, target_host, target_port, verify_recipients } = view;
  if (pk === null || service === null) return null;
  const shown = service === SERVICE ? { target_host, target_port, verify_recipients } : {};
  const named = Object.entries(shown).map(([name, value]) => [PREFIX + name, value]);
  return { pk, service, _settings: JSON.stringify(Object.fromEntries(named)) };
}

export function targetOf({ service, _settings }: z.output<typeof givenTransport>): RelayTarget {
  if (service !== SERVICE) {
    throw invalid([{ path: 'transport.service', message: t('must be {{service}}', { service: SERVICE }) }]);
  }
  const values = objectOf(_settings);
  const strange = Object.keys(values).filter((name) => !name.startsWith(PREFIX));
  if (strange.length > 0) throw wrong(strange.map((path) => ({ path, message: t('is not a known setting') })));
  const bare = Object.entries(values).map(([name, value]) => [name.slice(PREFIX.length), value]);
  try {
    return parseShape(settings, Object.fromEntries(bare)) as RelayTarget;
  } catch (error) {
    throw isProblem(error) ? wrong(error.issues.map(prefixed)) : error;
  }
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalid([{ path: FIELD, message: t('must be a JSON object as text') }]);
}

/** The problem that names the settings where it named one of them; anything else as it is. */
export function retold(error: unknown): unknown {
  if (!isProblem(error) || error.kind !== 'invalid') return error;
  const isSetting = ({ path }: Issue): boolean => Object.hasOwn(settings, path);
  const found = error.issues.filter(isSetting).map(prefixed);
  if (found.length === 0) return error;
  const others = error.issues.filter((issue) => !isSetting(issue));
  const { text, issues } = wrong(found);
  return new Problem(error.code, 'invalid', text, error.hint, { issues: [...others, ...issues], cause: error });
}

const prefixed = ({ path, message }: Issue): Issue => ({ path: PREFIX + path, message });

/** What is wrong with settings is one sentence, as in the reference. */
const wrong = (issues: readonly Issue[]): Problem =>
  invalid([
    {
      path: FIELD,
      message: issues.map(({ path, message }) => `${path}: ${plainText(message)}`).join(','),
    },
  ]);
