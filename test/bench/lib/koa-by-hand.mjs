/**
 * An account's detail answered by hand: the token, its owner and the account by the statements that ours takes, JSON and
 * its tag. What is between this and ours is what the program around them costs.
 */
import { hash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { coreDependency } from './internals.mjs';

const [port, file = ''] = process.argv.slice(2);
const { default: Koa } = await coreDependency('koa');
const db = new DatabaseSync(file, { readOnly: true });
const findToken = db.prepare(
  `select t.id, t.scopes, t.used_at, u.id as user_id, u.username, u.role, u.is_superuser
   from core_token t inner join core_user u on u.id = t.user_id
   where t.token_hash = ? and (t.expires_at is null or t.expires_at > ?) and u.is_active = 1`,
);
const findAccount = db.prepare(
  `select u.id, u.username, u.first_name, u.last_name, u.role, u.is_active, u.master_user, u.language, u.phone_number,
     u.secondary_email, u.date_joined, u.last_login, m.id as mailbox_id, m.address, m.quota, m.use_domain_quota,
     m.refuses_mail, m.domain_id, d.name as domain_name, q.bytes, q.messages
   from core_user u left join admin_mailbox m on m.user_id = u.id left join admin_domain d on d.id = m.domain_id
   left join admin_quota q on q.username = m.address || '@' || d.name where u.id = ?`,
);
const app = new Koa();
app.use((ctx) => {
  if (ctx.path === '/') {
    ctx.body = 'ready\n';
    return;
  }
  const token = ctx.get('Authorization').replace(/^Token /, '');
  const [owner] = findToken.all(hash('sha256', token, 'base64url'), BigInt(Date.now()));
  if (owner?.is_superuser !== 1) return;
  const [row] = findAccount.all(BigInt(ctx.path.split('/')[4] ?? ''));
  if (row === undefined) return;
  const mailbox = {
    pk: row.mailbox_id,
    full_address: `${row.address}@${row.domain_name}`,
    use_domain_quota: row.use_domain_quota === 1,
    quota: row.quota,
    refuses_mail: row.refuses_mail === 1,
  };
  const body = JSON.stringify({
    pk: row.id,
    username: row.username,
    first_name: row.first_name,
    last_name: row.last_name,
    is_active: row.is_active === 1,
    master_user: row.master_user === 1,
    mailbox,
    role: row.role,
    language: row.language,
    phone_number: row.phone_number,
    secondary_email: row.secondary_email,
    domains: [],
    date_joined: row.date_joined,
    last_login: row.last_login,
  });
  ctx.set('ETag', `"${hash('sha256', body, 'base64url')}"`);
  ctx.set('Content-Type', 'application/json; charset=utf-8');
  ctx.body = body;
});
app.listen({ host: '127.0.0.1', port: Number(port) }, () => console.log('ready'));
