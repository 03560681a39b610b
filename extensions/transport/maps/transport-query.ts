import { mapAnswer, mapKey, mapQuery } from '@posthorn/admin/contract';
import type { Dialect, MapFile } from '@posthorn/sdk';

const target = (dialect: Dialect): string =>
  mapAnswer(dialect, dialect === 'mariadb' ? "concat(service, ':', next_hop)" : "service || ':' || next_hop");

/** `transport_maps`: a pattern to the service and next hop that its mail is handed to. */
export const transportQuery: MapFile['query'] = mapQuery(
  (dialect) => `SELECT ${target(dialect)} FROM transport_transport WHERE pattern=${mapKey(dialect, "'%s'")}`,
);

/**
 * `sender_dependent_default_transport_maps`: `@domain` to the service and next hop for what is sent from there. Postfix
 * asks for whole addresses first, which in this table are recipients.
 */
export const senderTransportQuery: MapFile['query'] = mapQuery(
  (dialect) =>
    `SELECT ${target(dialect)} FROM transport_transport` +
    ` WHERE pattern=${mapKey(dialect, "'%s'")} AND substr(pattern, 1, 1)='@'`,
);
