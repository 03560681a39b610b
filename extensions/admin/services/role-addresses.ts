import type { Actor, ExtensionContext } from '@posthorn/sdk';
import { aliases } from '../contract/services.js';
import { allOf, asText, type Fragment, fragment } from './sql.js';

/** Addresses that every domain should have: RFC 5321 section 4.5.1, RFC 2142 section 4. */
export const ROLE_ADDRESSES = ['postmaster', 'abuse'] as const;
export type RoleAddress = (typeof ROLE_ADDRESSES)[number];

/** Of enabled domains `d` whose mail is delivered here, those that nothing answers for: neither alias nor catch-all. */
export const lacks = (local: RoleAddress): Fragment =>
  allOf([
    fragment(`d.enabled = ? and d.type = 'domain'`, true),
    fragment(`not exists (select 1 from admin_alias a where a.address = ? || d.name)`, `${local}@`),
    fragment(`not exists (select 1 from admin_alias a where a.address = '@' || d.name)`),
  ]);

export async function missingIn({ data }: ExtensionContext, domainId: number): Promise<readonly RoleAddress[]> {
  const found: RoleAddress[] = [];
  for (const local of ROLE_ADDRESSES) {
    const where = lacks(local);
    const [row] = await data.execute(`select d.id from admin_domain d where d.id = ? and ${where.sql}`, [
      domainId,
      ...where.params,
    ]);
    if (row !== undefined) found.push(local);
  }
  return found;
}

/** Makes an alias for each that is missing. All or none. */
export async function makeRoleAddresses(
  context: ExtensionContext,
  actor: Actor,
  domain: { readonly pk: number; readonly name: string },
  recipient: string,
): Promise<readonly string[]> {
  return context.data.write(async () => {
    const made: string[] = [];
    for (const local of await missingIn(context, domain.pk)) {
      const address = `${local}@${domain.name}`;
      // Somebody who asks for abuse@ as the recipient means the other one.
      if (address === recipient.toLowerCase()) continue;
      await context.get(aliases).create(actor, { address, recipients: [recipient] });
      made.push(address);
    }
    return made;
  });
}

/** The mailbox inside the domain of an account that administers it, where there is one. */
export async function administratorOf({ data }: ExtensionContext, domainId: number): Promise<string | undefined> {
  const [row] = await data.execute(
    `select m.address || '@' || d.name as address from core_access x
     inner join admin_mailbox m on m.user_id = x.user_id and m.domain_id = x.object_id
     inner join admin_domain d on d.id = m.domain_id
     where x.kind = 'admin.domain' and x.object_id = ? order by m.id limit 1`,
    [domainId],
  );
  return row === undefined ? undefined : asText(row.address);
}
