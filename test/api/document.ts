/** The document is valid OpenAPI, and what it says is what happens: every example is sent, every answer compared. */
import { ApiError, createClient } from '@posthorn/client';
import { EndpointRoutes } from '@posthorn/core';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Bench } from '../admin/fixture.js';
import type { Site } from '../pages/site.js';
import type { ApiSite } from './api-site.js';
import { type ApiCaller, apiCaller, tokenOf } from './caller.js';
import { exampleData } from './example-data.js';

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name?: string; readonly in?: string; readonly required?: boolean }[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: object }>> }>>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: object;
}
const documentOf = (caller: ApiCaller, path = '/api/openapi.json') => caller.must<Document>(200, 'GET', path);

/** In a database that was empty before: examples have numbers. */
export function documentScenarios(of: () => ApiSite): void {
  let b: Bench;
  let site: Site;
  let root: ApiCaller;
  let token: string;
  beforeAll(async () => {
    ({ b, site } = of());
    await exampleData(b);
    token = await tokenOf(b.host, 'admin');
    root = apiCaller(site.base, token);
  });

  describe('the document', () => {
    it('is valid OpenAPI 3.1, at both addresses, with names of its own for every call', async () => {
      const document = await documentOf(root);
      const { valid, errors } = await new Validator().validate(structuredClone(document) as never);
      expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
      expect(document.openapi).toBe('3.1.0');
      expect(await documentOf(root, '/api/schema-v1/')).toEqual(document);
      await apiCaller(site.base, undefined).must(401, 'GET', '/api/schema-v1/');
      const ids = Object.values(document.paths).flatMap((of) =>
        Object.values(of).map(({ operationId }) => operationId),
      );
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.length).toBeGreaterThan(25);
    });

    it('says what happens: examples are answered with what their schema allows', async () => {
      const document = await documentOf(root);
      const ajv = new Ajv2020({ strict: false, allErrors: true });
      formats.default(ajv);
      const wrong: string[] = [];
      const shown = new Set<string>();
      for (const { endpoint, path } of new EndpointRoutes(b.host.kernel.generation).all) {
        const address = path.replace(/:(\w+)/g, '{$1}');
        const name = `${endpoint.method} ${address}`;
        const operation = document.paths[address]?.[endpoint.method.toLowerCase()];
        const schema = operation?.responses[endpoint.status]?.content?.['application/json']?.schema;
        for (const { params = {}, query = {}, body } of endpoint.examples ?? []) {
          shown.add(name);
          const search = new URLSearchParams({ ...query, ...(endpoint.isTriable === true ? { dry_run: 'true' } : {}) });
          const at = path.replace(/:(\w+)/g, (_, key: string) => String(params[key]));
          const answer = await root.ask(endpoint.method, `${at}?${search}`, body === undefined ? {} : { body });
          // Long work that is only tried is done.
          const status = query['dry_run'] === undefined ? endpoint.status : 200;
          if (answer.status !== status) wrong.push(`${name}: ${answer.status} ${answer.text}`);
          const isPartial = query['fields'] !== undefined;
          if (schema === undefined || isPartial) continue;
          const check = ajv.compile({ ...schema, components: document.components });
          if (!check(answer.json)) wrong.push(`${name}: ${ajv.errorsText(check.errors)}`);
        }
        if (!shown.has(name)) wrong.push(`${name}: has no example`);
      }
      expect(wrong).toEqual([]);
      expect(shown.size).toBeGreaterThan(25);
    });

    it('tells of each refusal that callers meet', async () => {
      const document = await documentOf(root);
      const responses = (path: string, method: string) =>
        Object.keys(document.paths[`/api/v1${path}`]?.[method]?.responses ?? {});
      expect(responses('/domains/', 'post')).toEqual(['201', '400', '401', '403', '409', '422']);
      expect(responses('/domains/{pk}/', 'patch')).toEqual(['200', '400', '401', '403', '404', '412']);
      expect(responses('/domains/', 'get')).toEqual(['200', '400', '401']);
    });
  });

  describe('the client', () => {
    it('makes, changes, lists in parts and deletes, with types for each', async () => {
      const client = createClient({ url: site.base, token });
      const made = await client.call('POST /domains/', { body: { name: 'client.test', quota: '1G' } });
      const { pk } = made;
      expect(made).toMatchObject({ name: 'client.test', quota: 1_024 });
      const changed = await client.call('PATCH /domains/{pk}/', { params: { pk }, body: { enabled: false } });
      expect(changed.enabled).toBe(false);
      const found: string[] = [];
      for await (const { name } of client.rows('GET /domains/', { query: { limit: 1 } })) found.push(name);
      expect(found).toEqual(['client.test', 'example.test', 'relay.example.test']);
      expect(await client.call('DELETE /domains/{pk}/', { params: { pk } })).toBeUndefined();
      const refused = await client.call('GET /domains/{pk}/', { params: { pk } }).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(ApiError);
      expect(refused).toMatchObject({ status: 404, code: 'E_ADMIN_DOMAIN_NOT_FOUND', requestId: expect.any(String) });
      const wrong = await client.call('POST /domains/', { body: { name: '' } }).catch((error: unknown) => error);
      expect(wrong).toMatchObject({ status: 400, mistakes: [{ path: 'name' }] });
    });
  });
}
