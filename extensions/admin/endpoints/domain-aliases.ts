import { collection, endpoint, messages, z } from '@posthorn/sdk';
import { domainAliases } from '../contract.js';
import { blaming } from './blame.js';
import { ignoredOfDomainAliases } from './ignored.js';
import { changed, filtered, flag, given, keyBy, name, PK, partOf, pk, seen, visible } from './shared.js';

const t = messages('admin');
const path = '/domainaliases/';
const one = '/domainaliases/:pk/';

const item = { pk, name: z.string(), target: z.int(), enabled: z.boolean() };
const shown = partOf(item);
const target = z.int().min(1).max(2_147_483_647).meta({ title: 'Target' });

export const domainAliasEndpoints = [
  collection({
    path,
    permission: 'signed-in',
    summary: t('List domain aliases'),
    query: { domain: name('Domain').optional(), search: name('Search').optional() },
    item,
    examples: [{}, { query: { domain: 'example.test' } }],
    sorts: ['name', 'pk'],
    keyOf: keyBy((row) => row.name),
    rows: ({ actor, context, query, page }) =>
      visible(() => context.get(domainAliases).list(actor, { ...page, ...filtered(query) }), shown),
  }),
  endpoint({
    method: 'POST',
    path,
    permission: 'admin.add_domainalias',
    summary: t('Create a domain alias'),
    body: { name: name('Name'), target, enabled: flag('Enabled').optional() },
    ignores: ignoredOfDomainAliases,
    isTriable: true,
    returns: item,
    status: 201,
    examples: [{ body: { name: 'other.example.test', target: 1, enabled: true } }],
    run: ({ actor, context, body }) =>
      blaming(async () => shown(await context.get(domainAliases).create(actor, given(body))), 'domain'),
  }),
  endpoint({
    method: 'GET',
    path: one,
    params: PK,
    permission: 'signed-in',
    summary: t('Show a domain alias'),
    returns: item,
    errors: ['not-found'],
    examples: [{ params: { pk: 1 } }],
    run: ({ actor, context, params }) =>
      seen(params.pk, async () => shown(await context.get(domainAliases).show(actor, params.pk))),
  }),
  ...(['PUT', 'PATCH'] as const).map((method) =>
    endpoint({
      method,
      path: one,
      params: PK,
      permission: 'admin.change_domainalias',
      summary: t('Change a domain alias'),
      description: t('What is not sent stays as it is.'),
      body: { name: name('Name').optional(), target: target.optional(), enabled: flag('Enabled').optional() },
      ignores: ignoredOfDomainAliases,
      isTriable: true,
      returns: item,
      errors: ['not-found'],
      examples: [{ params: { pk: 1 }, body: { enabled: false } }],
      run: ({ actor, context, params, body }) =>
        blaming(async () => {
          const service = context.get(domainAliases);
          const before = shown(await service.show(actor, params.pk));
          return shown(await service.update(actor, params.pk, given(changed(before, body))));
        }, 'domain'),
    }),
  ),
  endpoint({
    method: 'DELETE',
    path: one,
    params: PK,
    permission: 'admin.delete_domainalias',
    summary: t('Delete a domain alias'),
    isTriable: true,
    errors: ['not-found'],
    examples: [{ params: { pk: 1 } }],
    run: ({ actor, context, params }) => context.get(domainAliases).remove(actor, params.pk),
  }),
];
