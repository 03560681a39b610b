import type { Actor, Dialect, ExtensionContext } from '@posthorn/sdk';
import { mailboxDeleted } from '../contract/hooks.js';
import type { RemoveOptions } from '../contract/inputs.js';
import { adminParameters } from '../contract/parameters.js';
import { type Deleted, TrashBin } from '../trash/bin.js';
import type { AccountRow, MailboxRow } from './account-finder.js';
import { AliasRemoval, lastRoots } from './alias-removal.js';
import { MailboxOperations } from './mailbox-operations.js';
import { saidBy } from './said-by.js';
import { allOf, asNumber, asText, type Fragment, idIn, textIn } from './sql.js';

/** An account's mailbox that is about to go. */
export interface LeavingMailbox {
  readonly account: AccountRow;
  readonly mailbox: MailboxRow;
}

export const deletedAccount = ({ id, username: name, role, domainId }: AccountRow): Deleted => ({
  kind: 'account',
  id,
  name,
  role,
  domainId,
});

export const leavingMailboxes = (accounts: Iterable<AccountRow>): readonly LeavingMailbox[] =>
  [...accounts].flatMap((account) => (account.mailbox === null ? [] : [{ account, mailbox: account.mailbox }]));

/** Deletes mailboxes with all that leads to them, in a fixed number of statements. Inside a `write`. */
export class MailboxRemoval {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  async run(actor: Actor, leaving: readonly LeavingMailbox[], options: RemoveOptions): Promise<void> {
    if (leaving.length === 0) return;
    const { data } = this.#context;
    const { handle_mailboxes: onDisk } = await this.#context.parameters(adminParameters);
    const bin = new TrashBin(this.#context);
    const mailboxes = leaving.map(({ mailbox }) => mailbox);
    const deleted = leaving.map(({ account, mailbox }) => ({
      kind: 'mailbox' as const,
      id: mailbox.id,
      name: mailbox.full_address,
      domainId: mailbox.domain_id,
      role: account.role,
    }));
    await bin.collect(actor, deleted, options, async () => {
      if (onDisk && options.keepdir !== true && !bin.isOpen)
        await new MailboxOperations(this.#context).delete(mailboxes);
      const roots = new Map(mailboxes.map(({ id, full_address }) => [full_address, bin.rootOf('admin_mailbox', id)]));
      // Its own aliases too, internal or not: the address is gone.
      const own = ownAliases(data.dialect, mailboxes);
      const touched = await this.#aliasesTo(mailboxes, own, roots);
      await bin.take('admin_alias', own, (row) => roots.get(asText(row.address)) ?? 0);
      await data.execute(`delete from admin_alias where ${own.sql}`, own.params);
      const used = textIn('username', [...roots.keys()]);
      await data.execute(`delete from admin_quota where ${used.sql}`, used.params);
      const gone = idIn(
        data.dialect,
        'id',
        mailboxes.map(({ id }) => id),
      );
      await data.execute(`delete from admin_mailbox where ${gone.sql}`, gone.params);
      await new AliasRemoval(this.#context).dropEmptied(actor, touched);
    });
    for (const { account, mailbox } of leaving) {
      await this.#context.call(mailboxDeleted, {
        ...saidBy(actor),
        account: { pk: account.id, username: account.username },
        mailbox: { pk: mailbox.id, full_address: mailbox.full_address },
        domain: { pk: mailbox.domain_id, name: mailbox.domain_name },
      });
    }
  }

  /** Aliases that lose a recipient, with the deletion that takes the last of them. */
  async #aliasesTo(
    mailboxes: readonly MailboxRow[],
    own: Fragment,
    roots: ReadonlyMap<string, number>,
  ): Promise<ReadonlyMap<number, number>> {
    const { data } = this.#context;
    const addresses = new Map(mailboxes.map(({ id, full_address }) => [id, full_address]));
    const among = idIn(data.dialect, 'r.r_mailbox_id', addresses.keys());
    const rows = await data.execute(
      `select r.alias_id, r.r_mailbox_id as mailbox, null as address from admin_aliasrecipient r where ${among.sql}
       union all
       select r.alias_id, null, o.address from admin_aliasrecipient r
       inner join (select id, address from admin_alias where ${own.sql}) o on o.id = r.r_alias_id`,
      [...among.params, ...own.params],
    );
    return lastRoots(
      rows.map((row) => {
        const address = addresses.get(asNumber(row.mailbox)) ?? asText(row.address);
        return [asNumber(row.alias_id), roots.get(address) ?? 0];
      }),
    );
  }
}

/** Aliases that have the address of one of these mailboxes. */
function ownAliases(dialect: Dialect, mailboxes: readonly MailboxRow[]): Fragment {
  const named = textIn(
    'address',
    mailboxes.map(({ full_address }) => full_address),
  );
  const inside = idIn(dialect, 'domain_id', new Set(mailboxes.map(({ domain_id }) => domain_id)));
  return allOf([named, inside]);
}
