/** Files that are imported on pages: sent, tried, imported. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, bench, empty, HASH, populate } from '../admin/fixture.js';
import { freePort } from '../kit/src/servers/index.js';
import { type Answer, type Reader, type Site, startSite } from './site.js';

let b: Bench;
let site: Site;
let admin: Reader;
beforeAll(async () => {
  b = await bench();
  site = await startSite(b.host);
});
beforeEach(async () => {
  await empty(b);
  await b.sql('delete from core_job');
  await populate(b);
  admin = await site.as('admin');
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await b?.host[Symbol.asyncDispose]();
});

const DOMAINS = '/admin/domains/import/';
const IDENTITIES = '/admin/identities/import/';
const folder = () => join(b.host.config.directory, 'data', 'imports');
const work = () => b.host.kernel.jobs.runner(['default']).drain();
const account = (name: string, role = 'SimpleUsers') => `account;${name};${HASH};A;B;True;${role};${name};0`;

async function send(
  path: string,
  content: string | Uint8Array,
  fields: Readonly<Record<string, string>> = {},
  username = 'admin',
): Promise<Answer> {
  const cookie = await site.cookie(username);
  const shown = await (await fetch(`${site.base}/user/`, { headers: { cookie, accept: 'text/html' } })).text();
  const form = new FormData();
  form.set('_token', /name="_token" value="([^"]+)"/.exec(shown)?.[1] ?? '');
  for (const [name, value] of Object.entries({ sepchar: ';', ...fields })) form.set(name, value);
  form.set('sourcefile', new Blob([content as never]), 'rows of mine.csv');
  const answer = await fetch(`${site.base}${path}`, {
    method: 'POST',
    body: form,
    redirect: 'manual',
    headers: { cookie, origin: site.base, accept: 'text/html' },
  });
  return { status: answer.status, text: await answer.text(), to: answer.headers.get('location'), isFile: false };
}
/** Sends a file and has it tried; returns the page of the import. */
async function tried(...args: Parameters<typeof send>): Promise<string> {
  const answer = await send(...args);
  expect(answer.status).toBe(303);
  expect(answer.to).toMatch(/^\/core\/imports\/[0-9a-f-]{36}\/$/);
  await work();
  return answer.to ?? '';
}
const value = (text: string, label: string): string =>
  new RegExp(`${label}</dt><dd[^>]*>([\\s\\S]*?)</dd>`)
    .exec(text)?.[1]
    ?.replace(/<[^>]+>/g, '')
    .trim() ?? '';
const names = async (): Promise<readonly unknown[]> =>
  (await b.sql("select name from admin_domain where name like '%.example' order by name")).map(({ name }) => name);

describe('a file', () => {
  it('is tried first, which changes nothing, and imported when its sender says so', async () => {
    const { text } = await admin.get(DOMAINS);
    expect(text).toContain('domain;name;quota;default_mailbox_quota;enabled');
    const page = await tried(DOMAINS, 'domain;a.example;0;0;True\ndomainalias;b.example;a.example;True\n');
    expect(await names()).toEqual([]);
    const shown = await admin.get(page);
    expect([value(shown.text, 'Can be imported'), value(shown.text, 'Refused')]).toEqual(['2 rows', '0 rows']);
    expect(shown.text).toContain('rows of mine.csv');
    const [token = ''] = readdirSync(folder());
    expect(statSync(join(folder(), token, 'rows.csv')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder(), token)).mode & 0o777).toBe(0o700);

    expect((await admin.post(`${page}run/`, {})).to).toBe(page);
    expect((await admin.post(`${page}run/`, {})).to).toBe(page);
    await work();
    expect(await names()).toEqual(['a.example']);
    const done = await admin.get(page);
    expect(value(done.text, 'Imported')).toBe('2 rows');
    expect(done.text).not.toContain(`${page}run/`);
    expect(existsSync(join(folder(), token, 'rows.csv'))).toBe(false);
    const doors = await b.sql('select distinct door from core_audit where label = ?', ['a.example']);
    expect(doors).toEqual([{ door: 'import' }]);
  });

  it('has a verdict for each row that is not imported, shown and as a file, and leaves nothing', async () => {
    const page = await tried(
      IDENTITIES,
      `${account('one@test.com')}\n${account('user@test.com')}\nalias;x;True;y\n${account('two@nowhere.test')}\nthing;1\n`,
    );
    const { text } = await admin.get(page);
    expect(text).toContain('All rows are imported, or none.');
    expect(text).not.toContain(`${page}run/`);
    const file = await admin.get(`${page}verdicts/`);
    expect(file.isFile).toBe(true);
    const lines = file.text.trim().split('\r\n');
    expect(lines[0]).toBe('Line,Kind,Field,Verdict,Code,Reason');
    expect(lines.slice(1).map((line) => line.split(',').slice(0, 2).join(' '))).toEqual(['5 thing']);
    expect(lines[1]).toContain('E_IMPORT_KIND');
    expect((await admin.post(`${page}run/`, {})).to).toBe(page);
    await work();
    expect(await b.sql("select 1 as one from core_user where username = 'one@test.com'")).toEqual([]);
    expect((await admin.post(`${page}discard/`, {})).to).toBe('/admin/identities/');
    expect((await admin.get(page)).status).toBe(404);
  });

  it('keeps what can be imported where that is wanted, and what exists as it is', async () => {
    const rows = `${account('one@test.com')}\n${account('user@test.com')}\n${account('two@nowhere.test')}\n`;
    const page = await tried(IDENTITIES, rows, { per_row: 'true', continue_if_exists: 'true' });
    const { text } = await admin.get(page);
    expect(['Can be imported', 'There already', 'Refused'].map((label) => value(text, label))).toEqual([
      '1 row',
      '1 row',
      '1 row',
    ]);
    await admin.post(`${page}run/`, {});
    await work();
    expect(value((await admin.get(page)).text, 'Imported')).toBe('1 row');
    expect(await b.sql("select 1 as one from core_user where username = 'one@test.com'")).toHaveLength(1);
  });

  it('that cannot be read is refused with its line and what is wrong', async () => {
    for (const [content, reason] of [
      ['', 'holds no rows'],
      ['domain,a.example,0,0,True\n', 'is not separated'],
      ['domain;a.example;0;0;True\ndomain;\0;0;0;True\n', 'line 2 holds a NUL'],
      ['domain;name;quota;default_mailbox_quota;enabled\n', 'Line 1 of rows of mine.csv names columns'],
      [Buffer.from('domain;a.example;0;0;True\ndomain;\xe9;0;0;True\n', 'latin1'), 'line 2 holds other bytes'],
    ] as const) {
      const page = await tried(DOMAINS, content);
      const { text } = await admin.get(page);
      expect(text, reason).toContain(reason.replace('is not separated', 'not separated'));
      expect(text).not.toContain(`${page}run/`);
    }
    const none = await send(DOMAINS, '', { sepchar: 'x' });
    expect(none.status).toBe(422);
  });

  it('is its sender’s alone, who can do with it what he could do by hand', async () => {
    const rows = `${account('new@test.com')}\n${account('new@test2.com')}\ndomain;c.example;0;0;True\n${account('boss@test.com', 'SuperAdmins')}\n`;
    const own = await site.as('admin@test.com');
    expect((await own.get(DOMAINS)).status).toBe(403);
    const page = await tried(IDENTITIES, rows, { per_row: 'true' }, 'admin@test.com');
    expect((await admin.get(page)).status).toBe(404);
    expect((await admin.post(`${page}run/`, {})).status).toBe(404);
    const { text } = await own.get(page);
    expect(value(text, 'Refused')).toBe('3 rows');
    // What no right is there for is explained by the same rules; what lies out of reach is said, and no more of it.
    const why = [...text.matchAll(/href="(\/admin\/accounts\/\d+\/access\/[^"]*)"/g)].map(([, href = '']) =>
      href.replaceAll('&amp;', '&'),
    );
    expect(why.map((one) => one.split('?')[1])).toEqual([
      'action=domain.create&object=',
      'action=role.give&object=SuperAdmins',
    ]);
    for (const one of why) expect((await own.get(one)).text).toContain('admin@test.com may not do this.');
    await own.post(`${page}run/`, {});
    await work();
    const made = await b.sql(
      "select username, role from core_user where username like 'new%' or username like 'boss%'",
    );
    expect(made).toEqual([{ username: 'new@test.com', role: 'SimpleUsers' }]);
    expect(await names()).toEqual([]);
    expect((await (await site.as('user@test.com')).get(IDENTITIES)).status).toBe(403);
  });

  it('is not imported for an account that may no longer do it', async () => {
    const page = await tried(IDENTITIES, `${account('late@test.com')}\n`, {}, 'admin@test.com');
    const own = await site.as('admin@test.com');
    await own.post(`${page}run/`, {});
    await b.sql("update core_user set role = 'SimpleUsers' where username = 'admin@test.com'");
    await b.host.kernel.accounts.findByUsername('admin@test.com');
    await work();
    expect(await b.sql("select 1 as one from core_user where username = 'late@test.com'")).toEqual([]);
  });

  it('hashes passwords in clear text', async () => {
    const page = await tried(IDENTITIES, 'account;p@test.com;Very-Secret-1;A;B;True;SimpleUsers;p@test.com;0\n', {
      crypt_password: 'true',
    });
    await admin.post(`${page}run/`, {});
    await work();
    const [row] = await b.sql("select password from core_user where username = 'p@test.com'");
    expect(String(row?.password)).toMatch(/^\{(?!PLAIN)[A-Z0-9-]+\}/);
  });

  it('that is imported is told of by a letter, to whoever sent it and has an address', async () => {
    const { parameters, generation } = b.host.kernel;
    const form = generation.order.find(({ id }) => id === 'core')?.parameters?.[0];
    await parameters.write(form as never, {
      smtp_host: '127.0.0.1',
      smtp_port: await freePort(),
      sender_address: 'noreply@test.com',
    });
    await b.sql("update core_user set secondary_email = 'admin@else.test' where username = 'admin'");
    const told = async (): Promise<readonly string[]> =>
      (await b.sql("select payload from core_job where name = 'letter' order by id")).map(({ payload }) => {
        const { to, template } = JSON.parse(String(payload)) as { to: string; template: string };
        return `${to} ${template}`;
      });
    const page = await tried(DOMAINS, 'domain;a.example;0;0;True\n');
    expect(await told()).toEqual([]);
    await admin.post(`${page}run/`, {});
    await work();
    expect(await told()).toEqual(['admin@else.test core.import-ended']);
    await b.sql("update core_user set secondary_email = null where username = 'admin'");
    const other = await tried(DOMAINS, 'domain;b.example;0;0;True\n');
    await admin.post(`${other}run/`, {});
    await work();
    expect([await names(), (await told()).length]).toEqual([['a.example', 'b.example'], 1]);
  });
});
