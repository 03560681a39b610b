import { collection, endpoint, messages, z } from '@posthorn/sdk';
import { senderAddresses } from '../contract.js';
import { blaming } from './blame.js';
import { ignoredOfSenderAddresses } from './ignored.js';
import { changed, given, keyBy, name, PK, partOf, pk, seen, visible } from './shared.js';

const t = messages('admin');
const path = '/senderaddresses/';
const one = '/senderaddresses/:pk/';

const item = { pk, address: z.string(), mailbox: z.int() };
const shown = partOf(item);
const mailbox = z.int().min(1).max(2_147_483_647).meta({ title: 'Mailbox' });

export const senderAddressEndpoints = [
  collection({
    path,
    permission: 'signed-in',
    summary: t('List sender addresses'),
    item,
    examples: [{}],
    sorts: ['pk', 'address'],
    keyOf: keyBy((row) => String(row.pk)),
    rows: ({ actor, context, page }) => visible(() => context.get(senderAddresses).list(actor, page), shown),
  }),
  endpoint({
    method: 'POST',
    path,
    permission: 'admin.add_senderaddress',
    summary: t('Create a sender address'),
    body: { address: name('Address'), mailbox },
    ignores: ignoredOfSenderAddresses,
    isTriable: true,
    returns: item,
    status: 201,
    examples: [{ body: { address: 'anna@example.net', mailbox: 1 } }],
    run: ({ actor, context, body }) =>
      blaming(async () => shown(await context.get(senderAddresses).create(actor, given(body)))),
  }),
  endpoint({
    method: 'GET',
    path: one,
    params: PK,
    permission: 'signed-in',
    summary: t('Show a sender address'),
    returns: item,
    errors: ['not-found'],
    examples: [{ params: { pk: 1 } }],
    run: ({ actor, context, params }) =>
      seen(params.pk, async () => shown(await context.get(senderAddresses).show(actor, params.pk))),
  }),
  ...(['PUT', 'PATCH'] as const).map((method) =>
    endpoint({
      method,
      path: one,
      params: PK,
      permission: 'admin.change_senderaddress',
      summary: t('Change a sender address'),
      description: t('What is not sent stays as it is.'),
      body: { address: name('Address').optional(), mailbox: mailbox.optional() },
      ignores: ignoredOfSenderAddresses,
      isTriable: true,
      returns: item,
      errors: ['not-found'],
      examples: [{ params: { pk: 1 }, body: { address: 'sales@example.net' } }],
      run: ({ actor, context, params, body }) =>
        blaming(async () => {
          const service = context.get(senderAddresses);
          const before = shown(await service.show(actor, params.pk));
          return shown(await service.update(actor, params.pk, given(changed(before, body))));
        }),
    }),
  ),
  endpoint({
    method: 'DELETE',
    path: one,
    params: PK,
    permission: 'admin.delete_senderaddress',
    summary: t('Delete a sender address'),
    isTriable: true,
    errors: ['not-found'],
    examples: [{ params: { pk: 1 } }],
    run: ({ actor, context, params }) => context.get(senderAddresses).remove(actor, params.pk),
  }),
];
