import { check, type Finding, messages } from '@posthorn/sdk';
import { transports } from './contract/services.js';
import { loopOf } from './loop.js';

const t = messages('transport');

/** Transports whose mail would come back, those of relay domains among them. */
export const transportCheck = check({
  id: 'transport.loops',
  title: t('Where transports lead'),
  async run(context) {
    const findings: Finding[] = [];
    for await (const transport of context.get(transports).list(context.system)) {
      const message = loopOf(context, transport);
      if (message !== undefined) findings.push({ level: 'warning', message });
    }
    return findings.length > 0 ? findings : [{ level: 'ok', message: t('No transport leads back to this machine.') }];
  },
});
