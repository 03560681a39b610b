/** What an account may have, at the address of the reference. */
import { type Actor, type Contribution, endpoint, field, messages, tokenScope, z } from '@posthorn/sdk';
import { ACCOUNT_LIMITS, type AccountLimitName, isUnlimited } from '../contract/resources.js';
import { type AccountResources, limits } from '../contract/services.js';
import { problem } from '../problems.js';
import { limitShape } from '../services/values.js';

const t = messages('limits');
const path = '/resources/:pk/';
const params = { pk: field.integer({ label: t('Number'), min: 1, max: 2_147_483_647 }) };

type Each<T> = Readonly<Record<AccountLimitName, T>>;
const each = <T>(make: (name: AccountLimitName) => T): Each<T> =>
  Object.fromEntries(ACCOUNT_LIMITS.map((name) => [name, make(name)])) as Each<T>;

const min = (name: AccountLimitName): number => (isUnlimited(name, 0) ? 0 : -1);
const answer = each(() => z.int());

/** Super administrators have no limits; what a role cannot make, it has none of. */
const shown = ({ role, limits: views }: AccountResources): Each<number> =>
  each((name) => views.find((view) => view.name === name)?.max ?? (role === 'SuperAdmins' ? min(name) : 0));

/** Administrators do not see their own limits here. */
function requireOther(actor: Actor, pk: number): void {
  if (actor.id === pk && !actor.isSuperuser) throw problem('E_LIMITS_ACCOUNT_NOT_FOUND');
}

export const resourcesEndpoints: readonly Contribution[] = [
  endpoint({
    method: 'GET',
    path,
    params,
    permission: 'signed-in',
    summary: t('Show the limits of an account'),
    description: t('-1 is no limit, 0 is none; a quota of 0 is no limit.'),
    returns: answer,
    errors: ['not-found'],
    examples: [{ params: { pk: 3 } }],
    async run({ actor, context, params: { pk } }) {
      requireOther(actor, pk);
      return shown(await context.get(limits).ofAccount(actor, pk));
    },
  }),
  ...(['PUT', 'PATCH'] as const).map((method) =>
    endpoint({
      method,
      path,
      params,
      permission: 'limits.change_limits',
      summary: t('Set limits of an account'),
      description: t('-1 is no limit, 0 is none; a quota of 0 is no limit. What is not given stays.'),
      body: limitShape,
      isTriable: true,
      returns: answer,
      errors: ['not-found', 'insufficient'],
      examples: [{ params: { pk: 3 }, body: { mailboxes: 10, mailbox_aliases: 20 } }],
      async run({ actor, context, params: { pk }, body: sent }) {
        requireOther(actor, pk);
        const service = context.get(limits);
        const before = shown(await service.ofAccount(actor, pk));
        // What GET answered comes back, with names that the account's role has no limits of.
        const changed = Object.fromEntries(
          ACCOUNT_LIMITS.flatMap((name) => {
            const value = sent[name];
            return value === undefined || value === before[name] ? [] : [[name, value]];
          }),
        );
        return shown(await service.setOfAccount(actor, pk, changed));
      },
    }),
  ),
  tokenScope({ name: 'resources:read', label: t('See limits of accounts'), permissions: ['admin.view_mailboxes'] }),
  tokenScope({
    name: 'resources:write',
    label: t('See and set limits of accounts'),
    permissions: ['admin.view_mailboxes', 'limits.change_limits'],
  }),
];
