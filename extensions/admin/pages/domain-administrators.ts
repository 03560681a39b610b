import { type Actor, access, type ExtensionContext } from '@posthorn/sdk';
import { DOMAIN_KIND } from '../contract/names.js';
import { Policy } from '../policy/policy.js';
import { allOf, asNumber, asText, idIn, textIn } from '../services/sql.js';

/** So many are shown; a domain seldom has more than a few. */
const MOST = 100;

export interface DomainAdministrator {
  readonly pk: number;
  readonly username: string;
  readonly role: string;
}

/** Accounts with a row of their own for the domain: oneself and those that the reader may manage, nobody above. */
export async function domainAdministrators(
  context: ExtensionContext,
  actor: Actor,
  domainId: number,
): Promise<readonly DomainAdministrator[]> {
  const holders = await context.get(access).holders(DOMAIN_KIND, domainId);
  if (holders.length === 0) return [];
  const scope = await new Policy(context).scope(actor);
  const held = idIn(
    context.data.dialect,
    'u.id',
    holders.map(({ accountId }) => accountId),
  );
  const lower = textIn('u.role', scope.lowerRoles);
  const where = allOf([held, { sql: `u.id = ? or ${lower.sql}`, params: [actor.id ?? 0, ...lower.params] }]);
  const rows = await context.data.execute(
    `select u.id, u.username, u.role from core_user u where ${where.sql} order by u.username limit ${MOST}`,
    where.params,
  );
  return rows.map((row) => ({ pk: asNumber(row.id), username: asText(row.username), role: asText(row.role) }));
}
