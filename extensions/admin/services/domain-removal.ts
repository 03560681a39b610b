import { type Actor, access, accounts, type ExtensionContext } from '@posthorn/sdk';
import { domainDeleted } from '../contract/hooks.js';
import type { RemoveOptions } from '../contract/inputs.js';
import { DOMAIN_KIND } from '../contract/names.js';
import { adminParameters } from '../contract/parameters.js';
import type { Scope } from '../policy/scope.js';
import { problem } from '../problems.js';
import { TrashBin } from '../trash/bin.js';
import { AliasRemoval } from './alias-removal.js';
import { type DomainFacts, DomainFinder } from './domain-finder.js';
import { DomainRows } from './domain-rows.js';
import { MailboxOperations } from './mailbox-operations.js';
import { saidBy } from './said-by.js';
import { asNumber, fragment, idIn, textIn } from './sql.js';

/**
 * Refuses where a mailbox in the domain belongs to somebody whom the actor may not manage: deleting or renaming the
 * domain would take away or rename that account.
 */
export async function requireManageableInside(
  context: ExtensionContext,
  scope: Scope,
  domain: DomainFacts,
): Promise<void> {
  if (scope.isAll) return;
  const lower = textIn('u.role', scope.lowerRoles);
  const [other] = await context.data.execute(
    `select u.id from admin_mailbox m inner join core_user u on u.id = m.user_id
     where m.domain_id = ? and u.id <> ? and not (${lower.sql}) limit 1`,
    [domain.id, scope.accountId ?? 0, ...lower.params],
  );
  if (other !== undefined) throw problem('E_ADMIN_RANK', { name: domain.name });
}

/** Nobody deletes the domain in which his own mailbox lies. */
export async function requireNotOwn(context: ExtensionContext, actor: Actor, domain: DomainFacts): Promise<void> {
  if (actor.id === null) return;
  const [own] = await context.data.execute('select 1 as own from admin_mailbox where domain_id = ? and user_id = ?', [
    domain.id,
    actor.id,
  ]);
  if (own !== undefined) throw problem('E_ADMIN_OWN_DOMAIN', { name: domain.name });
}

/** Accounts that are deleted by the same statements. */
const TOGETHER = 100;

/** Deletes a domain with everything inside, in a fixed number of statements unless accounts are deleted too. */
export class DomainRemoval {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  async run(actor: Actor, scope: Scope, found: DomainFacts, options: RemoveOptions): Promise<void> {
    const { data } = this.#context;
    const settings = await this.#context.parameters(adminParameters);
    await data.write(async () => {
      const domain = await new DomainFinder(this.#context).lock(found.id);
      await requireNotOwn(this.#context, actor, domain);
      await requireManageableInside(this.#context, scope, domain);
      const mailboxes = await this.#countMailboxes(domain.id);
      const bin = new TrashBin(this.#context);
      const deleted = { kind: 'domain', id: domain.id, name: domain.name, domainId: domain.id } as const;
      await bin.collect(actor, [deleted], options, async () => {
        if (settings.handle_mailboxes && options.keepdir !== true && !bin.isOpen) {
          await new MailboxOperations(this.#context).deleteDomain(domain);
        }
        const leaving = settings.auto_account_removal ? await this.#accountsToRemove(scope, domain.id) : [];
        const touched = await this.#aliasesElsewhere(domain.id);
        // Before their mailboxes are gone: an account keeps its username and address.
        await bin.take('core_user', idIn(data.dialect, 'id', leaving));
        await this.#deleteRows(domain, bin);
        await new AliasRemoval(this.#context).dropEmptied(actor, new Map(touched.map((id) => [id, 0])));
        await this.#context.get(access).forget(DOMAIN_KIND, domain.id);
        await this.#removeAccounts(actor, leaving);
      });
      await this.#context.call(domainDeleted, {
        ...saidBy(actor),
        domain: { pk: domain.id, name: domain.name },
        mailboxes,
      });
    });
  }

  async #countMailboxes(domainId: number): Promise<number> {
    const [row] = await this.#context.data.execute('select count(*) as n from admin_mailbox where domain_id = ?', [
      domainId,
    ]);
    return asNumber(row?.n);
  }

  /** Never accounts of the actor's own rank or above. */
  async #accountsToRemove(scope: Scope, domainId: number): Promise<readonly number[]> {
    const lower = textIn('u.role', scope.lowerRoles);
    const rows = await this.#context.data.execute(
      `select u.id from core_user u inner join admin_mailbox m on m.user_id = u.id where m.domain_id = ? and ${lower.sql}`,
      [domainId, ...lower.params],
    );
    return rows.map((row) => asNumber(row.id));
  }

  async #removeAccounts(actor: Actor, leaving: readonly number[]): Promise<void> {
    const kernel = this.#context.get(accounts);
    for (let at = 0; at < leaving.length; at += TOGETHER) {
      for (const wrong of await kernel.removeMany(actor, leaving.slice(at, at + TOGETHER)))
        if (wrong !== undefined) throw wrong;
    }
  }

  /** Aliases outside the domain that send into it: they lose a recipient, perhaps their last. */
  async #aliasesElsewhere(domainId: number): Promise<readonly number[]> {
    // The arithmetic keeps MariaDB from beginning with all the aliases of other domains.
    const outside = 'inner join admin_alias a on a.id = r.alias_id where coalesce(a.domain_id, 0) <> ? and';
    const rows = await this.#context.data.execute(
      `select r.alias_id from admin_mailbox m inner join admin_aliasrecipient r on r.r_mailbox_id = m.id
         ${outside} m.domain_id = ? and a.internal = false
       union all
       select r.alias_id from admin_alias own inner join admin_aliasrecipient r on r.r_alias_id = own.id
         ${outside} own.domain_id = ? and a.internal = false`,
      [domainId, domainId, domainId, domainId],
    );
    return [...new Set(rows.map((row) => asNumber(row.alias_id)))];
  }

  /** What hangs on the domain by a foreign key goes with it: mailboxes, aliases, recipients, sender addresses. */
  async #deleteRows(domain: DomainFacts, bin: TrashBin): Promise<void> {
    const { data } = this.#context;
    const rows = new DomainRows(this.#context);
    await rows.deleteQuotas(domain.id, domain.name);
    const catchAlls = fragment(
      `internal = true and domain_id is null
        and address in (select '@' || name from admin_domainalias where target_id = ?)`,
      domain.id,
    );
    await bin.take('admin_alias', catchAlls);
    await data.execute(`delete from admin_alias where ${catchAlls.sql}`, catchAlls.params);
    // The accounts stay, and no longer sign in to a mailbox that is not there.
    await rows.clearEmails(domain.id);
    await data.execute('delete from admin_domain where id = ?', [domain.id]);
  }
}
