import type { Actor, ExtensionContext } from '@posthorn/sdk';
import { type Address, parseAddress } from '../addresses.js';
import { mayCreate, senderAddressChanged, senderAddressDeleted } from '../contract/hooks.js';
import type {
  Key,
  NewSenderAddress,
  SenderAddressChange,
  SenderAddresses,
  SenderAddressFilter,
  SenderAddressView,
} from '../contract.js';
import { Policy } from '../policy/policy.js';
import type { Scope } from '../policy/scope.js';
import { problem } from '../problems.js';
import { AccountFinder, type MailboxRow } from './account-finder.js';
import { idOf, isId, shownKey } from './keys.js';
import { type Orders, orderOf } from './order.js';
import { pages, requirePage } from './pages.js';
import { saidBy } from './said-by.js';
import { requireMayUse, SenderAddressRows, senderTaken } from './sender-address-rows.js';
import { allOf, asNumber, asText, fragment, idIn, textIn } from './sql.js';
import { orTaken } from './taken.js';

const SELECT = `select s.id, s.address, s.mailbox_id, m.address || '@' || d.name as mailbox_address
  from admin_senderaddress s inner join admin_mailbox m on m.id = s.mailbox_id inner join admin_domain d on d.id = m.domain_id
  inner join core_user u on u.id = m.user_id`;

const ORDERS = {
  pk: { sql: 's.id', type: 'number', isUnique: true },
  address: { sql: 's.address', type: 'text' },
} as const satisfies Orders;

const viewOf = (row: Readonly<Record<string, unknown>>): SenderAddressView =>
  Object.freeze({
    pk: asNumber(row.id),
    address: asText(row.address),
    mailbox: asNumber(row.mailbox_id),
    mailbox_address: asText(row.mailbox_address),
  });

/** More addresses that a mailbox's owner may send from: the rules behind every door. */
export class SenderAddressService implements SenderAddresses {
  readonly #context: ExtensionContext;
  readonly #policy: Policy;
  readonly #accounts: AccountFinder;

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.#policy = new Policy(context);
    this.#accounts = new AccountFinder(context);
  }

  list(actor: Actor, filter: SenderAddressFilter = {}): AsyncIterable<SenderAddressView> {
    this.#policy.enter(actor, 'senderaddress.list');
    requirePage(filter, ORDERS);
    return this.#stream(actor, filter);
  }

  async show(actor: Actor, pk: number): Promise<SenderAddressView> {
    this.#policy.enter(actor, 'senderaddress.show');
    return this.#reach(await this.#policy.scope(actor), pk);
  }

  async create(actor: Actor, input: NewSenderAddress): Promise<SenderAddressView> {
    this.#policy.enter(actor, 'senderaddress.create');
    const address = parseSender(input.address);
    const scope = await this.#policy.scope(actor);
    const mailbox = await this.#mailbox(scope, input.mailbox);
    await requireMayUse(this.#context, scope, [address], 'address');
    const rows = new SenderAddressRows(this.#context);
    const [id] = await orTaken(
      () =>
        this.#context.data.write(async () => {
          const domain = { pk: mailbox.domain_id, name: mailbox.domain_name };
          await this.#context.call(mayCreate, { actor, kind: 'sender-address', count: 1, domain });
          return rows.add(actor, mailbox.id, [address.address]);
        }),
      () => senderTaken(address.address),
    );
    return this.#one(id ?? 0);
  }

  async update(actor: Actor, pk: number, change: SenderAddressChange): Promise<SenderAddressView> {
    this.#policy.enter(actor, 'senderaddress.update');
    const wanted = change.address === undefined ? undefined : parseSender(change.address);
    const scope = await this.#policy.scope(actor);
    const before = await this.#reach(scope, pk);
    if (wanted !== undefined) await requireMayUse(this.#context, scope, [wanted], 'address');
    const mailbox = change.mailbox === undefined ? before.mailbox : (await this.#mailbox(scope, change.mailbox)).id;
    const address = wanted?.address ?? before.address;
    await orTaken(
      () =>
        this.#context.data.write(async () => {
          await this.#context.data.execute('update admin_senderaddress set address = ?, mailbox_id = ? where id = ?', [
            address,
            mailbox,
            before.pk,
          ]);
          await this.#context.call(senderAddressChanged, {
            ...saidBy(actor),
            sender_address: { pk: before.pk, address },
            mailbox,
          });
        }),
      () => senderTaken(address),
    );
    return this.#one(before.pk);
  }

  async remove(actor: Actor, pk: number): Promise<void> {
    this.#policy.enter(actor, 'senderaddress.delete');
    const { address, mailbox } = await this.#reach(await this.#policy.scope(actor), pk);
    await this.#context.data.write(async () => {
      await this.#context.data.execute('delete from admin_senderaddress where id = ?', [pk]);
      await this.#context.call(senderAddressDeleted, { ...saidBy(actor), sender_address: { pk, address }, mailbox });
    });
  }

  /** By its number, its address, or its account's username; the account must be the actor's to manage. */
  async #mailbox(scope: Scope, key: Key): Promise<MailboxRow> {
    const account =
      typeof key === 'number'
        ? await this.#accounts.byMailbox(key)
        : ((await this.#accounts.byAddress(key)) ?? (await this.#accounts.find(key)));
    if (account === undefined || !(await this.#policy.canManageAccount(scope, account))) {
      throw problem('E_ADMIN_MAILBOX_OUT_OF_REACH', { address: shownKey(key) }, { field: 'mailbox' });
    }
    if (account.mailbox === null)
      throw problem('E_ADMIN_MAILBOX_MISSING', { username: account.username }, { field: 'mailbox' });
    return account.mailbox;
  }

  async #reach(scope: Scope, pk: number): Promise<SenderAddressView> {
    const [row] = isId(pk) ? await this.#context.data.execute(`${SELECT} where s.id = ?`, [pk]) : [];
    const account = row === undefined ? undefined : await this.#accounts.byMailbox(asNumber(row.mailbox_id));
    if (row === undefined || account === undefined || !(await this.#policy.canManageAccount(scope, account))) {
      throw problem('E_ADMIN_SENDER_NOT_FOUND', { name: shownKey(pk) });
    }
    return viewOf(row);
  }

  async #one(id: number): Promise<SenderAddressView> {
    const [row] = await this.#context.data.execute(`${SELECT} where s.id = ?`, [id]);
    return viewOf(row ?? {});
  }

  async *#stream(actor: Actor, filter: SenderAddressFilter): AsyncGenerator<SenderAddressView> {
    const scope = await this.#policy.scope(actor);
    const mailbox = filter.mailbox === undefined ? undefined : await this.#mailbox(scope, filter.mailbox);
    // The same rule as `Policy.canManageAccount` for accounts with a mailbox, in SQL.
    const role = textIn('u.role', scope.lowerRoles);
    const own = fragment('u.id = ?', scope.accountId ?? 0);
    const domains = idIn(this.#context.data.dialect, 'm.domain_id', scope.domains);
    const conditions = [
      ...(scope.isAll
        ? scope.isConfined
          ? [role]
          : []
        : [
            {
              sql: `${own.sql} or (${domains.sql} and ${role.sql})`,
              params: [...own.params, ...domains.params, ...role.params],
            },
          ]),
      ...(mailbox === undefined ? [] : [fragment('s.mailbox_id = ?', mailbox.id)]),
    ];
    const order = orderOf(ORDERS, 's.id', filter.sort);
    yield* pages(
      filter,
      async ({ after, size }) => {
        const where = allOf([
          ...conditions,
          ...(after === undefined ? [] : [order?.behind(after) ?? fragment('s.id > ?', idOf(after))]),
        ]);
        const rows = await this.#context.data.execute(
          `${SELECT} where ${where.sql} order by ${order?.by ?? 's.id'} limit ${size}`,
          where.params,
        );
        return rows.map(viewOf);
      },
      order?.keyOf ?? ((view) => String(view.pk)),
    );
  }
}

const parseSender = (text: string): Address =>
  parseAddress(text, { field: 'address', allowEmptyLocal: true, isForeign: true });
