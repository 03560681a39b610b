import { type Endpoint, fieldMeta, fromText, invalid, messages, parseShape, type Shape } from '@posthorn/sdk';
import { HttpError } from '../http-error.js';

const t = messages('host');

type Values = Readonly<Record<string, unknown>>;

/** A value that the path's name cannot have is at no address. */
export function readParams(shape: Shape, given: Readonly<Record<string, string>>): Values {
  const params: Record<string, unknown> = { ...given };
  for (const [name, schema] of Object.entries(shape)) {
    const read = schema.safeParse(fromText(schema, given[name]));
    if (!read.success) throw new HttpError(404, t('There is nothing at this address.'));
    params[name] = read.data;
  }
  return params;
}

export function readQuery(shape: Shape, search: URLSearchParams): Values {
  const given = Object.create(null) as Record<string, string | readonly string[]>;
  for (const name of new Set(search.keys())) {
    const all = search.getAll(name);
    const schema = Object.hasOwn(shape, name) ? shape[name] : undefined;
    const isList = schema !== undefined && fieldMeta(schema).kind === 'list';
    if (all.length > 1 && !isList) throw invalid([{ path: name, message: t('is given more than once') }]);
    given[name] = isList ? all : (all[0] ?? '');
  }
  return parseShape(shape, given, { text: true });
}

export function readBodyShape({ body, ignores = [] }: Pick<Endpoint, 'body' | 'ignores'>, sent: Values): Values {
  const unused = new Set(ignores);
  return parseShape(body, Object.fromEntries(Object.entries(sent).filter(([name]) => !unused.has(name))));
}
