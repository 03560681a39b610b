import { type Endpoint, isOptional, type ProblemKind, plainText, z } from '@posthorn/sdk';
import { controlShape } from './controls.js';
import type { EndpointRoute } from './endpoint-routes.js';

/** The second is the reference's. */
export const OPENAPI_PATHS: readonly string[] = ['/api/openapi.json', '/api/schema-v1/'];

type Json = Readonly<Record<string, unknown>>;

/** The statuses by which an answer tells of a kind of problem. */
const STATUS: Readonly<Record<ProblemKind, string>> = {
  usage: '400',
  invalid: '400',
  refused: '403',
  'not-found': '404',
  conflict: '409',
  insufficient: '424',
  temporary: '503',
  configuration: '500',
  failure: '500',
};

/** An OpenAPI 3.1 document of these endpoints, made of the same shapes that check their calls. */
export function openApi(routes: readonly EndpointRoute[], version: string): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  // Endpoints of one address may name its segments differently; the first names them for all.
  const first = new Map<string, string>();
  for (const route of routes) {
    const address = route.path.replace(/:[^/]+/g, ':');
    const path = first.get(address) ?? route.path.replace(/:([^/]+)/g, '{$1}');
    first.set(address, path);
    const operations = paths[path] ?? {};
    operations[route.endpoint.method.toLowerCase()] = operation(route, path);
    paths[path] = operations;
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Posthorn', version, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Error: PLAIN_ERROR, Problem: PROBLEM },
      parameters: { IfMatch: IF_MATCH, IdempotencyKey: IDEMPOTENCY_KEY },
    },
  };
}

function operation(route: EndpointRoute, shown: string): Json {
  const { endpoint: e, path } = route;
  const parameters = [...pathParameters(route, shown), ...queryParameters(e), ...headerParameters(e, path)];
  return {
    operationId: `${e.method.toLowerCase()}${shown.replace(/[^A-Za-z0-9]+/g, '_').replace(/_$/, '')}`,
    tags: [path.split('/')[3] ?? route.from],
    summary: plainText(e.summary),
    ...(e.description === undefined ? {} : { description: plainText(e.description) }),
    ...(e.deprecated === undefined ? {} : { deprecated: true }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(Object.keys(e.body).length === 0 ? {} : { requestBody: { required: true, content: bodyOf(e) } }),
    responses: { ...answersOf(e), ...problemsOf(e) },
    security: e.permission === 'public' ? [] : [{ token: [] }],
  };
}

function pathParameters({ endpoint: e, path }: EndpointRoute, shown: string): readonly Json[] {
  const own = [...path.matchAll(/:([^/]+)/g)].map(([, name = '']) => name);
  const names = [...shown.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name);
  return names.map((name, i) => {
    const schema = e.params[own[i] ?? name];
    const example = e.examples?.find(({ params }) => params?.[own[i] ?? name] !== undefined)?.params?.[own[i] ?? name];
    return {
      name,
      in: 'path',
      required: true,
      schema: schema === undefined ? { type: 'string' } : input(schema),
      ...(example === undefined ? {} : { example }),
    };
  });
}

const queryParameters = (e: Endpoint): readonly Json[] =>
  Object.entries({ ...e.query, ...controlShape(e) }).map(([name, schema]) => ({
    name,
    in: 'query',
    required: !isOptional(schema),
    schema: input(schema),
  }));

const headerParameters = (e: Endpoint, path: string): readonly Json[] => [
  ...(e.method === 'POST' ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : []),
  ...(e.method !== 'GET' && e.method !== 'POST' && path.includes(':')
    ? [{ $ref: '#/components/parameters/IfMatch' }]
    : []),
];

function bodyOf(e: Endpoint): Json {
  const schema = input(z.strictObject(e.body));
  const ignored = Object.fromEntries((e.ignores ?? []).map((name) => [name, { description: 'Not looked at' }]));
  const examples = (e.examples ?? []).flatMap(({ body }) => (body === undefined ? [] : [body]));
  return {
    'application/json': {
      schema: { ...schema, properties: { ...(schema['properties'] as Json), ...ignored } },
      ...(examples.length === 0
        ? {}
        : { examples: Object.fromEntries(examples.map((value, i) => [`example${i + 1}`, { value }])) }),
    },
  };
}

const json = (schema: unknown): Json => ({ 'application/json': { schema } });

function answersOf(e: Endpoint): Json {
  const answer = answerOf(e);
  if (e.location === undefined) return { [e.status]: answer };
  const Location = { description: 'Where to see how far it is', schema: { type: 'string' } };
  return { 200: answer, [e.status]: { ...answer, headers: { Location } } };
}

function answerOf({ returns, keyOf }: Endpoint): Json {
  if (returns === undefined) return { description: 'Done' };
  const content = json(schemaOf(returns, 'output'));
  if (keyOf === undefined) return { description: 'The answer', content };
  const text = { schema: { type: 'string' } };
  return {
    description: 'The rows',
    headers: { Link: { description: 'The next part, where `limit` was given', schema: { type: 'string' } } },
    content: { ...content, 'application/x-ndjson': text, 'text/csv': text },
  };
}

function problemsOf(e: Endpoint): Json {
  const statuses = new Set<string>(e.errors.map((kind) => STATUS[kind]));
  if (Object.keys({ ...e.query, ...e.body, ...controlShape(e) }).length > 0) statuses.add('400');
  if (e.permission !== 'public') statuses.add('401');
  if (e.permission.includes('.')) statuses.add('403');
  if (e.path.includes(':')) statuses.add('404');
  if (e.method !== 'GET' && e.method !== 'POST' && e.path.includes(':')) statuses.add('412');
  if (e.method === 'POST') for (const status of ['409', '422']) statuses.add(status);
  const content = {
    'application/json': { schema: { $ref: '#/components/schemas/Error' } },
    'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
  };
  return Object.fromEntries([...statuses].sort().map((status) => [status, { description: 'Refused', content }]));
}

const input = (schema: z.ZodType): Json => schemaOf(schema, 'input');

/** What JSON Schema has no word for, such as a check in code, is left out; a moment is text. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      delete jsonSchema['posthorn'];
      if (zodSchema._zod.def.type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' });
    },
  });
  return rest;
}

const IF_MATCH: Json = {
  name: 'If-Match',
  in: 'header',
  description: 'The ETag of what is to be changed; 412 where it is not that any more',
  schema: { type: 'string' },
};
const IDEMPOTENCY_KEY: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'A call that is sent again with it within a day is not done again',
  schema: { type: 'string', maxLength: 255 },
};

/** A sentence, sentences by field, or one under `detail`. */
const PLAIN_ERROR: Json = { type: ['string', 'object'] };

/** RFC 9457, with what is wrong by field. */
const PROBLEM: Json = {
  type: 'object',
  required: ['title', 'status', 'detail', 'code', 'instance'],
  properties: {
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    hint: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
    instance: { type: 'string', description: 'The id of the request' },
  },
};
