import { type ExtensionContext, type Finding, messages, type Repair, type Repaired } from '@posthorn/sdk';
import { Alias, AliasRecipient } from '../contract/alias.js';
import { SelfAliases } from '../services/self-alias.js';
import { asNumber, asText } from '../services/sql.js';

const t = messages('admin');

/** Mailboxes repaired in one transaction. */
const BATCH = 200;

interface Lonely {
  readonly mailbox: number;
  readonly domain: number;
  readonly address: string;
}

/** Mailboxes without the internal alias that keeps a catch-all of their domain from swallowing them. */
async function lonely({ data }: ExtensionContext): Promise<readonly Lonely[]> {
  const rows = await data.execute(
    `select m.id as mailbox, d.id as domain, m.address || '@' || d.name as address
     from admin_mailbox m inner join admin_domain d on d.id = m.domain_id
     where not exists (
       select 1 from admin_alias a inner join admin_aliasrecipient r on r.alias_id = a.id and r.r_mailbox_id = m.id
       where a.address = m.address || '@' || d.name and a.internal = true
     ) order by m.id`,
  );
  return rows.map((row) => ({
    mailbox: asNumber(row.mailbox),
    domain: asNumber(row.domain),
    address: asText(row.address),
  }));
}

export async function checkSelfAliases(context: ExtensionContext): Promise<readonly Finding[]> {
  const found = await lonely(context);
  if (found.length === 0) return [{ level: 'ok', message: t('Every mailbox has its own alias.') }];
  return [
    {
      level: 'error',
      message: t(
        {
          one: '{{count}} mailbox lacks its own alias, {{first}}: a catch-all would take its mail.',
          other: '{{count}} mailboxes lack their own alias, {{first}} first: a catch-all would take their mail.',
        },
        { count: found.length, first: found[0]?.address ?? '' },
      ),
      mend: 'posthorn repair admin.self-aliases',
    },
  ];
}

export async function fixSelfAliases(
  context: ExtensionContext,
  { dryRun, progress }: Repair,
): Promise<readonly Repaired[]> {
  const found = await lonely(context);
  const now = context.now();
  for (let at = 0; !dryRun && at < found.length; at += BATCH) {
    const batch = found.slice(at, at + BATCH);
    await context.data.write(async (em) => {
      for (const { mailbox, domain, address } of batch) {
        // One that lost its recipient is made anew.
        await context.data.execute('delete from admin_alias where address = ? and internal = true', [address]);
        const alias = await em.insert(Alias, {
          address,
          domain,
          enabled: true,
          internal: true,
          description: '',
          expire_at: null,
          creation: now,
          last_modification: now,
        });
        await em.insert(AliasRecipient, { address, alias, r_mailbox: mailbox });
      }
      await new SelfAliases(context).refresh(batch.map(({ address }) => address));
    });
    progress(Math.min(at + BATCH, found.length), found.length);
  }
  return found.map(({ address }) => ({ subject: address, text: t('gets its own alias') }));
}
