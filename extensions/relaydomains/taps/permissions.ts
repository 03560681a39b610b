import { domainChanging, mayCreate } from '@posthorn/admin/contract';
import { messages, on } from '@posthorn/sdk';
import { routes } from '@posthorn/transport/contract';

const t = messages('relaydomains');

const denied = { deny: t('You may not make relay domains.') };

/** Also through the forms, imports and commands of domains. */
export const mayMakeRelayDomain = on(mayCreate, async ({ actor, kind, type }) =>
  kind === 'domain' && type === 'relaydomain' && !actor.can('relaydomains.add_relaydomain') ? denied : undefined,
);

/** A domain that becomes an ordinary one is no longer handed on; its recipients' access goes with the transport. */
export const followType = on(domainChanging, async ({ actor, domain, before }, context) => {
  if (domain.type === before.type) return undefined;
  if (domain.type === 'relaydomain') {
    return actor.can('relaydomains.change_relaydomain') ? undefined : denied;
  }
  await context.get(routes).clear({ pk: domain.pk, name: domain.name });
  return undefined;
});
