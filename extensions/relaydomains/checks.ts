import { check, type Finding, messages } from '@posthorn/sdk';
import { routes } from '@posthorn/transport/contract';
import { relayDomains } from './contract/services.js';
import { leadsBack } from './loop.js';

const t = messages('relaydomains');

/** Relay domains that nobody gave a server, and those whose mail would come back. */
export const relayCheck = check({
  id: 'relaydomains.targets',
  title: t('Where relay domains lead'),
  async run(context) {
    const findings: Finding[] = [];
    for await (const domain of context.get(relayDomains).list(context.system)) {
      const loop = leadsBack(context.get(routes), domain);
      if (domain.next_hop === null) {
        findings.push({
          level: 'warning',
          message: t('The relay domain {{name}} has no server to hand its mail to.', { name: domain.name }),
          mend: t('posthorn relaydomain update {{name}} --target-host HOST', { name: domain.name }),
        });
      } else if (loop !== undefined) findings.push({ level: 'warning', message: loop });
    }
    return findings.length > 0
      ? findings
      : [{ level: 'ok', message: t('Every relay domain leads to another server.') }];
  },
});
