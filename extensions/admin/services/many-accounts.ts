import { type Actor, accounts, type ExtensionContext, isProblem, type Problem } from '@posthorn/sdk';
import type { RemoveOptions, SharedAccountChange } from '../contract/inputs.js';
import { Policy } from '../policy/policy.js';
import type { Scope } from '../policy/scope.js';
import { problem } from '../problems.js';
import { TrashBin } from '../trash/bin.js';
import { AccountFinder, type AccountRow } from './account-finder.js';
import { checkAccountInput } from './account-input.js';
import { DomainFinder } from './domain-finder.js';
import { each } from './each.js';
import { deletedAccount, leavingMailboxes, MailboxRemoval } from './mailbox-removal.js';
import { QuotaPool, wantedQuota } from './quota-pool.js';
import { assignments, idIn } from './sql.js';

type Verdict = AccountRow | Problem;

/** Changes or deletes any number of accounts at the price of a few statements, each by the rules for one. */
export class ManyAccounts {
  readonly #context: ExtensionContext;
  readonly #policy: Policy;

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.#policy = new Policy(context);
  }

  async update(
    actor: Actor,
    pks: readonly number[],
    { is_active: isActive, quota }: SharedAccountChange,
  ): Promise<readonly (Problem | undefined)[]> {
    this.#policy.enter(actor, 'account.update');
    const own = isActive === undefined ? {} : { is_active: isActive };
    checkAccountInput(quota === undefined ? own : { ...own, mailbox: { quota } });
    const scope = await this.#policy.scope(actor);
    return this.#context.data.write(async () => {
      const reached = await this.#reach(actor, scope, pks, (account) => {
        if (isActive === false) this.#policy.requireNotSelf(actor, account, 'account.disable');
      });
      const verdicts = quota === undefined ? reached : await this.#setQuota(actor, scope, reached, quota);
      // Quotas are written by now, so a refusal is for all.
      for (const answer of await this.#context.get(accounts).updateMany(actor, idsOf(verdicts), own))
        if (isProblem(answer)) throw answer;
      return verdicts.map(problemOf);
    });
  }

  async remove(
    actor: Actor,
    pks: readonly number[],
    options: RemoveOptions,
  ): Promise<readonly (Problem | undefined)[]> {
    this.#policy.enter(actor, 'account.delete');
    const scope = await this.#policy.scope(actor);
    return this.#context.data.write(async () => {
      const verdicts = await this.#reach(actor, scope, pks, (account) =>
        this.#policy.requireNotSelf(actor, account, 'account.delete'),
      );
      const leaving = goodOf(verdicts);
      await new TrashBin(this.#context).collect(actor, leaving.map(deletedAccount), options, async () => {
        await new MailboxRemoval(this.#context).run(actor, leavingMailboxes(leaving), options);
        // Their mailboxes are gone by now, so a refusal is for all.
        for (const wrong of await this.#context.get(accounts).removeMany(actor, idsOf(leaving)))
          if (wrong !== undefined) throw wrong;
      });
      return verdicts.map(problemOf);
    });
  }

  /** The accounts, each with a problem in its place where it is out of reach or `check` throws one. */
  async #reach(
    actor: Actor,
    scope: Scope,
    pks: readonly number[],
    check: (account: AccountRow) => void,
  ): Promise<readonly Verdict[]> {
    const finder = new AccountFinder(this.#context);
    const found = await finder.findMany(pks);
    return each(pks, async (pk) => {
      const account = await finder.reached(scope, pk, found.get(pk));
      check(account);
      this.#policy.requireLeft(actor, account);
      return account;
    });
  }

  async #setQuota(
    actor: Actor,
    scope: Scope,
    verdicts: readonly Verdict[],
    quota: number,
  ): Promise<readonly Verdict[]> {
    const { data } = this.#context;
    const inside = goodOf(verdicts).flatMap(({ mailbox }) => mailbox?.domain_id ?? []);
    const domains = await new DomainFinder(this.#context).lockMany(new Set(inside));
    const pool = new QuotaPool(this.#context, actor);
    const changed: number[] = [];
    const judged = await each(verdicts, async (account) => {
      const { mailbox } = account;
      const domain = domains.get(mailbox?.domain_id ?? 0);
      if (mailbox === null || domain === undefined) throw problem('E_ADMIN_NO_QUOTA', { name: account.username });
      this.#policy.require(actor, 'admin.change_mailbox');
      const wanted = wantedQuota({ quota }, domain, mailbox);
      if (wanted.quota === mailbox.quota && wanted.use_domain_quota === mailbox.use_domain_quota) return account;
      if (!this.#policy.canManageDomain(scope, domain.id))
        throw problem('E_ADMIN_OUT_OF_REACH', { name: domain.name }, { field: 'quota' });
      await pool.take(domain, wanted, mailbox.quota);
      changed.push(mailbox.id);
      return account;
    });
    if (changed.length === 0) return judged;
    const set = assignments({ quota, use_domain_quota: false, last_modification: this.#context.now() });
    const among = idIn(data.dialect, 'id', changed);
    await data.execute(`update admin_mailbox set ${set.sql} where ${among.sql}`, [...set.params, ...among.params]);
    return judged;
  }
}

const goodOf = (verdicts: readonly Verdict[]): readonly AccountRow[] =>
  verdicts.flatMap((verdict) => (isProblem(verdict) ? [] : [verdict]));
const idsOf = (verdicts: readonly Verdict[]): readonly number[] => goodOf(verdicts).map(({ id }) => id);

const problemOf = (verdict: Verdict): Problem | undefined => (isProblem(verdict) ? verdict : undefined);
