import { domainChanging } from '@posthorn/admin/contract';
import { on } from '@posthorn/sdk';
import { renamed } from '../patterns.js';
import { TransportRows } from '../services/transport-rows.js';

/** Patterns of a domain follow its name, in the same transaction. */
export const renamePatterns = on(domainChanging, async ({ actor, domain, before }, context) => {
  if (domain.name === before.name) return undefined;
  const rows = new TransportRows(context);
  for (const row of await rows.among('domain_id', [domain.pk])) {
    const pattern = renamed(row.pattern, before.name, domain.name);
    await rows.save(actor, { ...row, pattern, domain: { pk: domain.pk, name: domain.name } }, row.id);
  }
  return undefined;
});
