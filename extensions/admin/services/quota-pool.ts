/** The megabytes that the mailboxes of a domain share. Lock the domain's row before asking. */
import type { Actor, ExtensionContext } from '@posthorn/sdk';
import { mayGiveQuota } from '../contract/hooks.js';
import type { MailboxInput } from '../contract/inputs.js';
import { problem } from '../problems.js';
import type { DomainFacts } from './domain-finder.js';
import { asNumber } from './sql.js';

export interface MailboxQuota {
  readonly quota: number;
  readonly use_domain_quota: boolean;
}

/** What the input asks for, given what was: absent means unchanged, and on creation the domain's default. */
export function wantedQuota(input: MailboxInput, domain: DomainFacts, before: MailboxQuota | undefined): MailboxQuota {
  const follows =
    input.use_domain_quota ?? (typeof input.quota === 'number' ? false : (before?.use_domain_quota ?? true));
  if (follows) return { quota: domain.default_mailbox_quota, use_domain_quota: true };
  return { quota: input.quota ?? before?.quota ?? 0, use_domain_quota: false };
}

/** What all mailboxes of a domain may hold together. */
export async function allocatedQuota(context: ExtensionContext, domainId: number): Promise<number> {
  const [row] = await context.data.execute('select sum(quota) as allocated from admin_mailbox where domain_id = ?', [
    domainId,
  ]);
  return asNumber(row?.allocated);
}

/** What several mailboxes take out of the quotas of their domains, one after the other. */
export class QuotaPool {
  readonly #context: ExtensionContext;
  readonly #actor: Actor;
  /** By the domain's id. */
  readonly #allocated = new Map<number, number>();

  constructor(context: ExtensionContext, actor: Actor) {
    this.#context = context;
    this.#actor = actor;
  }

  /**
   * Refuses a quota that the domain does not allow: none at all where the domain has one (who may create domains may say
   * so all the same), or more than what is left. `previous` is the mailbox's quota in this domain so far.
   */
  async take(domain: DomainFacts, wanted: MailboxQuota, previous: number | undefined): Promise<void> {
    if (wanted.quota === previous) return;
    if (domain.quota > 0) {
      if (wanted.quota === 0 && !this.#actor.can('admin.add_domain')) {
        throw problem('E_ADMIN_QUOTA_REQUIRED', { name: domain.name }, { field: 'quota' });
      }
      const allocated = this.#allocated.get(domain.id) ?? (await allocatedQuota(this.#context, domain.id));
      const free = domain.quota - allocated + (previous ?? 0);
      // Less than before is always allowed, also where the pool was overdrawn.
      if (wanted.quota > free && wanted.quota > (previous ?? 0)) {
        throw problem(
          'E_ADMIN_QUOTA_EXCEEDED',
          { name: domain.name, free: Math.max(0, free), quota: domain.quota },
          { field: 'quota' },
        );
      }
      this.#allocated.set(domain.id, allocated);
    }
    await this.#context.call(mayGiveQuota, {
      actor: this.#actor,
      of: 'mailbox',
      domain: { pk: domain.id, name: domain.name },
      quota: wanted.quota,
      previous: previous ?? 0,
      domain_quota: domain.quota,
    });
    const allocated = this.#allocated.get(domain.id);
    if (allocated !== undefined) this.#allocated.set(domain.id, allocated + wanted.quota - (previous ?? 0));
  }
}
