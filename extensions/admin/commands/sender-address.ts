import { type CommandContext, command, messages, type PrintableRow } from '@posthorn/sdk';
import { parseAddress } from '../addresses.js';
import { type SenderAddressView, senderAddresses } from '../contract.js';
import { problem } from '../problems.js';
import { nameField, present, rows } from './shared-fields.js';

const t = messages('admin');
const noun = 'senderaddress';

const address = () => nameField('Address', 'local@domain, or @domain for all of it');
const mailbox = () => nameField('Mailbox', 'Whose owner may send as this address');

const row = (view: SenderAddressView): PrintableRow => ({ ...view });

/** The mailbox's row for this address. */
async function find(context: CommandContext, typed: string, of: string): Promise<SenderAddressView> {
  const wanted = parseAddress(typed, { allowEmptyLocal: true, isForeign: true, field: 'address' }).address;
  for await (const one of context.get(senderAddresses).list(context.actor, { mailbox: of })) {
    if (one.address === wanted) return one;
  }
  throw problem('E_ADMIN_SENDER_NOT_FOUND', { name: wanted });
}

export const senderAddressCommands = [
  command({
    noun,
    verb: 'create',
    summary: t('Let a mailbox send as another address'),
    examples: [
      'senderaddress create alice@elsewhere.example --mailbox alice@example.org',
      'senderaddress create @example.net --mailbox alice@example.org',
    ],
    permission: 'admin.add_senderaddress',
    positional: ['address'],
    input: { address: address(), mailbox: mailbox() },
    async run(input, context) {
      context.out.item(row(await context.get(senderAddresses).create(context.actor, input)));
    },
  }),
  command({
    noun,
    verb: 'list',
    summary: t('List sender addresses'),
    examples: ['senderaddress list', 'senderaddress list --mailbox alice@example.org --json'],
    permission: 'admin.view_mailboxes',
    input: { mailbox: mailbox().optional() },
    async run(input, context) {
      await context.out.list(rows(context.get(senderAddresses).list(context.actor, present(input)), row), [
        'mailbox_address',
        'address',
      ]);
    },
  }),
  command({
    noun,
    verb: 'delete',
    summary: t('No longer let a mailbox send as another address'),
    examples: ['senderaddress delete alice@elsewhere.example --mailbox alice@example.org --yes'],
    permission: 'admin.delete_senderaddress',
    positional: ['address'],
    isDestructive: true,
    input: { address: address(), mailbox: mailbox() },
    async run(input, context) {
      const found = await find(context, input.address, input.mailbox);
      await context.confirm(
        t('No longer let {{mailbox}} send as {{address}}?', { mailbox: found.mailbox_address, address: found.address }),
      );
      await context.get(senderAddresses).remove(context.actor, found.pk);
      context.out.note(
        t('{{mailbox}} may no longer send as {{address}}.', { mailbox: found.mailbox_address, address: found.address }),
      );
    },
  }),
];
