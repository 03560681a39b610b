import { type Actor, type ExtensionContext, roles } from '@posthorn/sdk';
import type { ActionObject } from '../policy/actions.js';
import { Policy } from '../policy/policy.js';
import { problem } from '../problems.js';
import { AccountFinder, type AccountRow } from '../services/account-finder.js';
import { AliasFinder, type AliasRow } from '../services/alias-finder.js';
import { DomainAliasService } from '../services/domain-alias-service.js';
import { type DomainFacts, DomainFinder } from '../services/domain-finder.js';
import { SenderAddressService } from '../services/sender-address-service.js';

/** The object of a question, with what decisions about it need. */
export type FoundObject =
  | { readonly kind: 'none'; readonly name: '' }
  | { readonly kind: 'domain'; readonly name: string; readonly domain: DomainFacts }
  | { readonly kind: 'domain-alias'; readonly name: string; readonly target: number }
  | { readonly kind: 'account'; readonly name: string; readonly account: AccountRow }
  | { readonly kind: 'alias'; readonly name: string; readonly alias: AliasRow & { readonly internal: boolean } }
  | { readonly kind: 'sender-address'; readonly name: string; readonly account: AccountRow }
  | { readonly kind: 'role'; readonly name: string };

/** Finds the object if the actor, who asks, may see it. */
export async function findObject(
  context: ExtensionContext,
  actor: Actor,
  kind: ActionObject,
  key: string,
): Promise<FoundObject> {
  const policy = new Policy(context);
  const accounts = new AccountFinder(context);
  if (kind === 'none') return { kind, name: '' };
  if (key === '') throw problem('E_ADMIN_EXPLAIN_OBJECT', {}, { field: 'object' });
  switch (kind) {
    case 'domain': {
      policy.enter(actor, 'domain.show');
      const domain = await new DomainFinder(context).reach(await policy.scope(actor), key);
      return { kind, name: domain.name, domain };
    }
    case 'domain-alias': {
      const { name, target } = await new DomainAliasService(context).show(actor, key);
      return { kind, name, target };
    }
    case 'account': {
      const account = await accounts.reach(await policy.scope(actor), key);
      policy.enterOwnOr(actor, account);
      return { kind, name: account.username, account };
    }
    case 'alias': {
      policy.enter(actor, 'alias.show');
      const alias = await new AliasFinder(context).reach(await policy.scope(actor), key);
      return { kind, name: alias.address, alias };
    }
    case 'sender-address': {
      const { address, mailbox } = await new SenderAddressService(context).show(actor, Number(key));
      return { kind, name: address, account: (await accounts.byMailbox(mailbox)) as AccountRow };
    }
    case 'role': {
      if (context.items(roles).every(({ item }) => item.name !== key)) {
        throw problem('E_ADMIN_EXPLAIN_ROLE', { role: key }, { field: 'object' });
      }
      return { kind, name: key };
    }
  }
}
