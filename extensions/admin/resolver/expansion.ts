/**
 * The expansion of `virtual_alias_maps`, as cleanup(8) does it (`cleanup_map1n_internal`): an address is replaced by what
 * the table answers until nothing answers or it answers with itself. A message for which that does not end is put off
 * as a whole.
 */
import { RECIPIENTS_MAX } from '../services/recipients.js';

/** `virtual_alias_recursion_limit`: so many answers one after the other. */
const RECURSION_MAX = 1_000;

/** `virtual_alias_expansion_limit` in the written main.cf: so many recipients that one address may become. */
const EXPANSION_MAX = RECIPIENTS_MAX;

/** The recipients in the end, each once; undefined where Postfix gives up. */
export function expand(
  address: string,
  answersTo: (address: string) => readonly string[] | undefined,
): readonly string[] | undefined {
  const found = [address];
  const leadsToItself = new Set<string>();
  for (let at = 0; at < found.length; at += 1) {
    for (let count = 0; ; count += 1) {
      const one = found[at] as string;
      if (leadsToItself.has(one)) break;
      if (count === RECURSION_MAX) return undefined;
      const answers = answersTo(one);
      if (answers === undefined) break;
      if (answers.includes(one)) leadsToItself.add(one);
      found[at] = answers[0] as string;
      for (const more of answers.slice(1)) found.push(more);
      if (found.length > EXPANSION_MAX) return undefined;
    }
  }
  return [...new Set(found)];
}
