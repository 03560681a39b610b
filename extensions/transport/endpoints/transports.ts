/** Transports at an address of their own: the reference has none. */
import {
  type Contribution,
  collection,
  endpoint,
  field,
  isProblem,
  messages,
  Problem,
  tokenScope,
  z,
} from '@posthorn/sdk';
import { type TransportChange, type TransportInput, type TransportView, transports } from '../contract/services.js';
import { backendOf } from '../services/settings.js';

const t = messages('transport');
const path = '/transports/';
const one = '/transports/:pk/';
const params = { pk: field.integer({ label: t('Number'), min: 1, max: 2_147_483_647 }) };

const item = {
  pk: z.int(),
  pattern: z.string(),
  service: z.string(),
  next_hop: z.string(),
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  domain: z.string().nullable(),
};
const shown = ({ pk, pattern, service, next_hop, settings: own, domain }: TransportView) => ({
  pk,
  pattern,
  service,
  next_hop,
  settings: { ...own },
  domain: domain?.name ?? null,
});

const pattern = field.string({ label: t('Pattern'), max: 320 });
const service = field.string({ label: t('Service'), max: 30 });
const target = {
  /** Which, and what they may be, the service says. */
  settings: z.record(z.string().max(60), z.unknown()).optional(),
  next_hop: field.string({ label: t('Next hop'), max: 100 }).optional(),
};
const ignores = ['pk', 'id', 'domain'];
const example = { pattern: 'elsewhere.example.test', service: 'smtp', settings: { target_host: 'mx.example.net' } };

/** Without what was not sent. */
const given = <T extends object>(sent: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

const OWN = new Set(['pattern', 'service', 'next_hop']);
const isSetting = (name: string): boolean => !OWN.has(name);

/** Settings stand inside of `settings` here, and so does what is wrong with them. */
async function retold<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isProblem(error) || error.kind !== 'invalid') throw error;
    const found = error.field === undefined ? error.issues : [{ path: error.field, message: error.text }];
    const issues = found.map((issue) => (isSetting(issue.path) ? { ...issue, path: `settings.${issue.path}` } : issue));
    throw new Problem(error.code, 'invalid', error.text, error.hint, { issues, cause: error });
  }
}

export const transportEndpoints: readonly Contribution[] = [
  collection({
    path,
    permission: 'transport.view_transport',
    summary: t('List transports'),
    query: {
      search: field.string({ label: t('Search'), max: 253 }).optional(),
      service: service.optional(),
    },
    item,
    examples: [{}, { query: { search: 'example', limit: '10' } }],
    keyOf: (row) => row.pattern,
    async *rows({ actor, context, query, page }) {
      const filter = { ...page, ...given({ search: query.search, service: query.service }) };
      for await (const view of context.get(transports).list(actor, filter)) yield shown(view);
    },
  }),
  endpoint({
    method: 'POST',
    path,
    permission: 'transport.add_transport',
    summary: t('Hand mail on'),
    body: { pattern, service, ...target },
    ignores,
    isTriable: true,
    returns: item,
    status: 201,
    errors: ['conflict'],
    examples: [{ body: example }],
    run: ({ actor, context, body }) =>
      retold(async () => shown(await context.get(transports).create(actor, given(body) as TransportInput))),
  }),
  endpoint({
    method: 'GET',
    path: one,
    params,
    permission: 'transport.view_transport',
    summary: t('Show a transport'),
    returns: item,
    errors: ['not-found'],
    examples: [{ params: { pk: 1 } }],
    run: async ({ actor, context, params: { pk } }) => shown(await context.get(transports).show(actor, pk)),
  }),
  ...(['PUT', 'PATCH'] as const).map((method) =>
    endpoint({
      method,
      path: one,
      params,
      permission: 'transport.change_transport',
      summary: t('Change a transport'),
      description: t('What is not sent stays as it is, passwords among it.'),
      body: { pattern: pattern.optional(), service: service.optional(), ...target },
      ignores,
      isTriable: true,
      returns: item,
      errors: ['not-found', 'conflict'],
      examples: [{ params: { pk: 1 }, body: { settings: { target_port: 2525 } } }],
      run: ({ actor, context, params: { pk }, body }) =>
        retold(async () => {
          const own = context.get(transports);
          const before = await own.show(actor, pk);
          const { next_hop: hop, ...rest } = given(body) as TransportChange;
          // What GET answered may come back: with other settings, another next hop follows from them.
          const follows = hop === before.next_hop && backendOf(context, rest.service ?? before.service) !== undefined;
          return shown(await own.update(actor, pk, hop === undefined || follows ? rest : { ...rest, next_hop: hop }));
        }),
    }),
  ),
  endpoint({
    method: 'DELETE',
    path: one,
    params,
    permission: 'transport.delete_transport',
    summary: t('Delete a transport'),
    isTriable: true,
    errors: ['not-found'],
    examples: [{ params: { pk: 1 } }],
    run: ({ actor, context, params: { pk } }) => context.get(transports).remove(actor, pk),
  }),
  tokenScope({
    name: 'transports:read',
    label: t('See transports'),
    permissions: ['transport.view_transport', 'admin.view_domain', 'admin.view_domains'],
  }),
  tokenScope({
    name: 'transports:write',
    label: t('Create, change and delete transports'),
    permissions: [
      'transport.view_transport',
      'transport.add_transport',
      'transport.change_transport',
      'transport.delete_transport',
      'admin.view_domain',
      'admin.view_domains',
    ],
  }),
];
