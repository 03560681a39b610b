import { type Endpoint, type EndpointPage, field, invalid, messages, parseShape, type Shape, z } from '@posthorn/sdk';

const t = messages('host');

/** Rows of one part of a collection. */
const LIMIT_MAX = 1_000;

export interface Controls {
  readonly page: EndpointPage;
  /** Names at the top of each object; undefined for all. */
  readonly fields: readonly string[] | undefined;
  readonly isDryRun: boolean;
  /** What the endpoint itself has to read. */
  readonly rest: URLSearchParams;
}

/** Schemas take longer to make than a call to answer. */
const shapes = new WeakMap<Endpoint, Shape>();

/** What a call may say beside the endpoint's own query. An endpoint that has a name of its own like these keeps it. */
export function controlShape(endpoint: Endpoint): Shape {
  const known = shapes.get(endpoint) ?? makeShape(endpoint);
  shapes.set(endpoint, known);
  return known;
}

function makeShape(endpoint: Endpoint): Shape {
  const shape: Record<string, z.ZodType> = {};
  if (endpoint.method === 'GET' && fieldNames(endpoint) !== undefined) {
    shape['fields'] = field
      .string({ label: t('Names of the fields to answer with, with commas'), max: 1_000 })
      .optional();
  }
  if (endpoint.keyOf !== undefined) {
    shape['limit'] = field.integer({ label: t('Rows in one part'), min: 1, max: LIMIT_MAX }).optional();
    shape['cursor'] = field.string({ label: t('Where the part begins, from a Link'), max: 2_000 }).optional();
  }
  if (endpoint.sorts !== undefined) {
    const choices = sortChoices(endpoint.sorts) as [string, ...string[]];
    shape['sort'] = field.choice({ label: t('The order; with a minus the last is first'), choices }).optional();
  }
  if (endpoint.isTriable === true) {
    shape['dry_run'] = field.boolean({ label: t('Only try it: nothing is kept') }).optional();
  }
  return Object.fromEntries(Object.entries(shape).filter(([name]) => !Object.hasOwn(endpoint.query, name)));
}

interface ControlValues {
  readonly fields?: string;
  readonly limit?: number;
  readonly cursor?: string;
  readonly sort?: string;
  readonly dry_run?: boolean;
}

export function readControls(endpoint: Endpoint, search: string): Controls {
  const rest = new URLSearchParams(search);
  if (search === '') return { fields: undefined, page: {}, isDryRun: false, rest };
  const shape = controlShape(endpoint);
  const given: Record<string, string> = {};
  for (const name of Object.keys(shape)) {
    const all = rest.getAll(name);
    if (all.length > 1) throw invalid([{ path: name, message: t('is given more than once') }]);
    if (all[0] !== undefined) given[name] = all[0];
    rest.delete(name);
  }
  if (given['sort'] !== undefined) requireSort(endpoint, given['sort']);
  // Clients of the reference ask so for what they get anyway.
  if (rest.get('format') === 'json') rest.delete('format');
  const { fields, limit, cursor, sort, dry_run } = parseShape(shape, given, { text: true }) as ControlValues;
  return {
    fields: fields === undefined ? undefined : chosen(endpoint, fields),
    page: {
      ...(limit === undefined ? {} : { limit }),
      ...(cursor === undefined ? {} : { after: fromCursor(cursor, sort) }),
      ...(sort === undefined ? {} : { sort }),
    },
    isDryRun: dry_run === true,
    rest,
  };
}

const sortChoices = (sorts: readonly string[]): readonly string[] => sorts.flatMap((name) => [name, `-${name}`]);

function requireSort({ sorts = [] }: Endpoint, given: string): void {
  const choices = sortChoices(sorts);
  if (choices.includes(given)) return;
  throw invalid([{ path: 'sort', message: t('must be one of {{choices}}', { choices: choices.join(', ') }) }]);
}

/** A place in one order is none in another, so the order stands in it. */
export const toCursor = (key: string, sort = ''): string => Buffer.from(`${sort} ${key}`).toString('base64url');

function fromCursor(cursor: string, sort: string | undefined): string {
  const said = Buffer.from(cursor, 'base64url').toString('utf8');
  const key = said.slice(said.indexOf(' ') + 1);
  if (toCursor(key, sort) === cursor) return key;
  throw invalid([{ path: 'cursor', message: t('is none that was given here, in this order') }]);
}

/** The names of what an endpoint answers with; undefined where that is no object. */
export function fieldNames({ returns }: Pick<Endpoint, 'returns'>): readonly string[] | undefined {
  const one = returns instanceof z.ZodArray ? returns.element : returns;
  return one instanceof z.ZodObject ? Object.keys(one.shape) : undefined;
}

function chosen(endpoint: Endpoint, list: string): readonly string[] {
  const known = fieldNames(endpoint) ?? [];
  const names = list.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return names;
  throw invalid([{ path: 'fields', message: t('must be some of {{choices}}', { choices: known.join(', ') }) }]);
}

export const onlyFields = (body: unknown, fields: readonly string[]): unknown =>
  Object.fromEntries(Object.entries(body as object).filter(([name]) => fields.includes(name)));
