import { check, type Finding, messages } from '@posthorn/sdk';
import { relayDomains } from './contract/services.js';

const t = messages('relaydomains');

/** Relay domains that nobody gave a server. Whether one leads back here is asked of all transports. */
export const relayCheck = check({
  id: 'relaydomains.targets',
  title: t('Where relay domains lead'),
  async run(context) {
    const findings: Finding[] = [];
    for await (const domain of context.get(relayDomains).list(context.system)) {
      if (domain.next_hop === null) {
        findings.push({
          level: 'warning',
          message: t('The relay domain {{name}} has no server to hand its mail to.', { name: domain.name }),
          mend: t('posthorn relaydomain update {{name}} --target-host HOST', { name: domain.name }),
        });
      }
    }
    return findings.length > 0 ? findings : [{ level: 'ok', message: t('Every relay domain has a server.') }];
  },
});
