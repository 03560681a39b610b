import { collection, endpoint, field, messages, z } from '@posthorn/sdk';
import { aliases } from '../contract.js';
import { blaming } from './blame.js';
import { ignoredOfAliases } from './ignored.js';
import { changed, filtered, flag, given, keyBy, name, PK, partOf, pk, seen, visible } from './shared.js';

const t = messages('admin');
const path = '/aliases/';
const one = '/aliases/:pk/';

const item = {
  pk,
  address: z.string(),
  enabled: z.boolean(),
  internal: z.boolean(),
  recipients: z.array(z.string()).readonly(),
  description: z.string(),
  expire_at: z.string().nullable(),
  creation: z.string(),
  last_modification: z.string(),
};
const shown = partOf(item);

const recipients = z.array(z.string().max(320)).max(5_000).meta({ title: 'Recipients' });
const settings = {
  enabled: flag('Enabled').optional(),
  description: field.text({ label: t('Description') }).optional(),
  expire_at: field
    .timestamp({ label: t('Expires') })
    .nullable()
    .optional(),
};
const byAddress = { address: name('Address').optional(), recipients: recipients.optional() };

export const aliasEndpoints = [
  collection({
    path,
    permission: 'signed-in',
    summary: t('List aliases'),
    query: { domain: name('Domain').optional(), search: name('Search').optional() },
    item,
    examples: [{}, { query: { domain: 'example.test' } }],
    // Only aliases that people made are listed, and of those each address is one's.
    sorts: ['address', 'pk'],
    keyOf: keyBy((row) => row.address),
    rows: ({ actor, context, query, page }) =>
      visible(() => context.get(aliases).list(actor, { ...page, ...filtered(query) }), shown),
  }),
  endpoint({
    method: 'POST',
    path,
    permission: 'admin.add_alias',
    summary: t('Create an alias'),
    body: { address: name('Address'), recipients, ...settings },
    ignores: ignoredOfAliases,
    isTriable: true,
    returns: item,
    status: 201,
    errors: ['conflict', 'not-found'],
    examples: [
      { body: { address: 'sales@example.test', recipients: ['anna@example.test', 'bob@example.org'] } },
      { body: { address: '@example.test', recipients: ['anna@example.test'] } },
    ],
    run: ({ actor, context, body }) =>
      blaming(async () => shown(await context.get(aliases).create(actor, given(body))), 'address'),
  }),
  endpoint({
    method: 'GET',
    path: one,
    params: PK,
    permission: 'signed-in',
    summary: t('Show an alias'),
    returns: item,
    errors: ['not-found'],
    examples: [{ params: { pk: 1 } }],
    run: ({ actor, context, params }) =>
      seen(params.pk, async () => shown(await context.get(aliases).show(actor, params.pk))),
  }),
  ...(['PUT', 'PATCH'] as const).map((method) =>
    endpoint({
      method,
      path: one,
      params: PK,
      permission: 'admin.change_alias',
      summary: t('Change an alias'),
      description: t('What is not sent stays as it is.'),
      body: { ...byAddress, ...settings },
      ignores: ignoredOfAliases,
      isTriable: true,
      returns: item,
      errors: ['not-found', 'conflict', 'refused'],
      examples: [{ params: { pk: 2 }, body: { recipients: ['bob@example.org'] } }],
      run: ({ actor, context, params, body }) =>
        blaming(async () => {
          const service = context.get(aliases);
          const before = shown(await service.show(actor, params.pk));
          return shown(await service.update(actor, params.pk, given(changed(before, body))));
        }, 'address'),
    }),
  ),
  endpoint({
    method: 'DELETE',
    path: one,
    params: PK,
    permission: 'admin.delete_alias',
    summary: t('Delete an alias'),
    isTriable: true,
    errors: ['not-found', 'refused'],
    examples: [{ params: { pk: 2 } }],
    run: ({ actor, context, params }) => context.get(aliases).remove(actor, params.pk),
  }),
];
