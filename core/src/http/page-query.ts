import { fieldMeta, fromText, type Shape } from '@posthorn/sdk';

/**
 * Reads a page's query leniently: links are old, shared and edited by hand. What is unknown is left out and what is
 * wrong falls back to the field's default.
 */
export function readQuery(shape: Shape, search: URLSearchParams): Readonly<Record<string, unknown>> {
  const query: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(shape)) {
    const all = search.getAll(name);
    const isList = fieldMeta(schema).kind === 'list';
    const given = all.length === 0 ? undefined : isList ? all : all[0];
    const read = given === undefined ? undefined : schema.safeParse(fromText(schema, given));
    const value = read?.success === true ? read : schema.safeParse(isList ? [] : undefined);
    if (value.success && value.data !== undefined) query[name] = value.data;
  }
  return query;
}
