import { type ExtensionContext, type Finding, messages, type Repair, type Repaired } from '@posthorn/sdk';
import { administratorOf, lacks, makeRoleAddresses, ROLE_ADDRESSES } from '../services/role-addresses.js';
import { asNumber, asText } from '../services/sql.js';

const t = messages('admin');

interface Lacking {
  readonly pk: number;
  readonly name: string;
}

async function lacking({ data }: ExtensionContext): Promise<readonly Lacking[]> {
  const parts = ROLE_ADDRESSES.map(lacks);
  const rows = await data.execute(
    `select d.id, d.name from admin_domain d where ${parts.map(({ sql }) => `(${sql})`).join(' or ')} order by d.name`,
    parts.flatMap(({ params }) => params),
  );
  return rows.map((row) => ({ pk: asNumber(row.id), name: asText(row.name) }));
}

export async function checkRoleAddresses(context: ExtensionContext): Promise<readonly Finding[]> {
  const found = await lacking(context);
  const [first] = found;
  if (first === undefined) return [{ level: 'ok', message: t('Somebody reads the mail for postmaster and abuse.') }];
  return [
    {
      level: 'warning',
      message: t(
        {
          one: '{{count}} domain has nobody for postmaster or abuse: {{first}}.',
          other: '{{count}} domains have nobody for postmaster or abuse, {{first}} first.',
        },
        { count: found.length, first: first.name },
      ),
      mend: t('`posthorn repair admin.role-addresses` gives them to the administrator of each domain.'),
    },
  ];
}

/** Only where an administrator has a mailbox inside: nobody else is made to read that mail. */
export async function fixRoleAddresses(
  context: ExtensionContext,
  { dryRun, progress }: Repair,
): Promise<readonly Repaired[]> {
  const found = await lacking(context);
  const repaired: Repaired[] = [];
  for (const [at, domain] of found.entries()) {
    const recipient = await administratorOf(context, domain.pk);
    if (recipient !== undefined) {
      if (!dryRun) await makeRoleAddresses(context, context.system, domain, recipient);
      repaired.push({
        subject: domain.name,
        text: t('mail for postmaster and abuse goes to {{recipient}}', { recipient }),
      });
    }
    progress(at + 1, found.length);
  }
  return repaired;
}
