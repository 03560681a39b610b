import type { ExtensionContext } from '@posthorn/sdk';
import { formsOfName } from '../addresses.js';
import { problem } from '../problems.js';
import { asText, textIn } from './sql.js';

/**
 * Refuses names that a domain or a domain alias has already, in whatever form, and blames `field`. `except`: what is
 * being renamed may keep its own.
 */
export async function requireFreeNames(
  context: ExtensionContext,
  names: readonly string[],
  o: { readonly field: string; readonly except?: { readonly domain?: number; readonly alias?: number } },
): Promise<void> {
  if (names.length === 0) return;
  const forms = [...new Set(names.flatMap(formsOfName))];
  const domains = textIn('d.name', forms);
  const aliases = textIn('da.name', forms);
  const rows = await context.data.execute(
    `select d.name as name, '' as target from admin_domain d where d.id <> ? and ${domains.sql}
     union all
     select da.name, d.name from admin_domainalias da inner join admin_domain d on d.id = da.target_id
     where da.id <> ? and ${aliases.sql}`,
    [o.except?.domain ?? 0, ...domains.params, o.except?.alias ?? 0, ...aliases.params],
  );
  const [taken] = rows;
  if (taken === undefined) return;
  const name = asText(taken.name);
  const target = asText(taken.target);
  throw target === ''
    ? problem('E_ADMIN_DOMAIN_TAKEN', { name }, { field: o.field })
    : problem('E_ADMIN_DOMAIN_IS_ALIAS', { name, target }, { field: o.field });
}
