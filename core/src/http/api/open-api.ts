import { type Endpoint, isOptional, type ProblemKind, plainText, type Shape, z } from '@posthorn/sdk';
import type { Kernel } from '../../kernel.js';
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
  temporary: '503',
  configuration: '500',
  failure: '500',
};

/** An OpenAPI 3.1 document of these endpoints, made of the same shapes that check their calls. */
export function openApi(routes: readonly EndpointRoute[], kernel: Pick<Kernel, 'version' | 'config'>): Json {
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
    info: { title: 'Posthorn', version: kernel.version },
    servers: [{ url: kernel.config.baseUrl }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: PROBLEM },
    },
  };
}

function operation({ endpoint: e, from, path }: EndpointRoute, shown: string): Json {
  const own = [...path.matchAll(/:([^/]+)/g)].map(([, name = '']) => name);
  const names = [...shown.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name);
  const parameters = [
    ...names.map((name, i) => {
      const schema = e.params[own[i] ?? name];
      return { name, in: 'path', required: true, schema: schema === undefined ? { type: 'string' } : input(schema) };
    }),
    ...Object.entries(e.query).map(([name, schema]) => ({
      name,
      in: 'query',
      required: !isOptional(schema),
      schema: input(schema),
    })),
  ];
  const hasBody = Object.keys(e.body).length > 0;
  return {
    operationId: `${e.method.toLowerCase()}${shown.replace(/[^A-Za-z0-9]+/g, '_').replace(/_$/, '')}`,
    tags: [from],
    summary: plainText(e.summary),
    ...(e.description === undefined ? {} : { description: plainText(e.description) }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(hasBody ? { requestBody: { required: true, content: json(input(objectOf(e.body))) } } : {}),
    responses: { [e.status]: answerOf(e), ...problemsOf(e) },
    security: e.permission === 'public' ? [] : [{ token: [] }],
  };
}

const json = (schema: unknown): Json => ({ 'application/json': { schema } });

const answerOf = ({ returns }: Endpoint): Json =>
  returns === undefined
    ? { description: 'Done' }
    : { description: 'The answer', content: json(schemaOf(returns, 'output')) };

function problemsOf(e: Endpoint): Json {
  const statuses = new Set<string>(e.errors.map((kind) => STATUS[kind]));
  if (Object.keys({ ...e.query, ...e.body }).length > 0) statuses.add('400');
  if (e.permission !== 'public') statuses.add('401');
  if (e.permission.includes('.')) statuses.add('403');
  if (e.path.includes(':')) statuses.add('404');
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  return Object.fromEntries([...statuses].sort().map((status) => [status, { description: 'Refused', content }]));
}

/** Unknown names are refused, so the schema says that there are no others. */
const objectOf = (shape: Shape): z.ZodType => z.strictObject(shape);
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
