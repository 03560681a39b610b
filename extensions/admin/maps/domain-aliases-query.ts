import type { MapFile } from '@posthorn/sdk';
import { answered, asked, forEach, isTrue } from '../contract/map-text.js';

/** `virtual_alias_domains`: a domain alias to the name of its target, while both are enabled. */
export const domainAliasesQuery: MapFile['query'] = forEach(
  (dialect) =>
    `SELECT ${answered(dialect, 'dom.name')} FROM admin_domainalias da INNER JOIN admin_domain dom ON da.target_id=dom.id` +
    ` WHERE da.name=${asked(dialect, "'%s'")} AND ${isTrue(dialect, 'da.enabled')} AND ${isTrue(dialect, 'dom.enabled')}`,
);
