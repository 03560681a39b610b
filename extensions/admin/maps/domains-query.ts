import type { MapFile } from '@posthorn/sdk';
import { answered, asked, forEach, isTrue } from '../contract/map-text.js';

/** `virtual_mailbox_domains`: a domain's name to itself. */
export const domainsQuery: MapFile['query'] = forEach(
  (dialect) =>
    `SELECT ${answered(dialect, 'name')} FROM admin_domain` +
    ` WHERE name=${asked(dialect, "'%s'")} AND type='domain' AND ${isTrue(dialect, 'enabled')}`,
);
