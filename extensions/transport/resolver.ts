import { addressResolver } from '@posthorn/admin/contract';
import { messages } from '@posthorn/sdk';
import { lookupPatterns } from './patterns.js';
import { TransportRows } from './services/transport-rows.js';

const t = messages('transport');

/** Says of addresses where transport_maps sends them; one statement for all. */
export const transportResolver = addressResolver({
  id: 'transports',
  async resolve(addresses, context) {
    const asked = addresses.map(({ address }) => lookupPatterns(address));
    const rows = await new TransportRows(context).among('pattern', [...new Set(asked.flat())]);
    const found = new Map(rows.map((row) => [row.pattern, row]));
    return asked.map((patterns) => {
      const row = patterns.map((pattern) => found.get(pattern)).find((one) => one !== undefined);
      return (
        row && t('handed on to {{nextHop}} by the service {{service}}', { nextHop: row.nextHop, service: row.service })
      );
    });
  },
});
