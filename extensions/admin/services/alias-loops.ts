import type { ExtensionContext } from '@posthorn/sdk';
import { answerFor, lookupKeys } from '../resolver/lookup-keys.js';
import { loop } from './recipients.js';
import { asBoolean, asText, textIn } from './sql.js';

/** Postfix gives up after a thousand steps; nobody chains aliases this deep on purpose. */
const DEPTH_MAX = 50;

/**
 * Refuses recipients that lead back to the alias, by following them as Postfix would: one statement for each step. A
 * circle is none where one of its addresses also sends to itself, because Postfix does not expand that one again.
 */
export async function requireNoLoop(
  context: ExtensionContext,
  owner: string,
  recipients: readonly string[],
): Promise<void> {
  if (recipients.includes(owner)) return;
  const seen = new Set<string>();
  let frontier = new Map(recipients.map((address) => [address, [owner, address] as readonly string[]]));
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
    `select a.address, a.internal, r.address as recipient from admin_alias a
     inner join admin_aliasrecipient r on r.alias_id = a.id where ${among.sql}`,
    among.params,
  );
  const made = new Set(rows.filter((row) => !asBoolean(row.internal)).map((row) => asText(row.address)));
  const targets = new Map<string, string[]>();
  for (const row of rows) {
    const address = asText(row.address);
    if (asBoolean(row.internal) && made.has(address)) continue;
    const list = targets.get(address);
    if (list === undefined) targets.set(address, [asText(row.recipient)]);
    else list.push(asText(row.recipient));
  }
  return targets;
}
