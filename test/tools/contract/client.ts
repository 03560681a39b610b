/** The types of the client: one entry for each call that the document of the API describes. */

/** A schema of JSON, as far as the document uses it. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
}
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
}
type Content = Readonly<Record<string, { readonly schema: Schema }>>;
interface Operation {
  readonly summary: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const ROOT = '/api/v1';
const JSON_TYPE = 'application/json';
/** Of a line, as the formatter has it. */
const WIDTH = 120;

export function clientTypes({ paths }: ApiDocument): string {
  const entries = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) =>
      entry(`${method.toUpperCase()} ${path.slice(ROOT.length)}`, operation),
    ),
  );
  return [
    '// Made by `npm run -s api` of the document that describes the API.',
    '',
    '/** Every call by its method and address: what it takes and what it answers. */',
    'export interface Calls {',
    ...entries,
    '}',
    '',
  ].join('\n');
}

function entry(name: string, { summary, parameters = [], requestBody, responses }: Operation): string {
  const answer = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1].content?.[JSON_TYPE];
  const body = requestBody?.content[JSON_TYPE];
  return [
    `  /** ${summary} */`,
    `  '${name}': {`,
    `    params: ${fields(parameters.filter((p) => p.in === 'path'))};`,
    `    query: ${fields(parameters.filter((p) => p.in === 'query'))};`,
    `    body: ${body === undefined ? 'undefined' : typeOf(body.schema, 4)};`,
    `    answer: ${answer === undefined ? 'undefined' : typeOf(answer.schema, 4)};`,
    '  };',
  ].join('\n');
}

function fields(parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return 'undefined';
  const properties = Object.fromEntries(parameters.map(({ name, schema }) => [name, schema]));
  const required = parameters.filter((p) => p.required === true).map(({ name }) => name);
  return typeOf({ type: 'object', properties, required }, 4);
}

function typeOf(schema: Schema, indent: number): string {
  if (schema.anyOf !== undefined) return union(schema.anyOf.map((one) => typeOf(one, indent)));
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return union(schema.enum.map((one) => `'${one}'`));
  if (Array.isArray(schema.type)) return union(schema.type.map((type) => typeOf({ ...schema, type }, indent)));
  switch (schema.type) {
    case 'object':
      return object(schema, indent);
    case 'array': {
      const item = typeOf(schema.items ?? {}, indent);
      return item.includes(' | ') && !item.startsWith('{') ? `(${item})[]` : `${item}[]`;
    }
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    default:
      return 'unknown';
  }
}

function object({ properties = {}, required = [] }: Schema, indent: number): string {
  const lines = Object.entries(properties).map(([name, schema]) => {
    const start = `${' '.repeat(indent + 2)}${name}${required.includes(name) ? '' : '?'}:`;
    const type = typeOf(schema, indent + 2);
    const isLong = schema.enum !== undefined && `${start} ${type};`.length > WIDTH;
    if (!isLong) return `${start} ${type};`;
    const choices = type.split(' | ').map((one) => `\n${' '.repeat(indent + 4)}| ${one}`);
    return `${start}${choices.join('')};`;
  });
  return lines.length === 0 ? 'Record<string, unknown>' : ['{', ...lines, `${' '.repeat(indent)}}`].join('\n');
}

const union = (types: readonly string[]): string => [...new Set(types)].join(' | ');
