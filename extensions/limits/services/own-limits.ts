import type { Actor, ExtensionContext } from '@posthorn/sdk';
import { limitsParameters } from '../contract/parameters.js';
import { ACCOUNT_LIMITS, RESOURCES } from '../contract/resources.js';
import type { LimitView } from '../contract/services.js';
import { limitView } from './limit-service.js';
import { tally } from './tally.js';

/** The actor's own limits, in one statement: asked for with every page. Nothing for whom nothing limits. */
export async function ownLimits(context: ExtensionContext, actor: Actor): Promise<readonly LimitView[]> {
  const { enable_admin_limits: isOn } = await context.parameters(limitsParameters);
  if (!isOn || actor.isSuperuser || actor.id === null) return [];
  const names = ACCOUNT_LIMITS.filter((name) => actor.can(RESOURCES[name].permission));
  const levels = await tally(context, [actor.id], names, 'all');
  return names.flatMap((name) => limitView(levels.filter((level) => level.name === name)) ?? []);
}
