import { collection, endpoint, field, messages, z } from '@posthorn/sdk';
import { DOMAIN_TYPES, domains } from '../contract.js';
import { blaming } from './blame.js';
import { ignoredOfDomains } from './ignored.js';
import {
  changed,
  filtered,
  flag,
  given,
  keepdir,
  keyBy,
  megabytes,
  name,
  PK,
  partOf,
  pk,
  seen,
  visible,
} from './shared.js';

const t = messages('admin');
const path = '/domains/';
const one = '/domains/:pk/';

const item = {
  pk,
  name: z.string(),
  quota: z.int(),
  default_mailbox_quota: z.int(),
  enabled: z.boolean(),
  type: z.string(),
  enable_dns_checks: z.boolean(),
  enable_dkim: z.boolean(),
  dkim_key_selector: z.string(),
  dkim_key_length: z.int().nullable(),
  dkim_public_key: z.string(),
  dkim_private_key_path: z.string(),
  mailbox_count: z.int(),
  mbalias_count: z.int(),
  domainalias_count: z.int(),
  creation: z.string(),
  last_modification: z.string(),
};
const shown = partOf(item);

const settings = {
  quota: megabytes('Quota').optional(),
  default_mailbox_quota: megabytes('Default mailbox quota').optional(),
  enabled: flag('Enabled').optional(),
  type: field.choice({ label: t('Type'), choices: DOMAIN_TYPES }).optional(),
  enable_dns_checks: flag('Enable DNS checks').optional(),
  enable_dkim: flag('Enable DKIM signing').optional(),
  dkim_key_selector: name('DKIM key selector').optional(),
  dkim_key_length: z.int().nullable().optional(),
};

export const domainEndpoints = [
  collection({
    path,
    permission: 'signed-in',
    summary: t('List domains'),
    query: { search: name('Search').optional() },
    item,
    examples: [{}, { query: { limit: '1' } }, { query: { search: 'example', fields: 'pk,name' } }],
    sorts: ['name', 'pk', 'quota', 'mailbox_count', 'mbalias_count'],
    keyOf: keyBy((row) => row.name),
    rows: ({ actor, context, query, page }) =>
      visible(() => context.get(domains).list(actor, { ...page, ...filtered(query) }), shown),
  }),
  endpoint({
    method: 'POST',
    path,
    permission: 'admin.add_domain',
    summary: t('Create a domain'),
    body: { name: name('Name'), ...settings },
    ignores: ignoredOfDomains,
    isTriable: true,
    returns: item,
    status: 201,
    examples: [
      { body: { name: 'new.example.test', quota: 0, default_mailbox_quota: 0 } },
      { body: { name: 'large.example.test', quota: '10G', default_mailbox_quota: '1G' } },
    ],
    run: ({ actor, context, body }) =>
      blaming(async () => shown(await context.get(domains).create(actor, given(body)))),
  }),
  endpoint({
    method: 'GET',
    path: one,
    params: PK,
    permission: 'signed-in',
    summary: t('Show a domain'),
    returns: item,
    errors: ['not-found'],
    examples: [{ params: { pk: 1 } }],
    run: ({ actor, context, params }) =>
      seen(params.pk, async () => shown(await context.get(domains).show(actor, params.pk))),
  }),
  ...(['PUT', 'PATCH'] as const).map((method) =>
    endpoint({
      method,
      path: one,
      params: PK,
      permission: 'admin.change_domain',
      summary: t('Change a domain'),
      description: t('What is not sent stays as it is.'),
      body: { name: name('Name').optional(), ...settings },
      ignores: ignoredOfDomains,
      isTriable: true,
      returns: item,
      errors: ['not-found'],
      examples: [{ params: { pk: 1 }, body: { enabled: false } }],
      run: ({ actor, context, params, body }) =>
        blaming(async () => {
          const service = context.get(domains);
          const before = shown(await service.show(actor, params.pk));
          return shown(await service.update(actor, params.pk, given(changed(before, body))));
        }),
    }),
  ),
  endpoint({
    method: 'DELETE',
    path: one,
    params: PK,
    query: keepdir,
    permission: 'admin.delete_domain',
    summary: t('Delete a domain'),
    isTriable: true,
    errors: ['not-found', 'refused'],
    examples: [{ params: { pk: 1 } }],
    run: ({ actor, context, params, query }) => context.get(domains).remove(actor, params.pk, given(query)),
  }),
];
