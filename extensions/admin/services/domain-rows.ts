import type { ExtensionContext } from '@posthorn/sdk';

/**
 * Rows that belong to the mailboxes of a domain without a foreign key of theirs: usage, by address, and accounts. One
 * statement each for a domain of any size. MariaDB needs it as a join, since it asks a subquery anew for each row that
 * it might change.
 */
export class DomainRows {
  readonly #context: ExtensionContext;

  constructor(context: ExtensionContext) {
    this.#context = context;
  }

  async deleteQuotas(domainId: number, name: string): Promise<void> {
    const { dialect } = this.#context.data;
    await this.#context.data.execute(
      dialect === 'mariadb'
        ? `delete q from admin_quota q inner join admin_mailbox m on q.username = m.address || ? where m.domain_id = ?`
        : `delete from admin_quota where username in (select m.address || ? from admin_mailbox m where m.domain_id = ?)`,
      [`@${name}`, domainId],
    );
  }

  /** Bytes and messages stay. */
  async renameQuotas(domainId: number, from: string, to: string): Promise<void> {
    const member = 'admin_quota.username = m.address || ? and m.domain_id = ?';
    await this.#update('admin_quota', 'username = m.address || ?', [`@${to}`], member, [`@${from}`, domainId]);
  }

  async renameUsernames(domainId: number, from: string, to: string): Promise<void> {
    const member = 'm.user_id = core_user.id and m.domain_id = ? and core_user.username = m.address || ?';
    await this.#update('core_user', 'username = m.address || ?', [`@${to}`], member, [domainId, `@${from}`]);
  }

  async setEmails(domainId: number, name: string): Promise<void> {
    const member = 'm.user_id = core_user.id and m.domain_id = ?';
    await this.#update('core_user', 'email = m.address || ?', [`@${name}`], member, [domainId]);
  }

  async clearEmails(domainId: number): Promise<void> {
    const member = 'm.user_id = core_user.id and m.domain_id = ?';
    await this.#update('core_user', "email = ''", [], member, [domainId]);
  }

  async #update(
    table: string,
    set: string,
    setParams: readonly unknown[],
    member: string,
    memberParams: readonly unknown[],
  ): Promise<void> {
    const { data } = this.#context;
    if (data.dialect === 'mariadb') {
      await data.execute(`update ${table} inner join admin_mailbox m on ${member} set ${set}`, [
        ...memberParams,
        ...setParams,
      ]);
    } else {
      await data.execute(`update ${table} set ${set} from admin_mailbox m where ${member}`, [
        ...setParams,
        ...memberParams,
      ]);
    }
  }
}
