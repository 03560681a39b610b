import { domainExported } from '@posthorn/admin/contract';
import { on } from '@posthorn/sdk';
import { routes } from '@posthorn/transport/contract';

const flag = (isOn: boolean): string => (isOn ? 'True' : 'False');

/** A relay domain among the rows of domains. One without a target is left out: no import could make it. */
export const exportRelayDomain = on(domainExported, async (row, { domain }, context) => {
  if (domain.type !== 'relaydomain') return row;
  const route = (await context.get(routes).of([domain.pk])).get(domain.pk);
  const { target_host: host, target_port: port, verify_recipients: verifies } = route?.settings ?? {};
  if (typeof host !== 'string' || typeof port !== 'number') return row;
  return ['relaydomain', domain.name, host, port, 'relay', flag(domain.enabled), flag(verifies === true)];
});
