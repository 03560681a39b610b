import { DOMAIN_KIND, mayGiveQuota, type QuotaRequest } from '@posthorn/admin/contract';
import { access, type Denial, type ExtensionContext, messages, on } from '@posthorn/sdk';
import { limitedAccount, reached } from './creation.js';
import { Walls } from './walls.js';

const t = messages('limits');

const unlimited = (field: string): Denial => ({
  deny: t("You're not allowed to define unlimited values"),
  code: 'E_LIMITS_UNLIMITED',
  kind: 'invalid',
  field,
});

/** The quotas of an administrator's domains come out of one pool; nothing without limit is made of it. */
export const quotaGuard = on(mayGiveQuota, async (request, context): Promise<Denial | undefined> => {
  const { quota, previous } = request;
  const actor = await limitedAccount(request.actor, context);
  if (actor === undefined) return undefined;
  const isOfMailbox = request.of === 'mailbox';
  // In a domain without a quota of its own nothing is taken out of the pool.
  if (isOfMailbox && (quota !== 0 || request.domain_quota === 0)) return undefined;
  const account = isOfMailbox ? actor : ((await ownerOf(request, context)) ?? actor);
  const walls = new Walls(context);
  const wallIn = (found: Awaited<ReturnType<Walls['find']>>) => walls.account(found, account, 'quota');
  const isFull = (found: Awaited<ReturnType<Walls['find']>>): boolean => {
    const wall = wallIn(found);
    return wall !== undefined && quota > previous && wall.used + quota - previous > wall.max;
  };
  const found = await walls.find({ account, names: ['quota'] }, isFull);
  const wall = wallIn(found);
  if (wall === undefined) return undefined;
  const isNew = request.domain === undefined;
  if (quota === 0 && (isOfMailbox || isNew || previous !== 0)) return unlimited('quota');
  if (isOfMailbox) return undefined;
  if (request.default_mailbox_quota === 0 && quota !== 0) return unlimited('default_mailbox_quota');
  if (isFull(found)) return reached('quota', 'quota');
  wall.used += quota - previous;
  return undefined;
});

/** A domain counts for whoever owns it, whoever changes it. */
async function ownerOf({ domain }: QuotaRequest, context: ExtensionContext): Promise<number | undefined> {
  if (domain === undefined) return undefined;
  const holders = await context.get(access).holders(DOMAIN_KIND, domain.pk);
  return holders.find(({ isOwner }) => isOwner)?.accountId;
}
