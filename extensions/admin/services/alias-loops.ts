import type { ExtensionContext } from '@posthorn/sdk';
import { answerFor, halves, lookupKeys } from '../resolver/lookup-keys.js';
import { loop } from './recipients.js';
import { asBoolean, asText, textIn } from './sql.js';

/** Postfix gives up after a thousand steps; nobody chains aliases this deep on purpose. */
const DEPTH_MAX = 50;

/**
 * Refuses recipients that lead back to the alias, by following them as Postfix would: one statement for each step. A
 * circle is none where one of its addresses also sends to itself, because Postfix does not expand that one again. A
 * mailbox that refuses mail keeps no copy of what it sends on.
 */
export async function requireNoLoop(
  context: ExtensionContext,
  owner: string,
  recipients: readonly string[],
): Promise<void> {
  if (recipients.includes(owner) && !(await isClosed(context, owner))) return;
  const seen = new Set<string>();
  let frontier = new Map(
    recipients.filter((one) => one !== owner).map((address) => [address, [owner, address] as readonly string[]]),
  );
  for (let depth = 0; frontier.size > 0; depth += 1) {
    if (depth === DEPTH_MAX) throw loop(frontier.values().next().value ?? [owner]);
    const targets = await sendsTo(context, [...frontier.keys()].flatMap(lookupKeys));
    const next = new Map<string, readonly string[]>();
    for (const [address, path] of frontier) {
      seen.add(address);
      for (const key of lookupKeys(address)) {
        if (key === owner) throw loop(address === owner ? path : [...path, owner]);
        const found = targets.get(key);
        if (found === undefined) continue;
        const answers = found.map((target) => answerFor(address, key, target));
        if (!answers.includes(address)) {
          for (const full of answers) {
            if (!seen.has(full) && !next.has(full)) next.set(full, [...path, full]);
          }
        }
        break;
      }
    }
    frontier = next;
  }
}

/** What each of these keys leads to. An alias that people made counts before the internal one of the same address. */
async function sendsTo(
  context: ExtensionContext,
  keys: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const among = textIn('a.address', [...new Set(keys)]);
  const rows = await context.data.execute(
    `select a.address, a.internal, r.address as recipient, m.refuses_mail from admin_alias a
     inner join admin_aliasrecipient r on r.alias_id = a.id
     left join admin_mailbox m on m.id = r.r_mailbox_id and r.address = a.address where ${among.sql}`,
    among.params,
  );
  const made = new Set(rows.filter((row) => !asBoolean(row.internal)).map((row) => asText(row.address)));
  const closed = new Set(rows.filter((row) => asBoolean(row.refuses_mail)).map((row) => asText(row.address)));
  const targets = new Map<string, string[]>();
  for (const row of rows) {
    const address = asText(row.address);
    if (asBoolean(row.internal) && made.has(address)) continue;
    const list = targets.get(address);
    if (list === undefined) targets.set(address, [asText(row.recipient)]);
    else list.push(asText(row.recipient));
  }
  for (const address of closed) {
    const others = targets.get(address)?.filter((one) => one !== address) ?? [];
    if (others.length > 0) targets.set(address, others);
  }
  return targets;
}

async function isClosed(context: ExtensionContext, address: string): Promise<boolean> {
  const { local, domain } = halves(address);
  const rows = await context.data.execute(
    `select m.id from admin_mailbox m inner join admin_domain d on d.id = m.domain_id
     where m.address = ? and d.name = ? and m.refuses_mail = ?`,
    [local, domain.slice(1), true],
  );
  return rows.length > 0;
}
