import type { Actor, ExtensionContext } from '@posthorn/sdk';
import { limitsParameters } from '../contract/parameters.js';
import { ACCOUNT_LIMITS, RESOURCES } from '../contract/resources.js';
import type { LimitView } from '../contract/services.js';
import { limitView } from './limit-service.js';
import { tally } from './tally.js';

type Views = readonly LimitView[];

/** Counting a hundred thousand mailboxes takes a tenth of a second: too much for every page, and a warning can wait. */
const FRESH_MS = 60_000;
const ACCOUNTS_MAX = 1_000;

/** What was counted last, by account. */
const counted = new WeakMap<ExtensionContext, Map<number, { readonly at: number; readonly views: Views }>>();

/** The actor's own limits, in one statement. Nothing for whom nothing limits. */
export async function ownLimits(context: ExtensionContext, actor: Actor): Promise<Views> {
  const { enable_admin_limits: isOn } = await context.parameters(limitsParameters);
  if (!isOn || actor.isSuperuser || actor.id === null) return [];
  const names = ACCOUNT_LIMITS.filter((name) => actor.can(RESOURCES[name].permission));
  const levels = await tally(context, [actor.id], names, 'all');
  const views = names.flatMap((name) => limitView(levels.filter((level) => level.name === name)) ?? []);
  const known = counted.get(context) ?? new Map();
  if (known.size >= ACCOUNTS_MAX) known.clear();
  counted.set(context, known.set(actor.id, { at: context.now().getTime(), views }));
  return views;
}

/** As they were a minute ago at most. */
export async function recentLimits(context: ExtensionContext, actor: Actor): Promise<Views> {
  const { enable_admin_limits: isOn } = await context.parameters(limitsParameters);
  const last = isOn && actor.id !== null ? counted.get(context)?.get(actor.id) : undefined;
  const isFresh = last !== undefined && context.now().getTime() - last.at < FRESH_MS;
  return isFresh ? last.views : ownLimits(context, actor);
}
