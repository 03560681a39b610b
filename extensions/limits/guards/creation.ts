import { type CreationRequest, DOMAIN_ADMINS, mayCreate, type ObjectKind } from '@posthorn/admin/contract';
import {
  type Actor,
  type Denial,
  type ExtensionContext,
  mayCreateAccount,
  maySetRole,
  messages,
  on,
} from '@posthorn/sdk';
import { limitsParameters } from '../contract/parameters.js';
import { type AccountLimitName, type DomainLimitName, RESOURCES } from '../contract/resources.js';
import { Walls } from './walls.js';

const t = messages('limits');

const OF_ACCOUNT: Readonly<Partial<Record<ObjectKind, AccountLimitName>>> = {
  domain: 'domains',
  'domain-alias': 'domain_aliases',
  mailbox: 'mailboxes',
  alias: 'mailbox_aliases',
};
const OF_DOMAIN: Readonly<Partial<Record<ObjectKind, DomainLimitName>>> = {
  'domain-alias': 'domain_aliases',
  mailbox: 'mailboxes',
  alias: 'mailbox_aliases',
  'domain-admin': 'domain_admins',
};

export const reached = (name: AccountLimitName, field?: string): Denial => ({
  deny: t('{{label}}: limit reached', { label: RESOURCES[name].label }),
  code: 'E_LIMITS_REACHED',
  isFull: true,
  ...(field === undefined ? {} : { field }),
});

/** Whose limits a creation meets: nobody's where it is a super administrator's, or the system's. */
export async function limitedAccount(actor: Actor, context: ExtensionContext): Promise<number | undefined> {
  if (actor.isSuperuser || actor.confined?.isSuperuser === true || actor.id === null) return undefined;
  const { enable_admin_limits: isOn } = await context.parameters(limitsParameters);
  return isOn ? actor.id : undefined;
}

async function admit(request: CreationRequest, context: ExtensionContext): Promise<Denial | undefined> {
  const { actor, kind, count, isMove } = request;
  const { enable_domain_limits: hasDomainLimits } = await context.parameters(limitsParameters);
  const name = isMove === true ? undefined : OF_ACCOUNT[kind];
  const account = name === undefined ? undefined : await limitedAccount(actor, context);
  const domainName = OF_DOMAIN[kind];
  const domain = hasDomainLimits && domainName !== undefined ? request.domain?.pk : undefined;
  if (account === undefined && domain === undefined) return undefined;
  const walls = new Walls(context);
  const met = (found: Awaited<ReturnType<Walls['find']>>) => [
    account === undefined || name === undefined ? undefined : walls.account(found, account, name),
    domain === undefined || domainName === undefined ? undefined : walls.domain(found, domain, domainName),
  ];
  const isFull = (wall: { readonly max: number; readonly used: number } | undefined): boolean =>
    wall !== undefined && wall.used + count > wall.max;
  const found = await walls.find(
    {
      account,
      // A new domain asks for its quota next: one count for both.
      names: name === undefined || account === undefined ? [] : name === 'domains' ? ['domains', 'quota'] : [name],
      domain,
      domainNames: domainName === undefined || domain === undefined ? [] : [domainName],
    },
    (memory) => met(memory).some(isFull),
  );
  const [ofAccount, ofDomain] = met(found);
  if (name !== undefined && isFull(ofAccount)) return reached(name);
  if (domainName !== undefined && isFull(ofDomain)) return reached(domainName);
  for (const wall of [ofAccount, ofDomain]) if (wall !== undefined) wall.used += count;
  return undefined;
}

async function admitAdministrators(
  { actor, role, count }: { readonly actor: Actor; readonly role: string; readonly count: number },
  context: ExtensionContext,
): Promise<Denial | undefined> {
  const account = role === DOMAIN_ADMINS ? await limitedAccount(actor, context) : undefined;
  if (account === undefined) return undefined;
  const walls = new Walls(context);
  const isFull = (found: Awaited<ReturnType<Walls['find']>>): boolean => {
    const wall = walls.account(found, account, 'domain_admins');
    return wall !== undefined && wall.used + count > wall.max;
  };
  const found = await walls.find({ account, names: ['domain_admins'] }, isFull);
  if (isFull(found)) return reached('domain_admins', 'role');
  const wall = walls.account(found, account, 'domain_admins');
  if (wall !== undefined) wall.used += count;
  return undefined;
}

/** What is made, at whichever door. */
export const creationGuards = [
  on(mayCreate, admit),
  on(mayCreateAccount, admitAdministrators),
  on(maySetRole, async ({ actor, role, account }, context) => {
    if (account?.role === role) return undefined;
    // A new account was counted a moment ago.
    const isCounted =
      account === null && actor.id !== null && (await new Walls(context).isKnown(actor.id, 'domain_admins'));
    return isCounted ? undefined : admitAdministrators({ actor, role, count: 1 }, context);
  }),
];
