import { addressResolver, type LastAddress } from '@posthorn/admin/contract';
import { type ExtensionContext, messages } from '@posthorn/sdk';

const t = messages('relaydomains');

/** Comes before what hands on: mailboxes here keep their mail, also in a relay domain. */
export const splitResolver = addressResolver(
  {
    id: 'split-domains',
    async resolve(addresses, context) {
      const local = await mailboxesAmong(addresses, context);
      return addresses.map((one) =>
        names(one).some((name) => local.has(`${name} ${one.domain?.pk}`))
          ? t('delivered to the mailbox here')
          : undefined,
      );
    },
  },
  { order: -10 },
);

/** The part before the @, and without its extension. */
function names({ address }: LastAddress): readonly string[] {
  const local = address.slice(0, address.lastIndexOf('@'));
  const plus = local.indexOf('+');
  return plus > 0 ? [local, local.slice(0, plus)] : [local];
}

async function mailboxesAmong(
  addresses: readonly LastAddress[],
  { data }: ExtensionContext,
): Promise<ReadonlySet<string>> {
  const relayed = addresses.filter(({ domain }) => domain?.type === 'relaydomain');
  const parts = [...Map.groupBy(relayed, ({ domain }) => domain?.pk)].map(([pk, some]) => {
    const locals = [...new Set(some.flatMap(names))];
    return { sql: `(domain_id = ? and address in (${locals.map(() => '?').join(', ')}))`, params: [pk, ...locals] };
  });
  if (parts.length === 0) return new Set();
  const rows = await data.execute(
    `select address, domain_id from admin_mailbox where ${parts.map(({ sql }) => sql).join(' or ')}`,
    parts.flatMap(({ params }) => params),
  );
  return new Set(rows.map((row) => `${String(row.address)} ${Number(row.domain_id)}`));
}
