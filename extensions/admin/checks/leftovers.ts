/** Rows that do not fit each other: left by a crash, or by whoever writes to the database by hand. */
import { ACCOUNT_KIND, type Check, type ExtensionContext, type Message, messages, type Repaired } from '@posthorn/sdk';
import { DOMAIN_KIND } from '../contract/names.js';
import { aliases } from '../contract/services.js';
import { asText } from '../services/sql.js';
import { TRASH_KIND } from '../trash/bin.js';

const t = messages('admin');

/** Things mended in one transaction. */
const BATCH = 200;

type Ref = string | number;

interface Leftover {
  readonly id: string;
  readonly title: Message;
  /** Answers with a `ref` for each, and a `subject` that people know it by. */
  readonly find: string;
  /** What is done with each. */
  readonly done: Message;
  /** Inside a `write`. `among` is `in (?, …)` for these refs. */
  mend(context: ExtensionContext, among: string, refs: readonly Ref[]): Promise<unknown>;
}

const sql =
  (...statements: readonly ((among: string) => string)[]): Leftover['mend'] =>
  async ({ data }, among, refs) => {
    for (const statement of statements) await data.execute(statement(among), refs);
  };

const MAILBOXES = 'admin_mailbox m inner join admin_domain d on d.id = m.domain_id';
const HAS_OBJECT = Object.entries({
  [ACCOUNT_KIND]: 'core_user',
  [DOMAIN_KIND]: 'admin_domain',
  [TRASH_KIND]: 'admin_trash',
});

const leftovers: readonly Leftover[] = [
  {
    id: 'quota-rows',
    title: t('Usage of mailboxes'),
    find: `select m.id as ref, m.address || '@' || d.name as subject from ${MAILBOXES}
      where not exists (select 1 from admin_quota q where q.username = m.address || '@' || d.name)`,
    done: t('gets a row for its usage'),
    mend: sql(
      (among) => `insert into admin_quota (username, bytes, messages)
        select m.address || '@' || d.name, 0, 0 from ${MAILBOXES} where m.id ${among}`,
    ),
  },
  {
    id: 'lost-quota-rows',
    title: t('Usage of mailboxes that are gone'),
    find: `select q.username as ref, q.username as subject from admin_quota q where not exists (
      select 1 from core_user u inner join admin_mailbox m on m.user_id = u.id where u.email = q.username)`,
    done: t('its usage is forgotten'),
    mend: sql((among) => `delete from admin_quota where username ${among}`),
  },
  {
    id: 'default-quotas',
    title: t('Quotas that follow the domain'),
    find: `select m.id as ref, m.address || '@' || d.name as subject from ${MAILBOXES}
      where m.use_domain_quota = true and m.quota <> d.default_mailbox_quota`,
    done: t('gets the quota that its domain gives'),
    mend: sql(
      (among) => `update admin_mailbox set quota = (
        select d.default_mailbox_quota from admin_domain d where d.id = admin_mailbox.domain_id) where id ${among}`,
    ),
  },
  {
    id: 'domain-alias-entries',
    title: t('Entries of domain aliases'),
    find: `select a.id as ref, a.name as subject from admin_domainalias a where not exists (
      select 1 from admin_alias e inner join admin_aliasrecipient r on r.alias_id = e.id
      where e.address = '@' || a.name and e.internal = true)`,
    done: t('gets the entry that leads to its domain'),
    mend: sql(
      (among) => `delete from admin_alias where internal = true and address in (
        select '@' || a.name from admin_domainalias a where a.id ${among})`,
      (among) => `insert into admin_alias (address, enabled, internal, description, creation, last_modification)
        select '@' || a.name, a.enabled, true, '', a.creation, a.creation from admin_domainalias a where a.id ${among}`,
      (among) => `insert into admin_aliasrecipient (address, alias_id)
        select '@' || d.name, e.id from admin_domainalias a inner join admin_domain d on d.id = a.target_id
        inner join admin_alias e on e.address = '@' || a.name and e.internal = true where a.id ${among}`,
    ),
  },
  {
    id: 'empty-aliases',
    title: t('Aliases without a recipient'),
    find: `select a.id as ref, a.address as subject from admin_alias a where a.internal = false and not exists (
      select 1 from admin_aliasrecipient r where r.alias_id = a.id)`,
    done: t('is deleted, since it leads nowhere'),
    mend: async (context, _among, refs) => {
      for (const ref of refs) await context.get(aliases).remove(context.system, Number(ref));
    },
  },
  {
    id: 'access-rows',
    title: t('Rights to what is gone'),
    find: `select a.id as ref, u.username as subject from core_access a inner join core_user u on u.id = a.user_id
      where ${HAS_OBJECT.map(([kind, table]) => `(a.kind = '${kind}' and not exists (select 1 from ${table} o where o.id = a.object_id))`).join(' or ')}`,
    done: t('loses a right to something that is gone'),
    mend: sql((among) => `delete from core_access where id ${among}`),
  },
];

async function search({ data }: ExtensionContext, { find }: Leftover) {
  const rows = await data.execute<{ ref: Ref; subject: unknown }>(`${find} order by 2`);
  return rows.map(({ ref, subject }) => ({ ref, subject: asText(subject) }));
}

export const leftoverChecks: readonly Check[] = leftovers.map((one) => ({
  id: one.id,
  title: one.title,
  async run(context) {
    const [first, ...rest] = await search(context, one);
    if (first === undefined) return [{ level: 'ok', message: t('Nothing is left over.') }];
    const message = t(
      { one: 'One is not right: {{first}}.', other: '{{count}} are not right, {{first}} first.' },
      { count: rest.length + 1, first: first.subject },
    );
    return [{ level: 'warning', message, mend: `posthorn repair admin.${one.id}` }];
  },
  async fix(context, { dryRun, progress }): Promise<readonly Repaired[]> {
    const found = await search(context, one);
    for (let at = 0; !dryRun && at < found.length; at += BATCH) {
      const refs = found.slice(at, at + BATCH).map(({ ref }) => ref);
      await context.data.write(() => one.mend(context, `in (${refs.map(() => '?').join(', ')})`, refs));
      progress(Math.min(at + BATCH, found.length), found.length);
    }
    return found.map(({ subject }) => ({ subject, text: one.done }));
  },
}));
