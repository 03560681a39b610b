/** Whatever is sent to whichever endpoint, it is answered, and never as if it were the server's fault. */
import { EndpointRoutes } from '@posthorn/core';
import type { EndpointExample } from '@posthorn/sdk';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bench } from '../admin/fixture.js';
import { type Site, startSite } from '../pages/site.js';
import { type ApiCaller, apiCaller, type Row, tokenOf } from './caller.js';
import { apiBench, exampleData } from './example-data.js';

let b: Bench;
let site: Site;
let root: ApiCaller;
let document: { readonly paths: Readonly<Record<string, Readonly<Record<string, { requestBody?: unknown }>>>> };
beforeAll(async () => {
  b = await apiBench();
  await exampleData(b);
  site = await startSite(b.host);
  root = apiCaller(site.base, await tokenOf(b.host, 'admin'));
  document = await root.must(200, 'GET', '/api/openapi.json');
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await b?.host[Symbol.asyncDispose]();
});

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
}

/** Words that mean something here, so that some of what is sent gets far. */
const word = fc.constantFrom(
  ...[
    'example.test',
    'anna@example.test',
    '@example.test',
    'SimpleUsers',
    'DomainAdmins',
    'new@example.test',
    '2G',
    '',
  ],
  ...[
    '\0',
    '\ud800',
    'é@example.test',
    "' or 1=1 --",
    'a'.repeat(400),
    '../../etc/passwd',
    '{{7*7}}',
    '=1+1',
    '\u202e',
  ],
);

/** Mostly what a schema allows. */
function sample(schema: Schema): fc.Arbitrary<unknown> {
  const right = ((): fc.Arbitrary<unknown> => {
    if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(sample));
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
    switch (schema.type) {
      case 'object':
        return fc.record(shapeOf(schema), { requiredKeys: [] });
      case 'array':
        return fc.array(sample(schema.items ?? {}), { maxLength: 3 });
      case 'integer':
        return fc.oneof(
          fc.integer({ min: 0, max: 3 }),
          fc.integer(),
          fc.constantFrom(2 ** 31, 2 ** 53, -1, 1e308, 0.5),
        );
      case 'boolean':
        return fc.boolean();
      case 'string':
        return fc.oneof(word, fc.string({ unit: 'binary', maxLength: 30 }));
      default:
        return fc.jsonValue({ maxDepth: 2 });
    }
  })();
  return fc.oneof({ weight: 8, arbitrary: right }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) });
}
const shapeOf = ({ properties = {} }: Schema): Record<string, fc.Arbitrary<unknown>> =>
  Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, sample(schema)]));

/** An example with some of its values changed, or anything. */
function nearly(schema: Schema, examples: readonly EndpointExample[]): fc.Arbitrary<unknown> {
  const bodies = examples.flatMap(({ body }) => (body === undefined ? [] : [body]));
  if (bodies.length === 0) return sample(schema);
  const change = fc.record(shapeOf(schema), { requiredKeys: [] });
  const changed = fc
    .tuple(fc.constantFrom(...bodies), change, fc.subarray(Object.keys(schema.properties ?? {}), { maxLength: 2 }))
    .map(([body, values, names]) => ({
      ...body,
      ...Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name))),
    }));
  return fc.oneof({ weight: 3, arbitrary: changed }, { weight: 1, arbitrary: sample(schema) });
}

describe('every endpoint', () => {
  it('answers whatever its schema says may come, and more', async () => {
    const asked = new Map<number, number>();
    for (const { endpoint, path } of new EndpointRoutes(b.host.kernel.generation).all) {
      const operation = document.paths[path.replace(/:(\w+)/g, '{$1}')]?.[endpoint.method.toLowerCase()] as {
        readonly parameters?: readonly { readonly in?: string; readonly name: string; readonly schema: Schema }[];
        readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
      };
      const query = Object.fromEntries(
        (operation.parameters ?? []).filter((p) => p.in === 'query').map((p) => [p.name, sample(p.schema)]),
      );
      const body = operation.requestBody?.content['application/json']?.schema;
      await fc.assert(
        fc.asyncProperty(
          fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 3 }) }, fc.integer(), word),
          fc.record(query, { requiredKeys: [] }),
          body === undefined ? fc.constant(undefined) : nearly(body, endpoint.examples ?? []),
          async (id, search, sent) => {
            const given = Object.entries(search).map(([name, value]) => [
              name,
              typeof value === 'string' ? value.toWellFormed() : JSON.stringify(value),
            ]);
            // Nothing is kept, so that what comes later meets the same.
            if (endpoint.isTriable === true) given.push(['dry_run', 'true']);
            const at = path.replace(/:\w+/g, encodeURIComponent(String(id).toWellFormed()));
            const { status } = await root.ask(
              endpoint.method,
              `${at}?${new URLSearchParams(given)}`,
              sent === undefined ? {} : { body: sent },
            );
            asked.set(status, (asked.get(status) ?? 0) + 1);
            expect(status).toBeLessThan(500);
          },
        ),
        { numRuns: 25 },
      );
    }
    for (const status of [200, 201, 204, 400, 404]) expect(asked.get(status) ?? 0).toBeGreaterThan(0);
  });

  it('refuses what is no call, with a reason', async () => {
    const json = { 'content-type': 'application/json' };
    const deep = `{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const attacks: readonly (readonly [statuses: readonly number[], body: string, headers?: Record<string, string>])[] =
      [
        [[400], '{"name":'],
        [[400], '[1]'],
        [[400], '"text"'],
        [[400], 'null'],
        [[400, 413], deep],
        [[400], '{"name":"a","name":"b"}'],
        [[400], '{"__proto__":{"isSuperuser":true}}'],
        [[400], '{"constructor":{"prototype":{}}}'],
        [[400], '{"mailbox":{"__proto__":{}}}'],
        [[413], JSON.stringify({ name: 'x'.repeat(10_000_000) })],
        [[415], 'name=a', { 'content-type': 'application/x-www-form-urlencoded' }],
        [[415], '<a/>', { 'content-type': 'application/xml' }],
        [[415], '{}', { 'content-type': 'application/json; charset=utf-16' }],
        [[415], '{}', { ...json, 'content-encoding': 'gzip' }],
      ];
    for (const { endpoint, path } of new EndpointRoutes(b.host.kernel.generation).all) {
      if (endpoint.method === 'GET' || Object.keys(endpoint.body).length === 0) continue;
      const at = path.replace(/:\w+/g, '1');
      for (const [statuses, body, headers] of attacks) {
        const {
          status,
          json: said,
          text,
        } = await root.ask(endpoint.method, at, { body, ...(headers ? { headers } : {}) });
        expect([at, body.slice(0, 40), status]).toEqual([
          at,
          body.slice(0, 40),
          statuses.find((one) => one === status),
        ]);
        expect(said, text.slice(0, 100)).toBeTypeOf('object');
      }
    }
    for (const method of ['PROPFIND', 'PURGE', 'LINK']) {
      const { status, json: said } = await root.ask(method, 'domains/');
      expect([status, said]).toEqual([405, { detail: expect.any(String) }]);
    }
    expect(({} as Row)['isSuperuser']).toBeUndefined();
  });
});
