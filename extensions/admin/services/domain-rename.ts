import type { Actor, ExtensionContext } from '@posthorn/sdk';
import { domainRenamed } from '../contract/hooks.js';
import { adminParameters } from '../contract/parameters.js';
import type { Scope } from '../policy/scope.js';
import { problem } from '../problems.js';
import type { DomainFacts } from './domain-finder.js';
import { requireManageableInside } from './domain-removal.js';
import { DomainRows } from './domain-rows.js';
import { MailboxOperations } from './mailbox-operations.js';
import { requireFreeNames } from './names-taken.js';
import { saidBy } from './said-by.js';
import { asText, endsWith, inDomain, replaceEnd } from './sql.js';

/**
 * Gives a domain another name, and with it everything that carries the name: accounts, aliases, recipients wherever they
 * stand, sender addresses, quotas. A fixed number of statements, however many mailboxes there are.
 */
export class DomainRename {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  /** Inside a `write`, the domain's row locked, the name parsed. */
  async run(actor: Actor, scope: Scope, domain: DomainFacts, name: string): Promise<void> {
    await requireManageableInside(this.#context, scope, domain);
    await requireFreeNames(this.#context, [name], { field: 'name', except: { domain: domain.id } });
    await this.#requireFreeUsernames(domain, name);
    const { handle_mailboxes: onDisk } = await this.#context.parameters(adminParameters);
    if (onDisk) await new MailboxOperations(this.#context).renameDomain(domain, name);
    await this.#context.data.execute('update admin_domain set name = ? where id = ?', [name, domain.id]);
    const rows = new DomainRows(this.#context);
    // The kernel's table, written to directly: a domain may have any number of accounts. Administrators with a username
    // of their own keep it; what a mail client signs in with is always the address.
    await rows.renameUsernames(domain.id, domain.name, name);
    await rows.setEmails(domain.id, name);
    // Usage that already carries the new name is left over from elsewhere.
    await rows.deleteQuotas(domain.id, name);
    await rows.renameQuotas(domain.id, domain.name, name);
    await this.#renameAliases(domain, name);
    await this.#renameRecipients(domain.name, name);
    await this.#renameSenders(domain.name, name);
    await this.#context.call(domainRenamed, { ...saidBy(actor), domain: { pk: domain.id, name }, from: domain.name });
  }

  /** An account without a mailbox may already be called as one of the mailboxes would be. */
  async #requireFreeUsernames(domain: DomainFacts, name: string): Promise<void> {
    const [taken] = await this.#context.data.execute(
      `select u.username from core_user u where u.username in
        (select m.address || ? from admin_mailbox m where m.domain_id = ?)
        and not exists (select 1 from admin_mailbox own where own.user_id = u.id and own.domain_id = ?) limit 1`,
      [`@${name}`, domain.id, domain.id],
    );
    if (taken !== undefined) {
      throw problem('E_ADMIN_ACCOUNT_TAKEN', { username: asText(taken.username) }, { field: 'name' });
    }
  }

  async #renameAliases(domain: DomainFacts, name: string): Promise<void> {
    const { data } = this.#context;
    const value = replaceEnd(data.dialect, 'address', `@${domain.name}`, `@${name}`);
    const where = endsWith('address', `@${domain.name}`);
    await data.execute(
      `update admin_alias set address = ${value.sql}, last_modification = ? where domain_id = ? and ${where.sql}`,
      [...value.params, this.#context.now(), domain.id, ...where.params],
    );
  }

  /** Also those of other domains' aliases, and the `@domain` that domain aliases send to. */
  async #renameRecipients(from: string, to: string): Promise<void> {
    const { data } = this.#context;
    const value = replaceEnd(data.dialect, 'address', `@${from}`, `@${to}`);
    const twin = replaceEnd(data.dialect, 'old.address', `@${from}`, `@${to}`);
    const old = endsWith('old.address', `@${from}`);
    // The new name may have been somebody else's so far, and stand in the same alias.
    const already = inDomain(data.dialect, 'address', to);
    await data.execute(
      `delete from admin_aliasrecipient where ${already.sql} and exists (select 1 from admin_aliasrecipient old
        where old.alias_id = admin_aliasrecipient.alias_id and ${old.sql} and admin_aliasrecipient.address = ${twin.sql})`,
      [...already.params, ...old.params, ...twin.params],
    );
    const where = inDomain(data.dialect, 'address', from);
    await data.execute(`update admin_aliasrecipient set address = ${value.sql} where ${where.sql}`, [
      ...value.params,
      ...where.params,
    ]);
  }

  async #renameSenders(from: string, to: string): Promise<void> {
    const { data } = this.#context;
    const value = replaceEnd(data.dialect, 'address', `@${from}`, `@${to}`);
    const twin = replaceEnd(data.dialect, 'old.address', `@${from}`, `@${to}`);
    const old = endsWith('old.address', `@${from}`);
    const already = inDomain(data.dialect, 'address', to);
    await data.execute(
      `delete from admin_senderaddress where ${already.sql} and exists (select 1 from admin_senderaddress old
        where old.mailbox_id = admin_senderaddress.mailbox_id and ${old.sql} and admin_senderaddress.address = ${twin.sql})`,
      [...already.params, ...old.params, ...twin.params],
    );
    const where = inDomain(data.dialect, 'address', from);
    await data.execute(`update admin_senderaddress set address = ${value.sql} where ${where.sql}`, [
      ...value.params,
      ...where.params,
    ]);
  }
}
