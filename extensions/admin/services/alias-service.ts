import type { Actor, ExtensionContext } from '@posthorn/sdk';
import { type Address, parseAddress } from '../addresses.js';
import { aliasChanged, mayCreate } from '../contract/hooks.js';
import type { AliasChange, Aliases, AliasFilter, AliasView, Key, NewAlias } from '../contract.js';
import { Policy } from '../policy/policy.js';
import { problem } from '../problems.js';
import { AliasFinder, type AliasRow, type Place } from './alias-finder.js';
import { requireNoLoop } from './alias-loops.js';
import { AliasReader } from './alias-reader.js';
import { AliasRemoval } from './alias-removal.js';
import { AliasRows, aliasTaken } from './alias-rows.js';
import { DomainFinder } from './domain-finder.js';
import { requirePage } from './pages.js';
import { parseRecipients, Recipients } from './recipients.js';
import { saidBy } from './said-by.js';
import { SelfAliases } from './self-alias.js';
import { assignments, asText } from './sql.js';
import { orTaken } from './taken.js';
import { Complaints } from './values.js';

/** Aliases, forwards and catch-alls: the rules behind every door. */
export class AliasService implements Aliases {
  readonly #context: ExtensionContext;
  readonly #policy: Policy;
  readonly #domains: DomainFinder;
  readonly #finder: AliasFinder;
  readonly #reader: AliasReader;
  readonly #rows: AliasRows;

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.#policy = new Policy(context);
    this.#domains = new DomainFinder(context);
    this.#finder = new AliasFinder(context);
    this.#reader = new AliasReader(context);
    this.#rows = new AliasRows(context);
  }

  list(actor: Actor, filter: AliasFilter = {}): AsyncIterable<AliasView> {
    this.#policy.enter(actor, 'alias.list');
    requirePage(filter);
    return this.#reader.list(
      () => this.#policy.scope(actor),
      async (scope) => (filter.domain === undefined ? undefined : this.#domains.reach(scope, filter.domain)),
      filter,
    );
  }

  async show(actor: Actor, key: Key): Promise<AliasView> {
    this.#policy.enter(actor, 'alias.show');
    return this.#reader.one((await this.#finder.reach(await this.#policy.scope(actor), key)).id);
  }

  async create(actor: Actor, input: NewAlias): Promise<AliasView> {
    this.#policy.enter(actor, 'alias.create');
    checkInput(input);
    const wanted = parseAddress(input.address, { field: 'address', allowEmptyLocal: true });
    const recipients = parseRecipients(input.recipients ?? []);
    const { address, domain } = await this.#finder.place(await this.#policy.scope(actor), wanted);
    const id = await orTaken(
      () =>
        this.#context.data.write(async () => {
          await this.#rows.requireFree(address.address);
          const resolved = await this.#resolve(address.address, recipients);
          // A mailbox leads to itself already: that alias is the system's.
          if (resolved.length === 1 && resolved[0]?.address === address.address) throw aliasTaken(address.address);
          const fields = {
            address: address.address,
            domain: { pk: domain.id, name: domain.name },
            enabled: input.enabled ?? true,
            description: input.description ?? '',
            expire_at: input.expire_at ?? null,
          };
          return this.#rows.add(actor, fields, resolved);
        }),
      () => aliasTaken(address.address),
    );
    return this.#reader.one(id);
  }

  async update(actor: Actor, key: Key, change: AliasChange): Promise<AliasView> {
    this.#policy.enter(actor, 'alias.update');
    checkInput(change);
    const recipients = change.recipients === undefined ? undefined : parseRecipients(change.recipients);
    const wanted =
      change.address === undefined
        ? undefined
        : parseAddress(change.address, { field: 'address', allowEmptyLocal: true });
    const scope = await this.#policy.scope(actor);
    const before = await this.#finder.reachOwn(scope, key);
    const place = wanted === undefined ? undefined : await this.#finder.place(scope, wanted);
    const address = place?.address.address ?? before.address;
    await orTaken(
      () =>
        this.#context.data.write(async () => {
          if (place !== undefined && address !== before.address) await this.#move(actor, before, place);
          if (recipients !== undefined) {
            await this.#rows.setRecipients(before.id, await this.#resolve(address, recipients));
          }
          const values = { enabled: change.enabled, description: change.description, expire_at: change.expire_at };
          const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
          const set = assignments({ ...given, last_modification: this.#context.now() });
          await this.#context.data.execute(`update admin_alias set ${set.sql} where id = ?`, [
            ...set.params,
            before.id,
          ]);
          await new SelfAliases(this.#context).refresh([before.address, address]);
          await this.#context.call(aliasChanged, {
            ...saidBy(actor),
            alias: { pk: before.id, address },
            fields: Object.keys(change),
          });
        }),
      () => aliasTaken(address),
    );
    return this.#reader.one(before.id);
  }

  async remove(actor: Actor, key: Key): Promise<void> {
    this.#policy.enter(actor, 'alias.delete');
    const alias = await this.#finder.reachOwn(await this.#policy.scope(actor), key);
    await this.#context.data.write(() => new AliasRemoval(this.#context).remove(actor, alias));
  }

  async #move(actor: Actor, before: AliasRow, to: Place): Promise<void> {
    await this.#rows.requireFree(to.address.address);
    if (to.domain.id !== before.domainId) {
      const domain = { pk: to.domain.id, name: to.domain.name };
      await this.#context.call(mayCreate, { actor, kind: 'alias', count: 1, domain, isMove: true });
    }
    await this.#rows.renameRecipients({ mailboxId: null, aliasAddress: before.address }, before.address, to.address);
    await this.#context.data.execute('update admin_alias set address = ?, domain_id = ? where id = ?', [
      to.address.address,
      to.domain.id,
      before.id,
    ]);
    const recipients = await this.#recipientsOf(before.id);
    requirePossible(to.address.address, recipients);
    await requireNoLoop(this.#context, to.address.address, recipients);
  }

  async #recipientsOf(id: number): Promise<readonly string[]> {
    const rows = await this.#context.data.execute('select address from admin_aliasrecipient where alias_id = ?', [id]);
    return rows.map((row) => asText(row.address));
  }

  async #resolve(owner: string, recipients: readonly Address[]) {
    const resolved = await new Recipients(this.#context).resolve(owner, recipients);
    requirePossible(
      owner,
      resolved.map((recipient) => recipient.address),
    );
    await requireNoLoop(
      this.#context,
      owner,
      resolved.map((recipient) => recipient.address),
    );
    return resolved;
  }
}

/** Postfix keeps the local part for `@domain` only where that is the one answer, and a catch-all's key has none. */
function requirePossible(owner: string, recipients: readonly string[]): void {
  if (!owner.startsWith('@') || recipients.length < 2) return;
  const whole = recipients.find((recipient) => recipient.startsWith('@'));
  if (whole !== undefined) throw problem('E_ADMIN_RECIPIENT_ALONE', { address: whole }, { field: 'recipients' });
}

function checkInput(input: AliasChange): void {
  const complaints = new Complaints();
  complaints.boolean('enabled', input.enabled);
  complaints.text('description', input.description, 10_000);
  complaints.moment('expire_at', input.expire_at ?? undefined);
  complaints.raise();
}
