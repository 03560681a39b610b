import type { Actor, ExtensionContext } from '@posthorn/sdk';
import { aliases, type Forwarding, type Forwards } from '../contract/services.js';
import type { AliasView } from '../contract/views.js';
import { problem } from '../problems.js';
import { AccountFinder } from './account-finder.js';
import { asNumber } from './sql.js';
import { Complaints } from './values.js';

/** Everybody's own forward: the rules behind every door. */
export class ForwardService implements Forwards {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  async show(actor: Actor): Promise<Forwarding> {
    const address = await this.#ownAddress(actor);
    return forwardingOf(await this.#alias(address), address);
  }

  async set(actor: Actor, { recipients, keeps_copy: keepsCopy }: Forwarding): Promise<Forwarding> {
    const complaints = new Complaints();
    complaints.texts('recipients', recipients, 100);
    complaints.boolean('keeps_copy', keepsCopy);
    complaints.raise();
    const address = await this.#ownAddress(actor);
    // Nobody else's right is needed for one's own mail; the record still says who it was.
    const owner: Actor = { ...this.#context.system, username: actor.username, door: actor.door };
    const service = this.#context.get(aliases);
    await this.#context.data.write(async () => {
      const before = await this.#alias(address);
      if (recipients.length === 0) {
        if (before !== undefined) await service.remove(owner, before.pk);
        return;
      }
      const wanted = keepsCopy ? [...recipients, address] : recipients;
      if (before === undefined) await service.create(owner, { address, recipients: wanted });
      else await service.update(owner, before.pk, { recipients: wanted, enabled: true });
    });
    return this.show(actor);
  }

  async #ownAddress(actor: Actor): Promise<string> {
    const account = actor.id === null ? undefined : await new AccountFinder(this.#context).find(actor.id);
    if (account === undefined || account.mailbox === null) {
      throw problem('E_ADMIN_FORWARD_MAILBOX', { username: actor.username });
    }
    return account.mailbox.full_address;
  }

  async #alias(address: string): Promise<AliasView | undefined> {
    const [row] = await this.#context.data.execute(
      'select id from admin_alias where address = ? and internal = false',
      [address],
    );
    return row === undefined ? undefined : this.#context.get(aliases).show(this.#context.system, asNumber(row.id));
  }
}

const forwardingOf = (alias: AliasView | undefined, address: string): Forwarding =>
  alias?.enabled === true
    ? {
        recipients: alias.recipients.filter((recipient) => recipient !== address),
        keeps_copy: alias.recipients.includes(address),
      }
    : { recipients: [], keeps_copy: true };
