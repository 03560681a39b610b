/** Relay domains, at the addresses of the reference. */
import { sortKey } from '@posthorn/admin/contract';
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
import { type RelayDomainChange, type RelayDomainView, relayDomains } from '../contract/services.js';
import { problem } from '../problems.js';
import { givenTransport, retold, targetOf, transport, transportOf } from './transport.js';

const t = messages('relaydomains');
const path = '/relaydomains/';
const one = '/relaydomains/:pk/';
const params = { pk: field.integer({ label: t('Number'), min: 1, max: 2_147_483_647 }) };

const item = {
  pk: z.int(),
  name: z.string(),
  enabled: z.boolean(),
  transport: transport.nullable(),
  enable_dkim: z.boolean(),
  dkim_key_selector: z.string(),
  dkim_public_key: z.string(),
};
const shown = (view: RelayDomainView) => ({
  pk: view.pk,
  name: view.name,
  enabled: view.enabled,
  transport: transportOf(view),
  enable_dkim: view.enable_dkim,
  dkim_key_selector: view.dkim_key_selector,
  dkim_public_key: view.dkim_public_key,
});

const name = field.string({ label: t('Name'), max: 320 });
const settings = {
  enabled: field.boolean({ label: t('Enabled') }).optional(),
  enable_dkim: field.boolean({ label: t('Enable DKIM signing') }).optional(),
  dkim_key_selector: field.string({ label: t('DKIM key selector'), max: 30 }).optional(),
};
const ignores = ['pk', 'id', 'dkim_public_key', 'dkim_key_length', 'dkim_private_key_path'];
const example = { service: 'relay', _settings: '{"relay_target_host": "mx.example.net", "relay_target_port": 25}' };

/** Names that are taken are wrong values here. */
const TAKEN = new Set(['E_ADMIN_DOMAIN_TAKEN', 'E_ADMIN_DOMAIN_IS_ALIAS']);
/** Codes of those who may not see any, or not this one. */
const UNSEEN = new Set(['E_RELAYDOMAINS_FORBIDDEN', 'E_ADMIN_FORBIDDEN', 'E_ADMIN_DOMAIN_NOT_FOUND']);

async function blaming<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isProblem(error) || !TAKEN.has(error.code)) throw retold(error);
    throw new Problem(error.code, 'invalid', error.text, error.hint, { field: 'name', cause: error });
  }
}

const isUnseen = (error: unknown): boolean => isProblem(error) && UNSEEN.has(error.code);

/** Without what is as it was: whatever GET answered may be sent back. */
function changeOf(
  before: ReturnType<typeof shown>,
  { transport: sent, ...rest }: { readonly transport?: z.output<typeof givenTransport> | null | undefined },
): RelayDomainChange {
  const isSame =
    sent == null || (sent.service === before.transport?.service && sent._settings === before.transport._settings);
  const changed = Object.entries(rest).filter(([key, value]) => value !== before[key as keyof typeof before]);
  return { ...Object.fromEntries(changed), ...(isSame ? {} : targetOf(sent)) };
}

export const relayDomainEndpoints: readonly Contribution[] = [
  collection({
    path,
    permission: 'signed-in',
    summary: t('List relay domains'),
    query: { search: field.string({ label: t('Search'), max: 320 }).optional() },
    item,
    examples: [{}, { query: { search: 'relay', limit: '10' } }],
    sorts: ['name', 'pk'],
    keyOf: (row, sort) => (sort === undefined ? row.name : sortKey(row, sort)),
    async *rows({ actor, context, query: { search = '' }, page }) {
      try {
        for await (const view of context.get(relayDomains).list(actor, { ...page, search })) yield shown(view);
      } catch (error) {
        if (!isUnseen(error)) throw error;
      }
    },
  }),
  endpoint({
    method: 'POST',
    path,
    permission: 'relaydomains.add_relaydomain',
    summary: t('Create a relay domain'),
    body: { name, transport: givenTransport, ...settings },
    ignores,
    isTriable: true,
    returns: item,
    status: 201,
    examples: [{ body: { name: 'new.example.test', transport: example } }],
    run: ({ actor, context, body: { transport: sent, ...rest } }) =>
      blaming(async () => {
        const input = { ...(rest as { readonly name: string }), ...targetOf(sent) };
        return shown(await context.get(relayDomains).create(actor, input));
      }),
  }),
  endpoint({
    method: 'GET',
    path: one,
    params,
    permission: 'signed-in',
    summary: t('Show a relay domain'),
    returns: item,
    errors: ['not-found'],
    examples: [{ params: { pk: 2 } }],
    async run({ actor, context, params: { pk } }) {
      try {
        return shown(await context.get(relayDomains).show(actor, pk));
      } catch (error) {
        throw isUnseen(error) ? problem('E_RELAYDOMAINS_NOT_FOUND', { name: pk }) : error;
      }
    },
  }),
  ...(['PUT', 'PATCH'] as const).map((method) =>
    endpoint({
      method,
      path: one,
      params,
      permission: 'relaydomains.change_relaydomain',
      summary: t('Change a relay domain'),
      description: t('What is not sent stays as it is.'),
      body: { name: name.optional(), transport: givenTransport.nullable().optional(), ...settings },
      ignores,
      isTriable: true,
      returns: item,
      errors: ['not-found'],
      examples: [{ params: { pk: 2 }, body: { enabled: false, transport: example } }],
      run: ({ actor, context, params: { pk }, body }) =>
        blaming(async () => {
          const service = context.get(relayDomains);
          const before = shown(await service.show(actor, pk));
          return shown(await service.update(actor, pk, changeOf(before, body)));
        }),
    }),
  ),
  endpoint({
    method: 'DELETE',
    path: one,
    params,
    permission: 'relaydomains.delete_relaydomain',
    summary: t('Delete a relay domain with everything in it'),
    isTriable: true,
    errors: ['not-found', 'refused'],
    examples: [{ params: { pk: 2 } }],
    run: ({ actor, context, params: { pk } }) => context.get(relayDomains).remove(actor, pk),
  }),
  tokenScope({
    name: 'relaydomains:read',
    label: t('See relay domains'),
    permissions: ['relaydomains.view_relaydomain', 'admin.view_domain', 'admin.view_domains'],
  }),
  tokenScope({
    name: 'relaydomains:write',
    label: t('Create, change and delete relay domains, where domains:write is given as well'),
    permissions: [
      'relaydomains.view_relaydomain',
      'relaydomains.add_relaydomain',
      'relaydomains.change_relaydomain',
      'relaydomains.delete_relaydomain',
      'admin.view_domain',
      'admin.view_domains',
    ],
  }),
];
