import { type DomainEvent, domainChanged } from '@posthorn/admin/contract';
import { defineExtension, on } from '@posthorn/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReseller, type Bench, bench, empty, populate } from '../admin/fixture.js';
import { type Reader, type Site, startSite } from './site.js';

/** What happens when so many rows are changed: the test's own hand in the middle of a job. */
let meddle: { readonly at: number; readonly how: () => Promise<void> } | undefined;
let changed = 0;
const meddler = defineExtension({
  id: 'meddler',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Meddler',
  requires: { admin: '*' },
  taps: [
    on(domainChanged, async (_event: DomainEvent) => {
      changed += 1;
      if (changed === meddle?.at) await meddle.how();
    }),
  ],
});

let b: Bench;
let site: Site;
let admin: Reader;

beforeAll(async () => {
  b = await bench({ with: [meddler] });
  site = await startSite(b.host);
});
beforeEach(async () => {
  meddle = undefined;
  changed = 0;
  await empty(b);
  await b.sql('delete from core_job');
  await populate(b);
  await addReseller(b);
  admin = await site.as('admin');
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await b.host[Symbol.asyncDispose]();
});

const DOMAINS = '/admin/domains/';
const MANY = 1_001;

/** Domains by plain rows: making each through its service would take most of the test's time. */
async function makeDomains(count: number): Promise<void> {
  await b.context.data.write(async () => {
    for (let i = 0; i < count; i += 1) {
      await b.sql('insert into admin_domain (name, creation, last_modification) values (?, ?, ?)', [
        `m${i}.example`,
        '2026-01-01 00:00:00',
        '2026-01-01 00:00:00',
      ]);
    }
  });
}
const enabled = async (): Promise<number> =>
  Number((await b.sql("select count(*) as n from admin_domain where enabled = true and name like '%.example'"))[0]?.n);
const hidden = (text: string): Record<string, string> => {
  const form = /<form[^>]*data-ph-confirm[\s\S]*?<\/form>/.exec(text)?.[0] ?? '';
  const inputs = form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g);
  return Object.fromEntries(
    [...inputs].map(([, name = '', value = '']) => [name, value]).filter(([n]) => n !== '_token'),
  );
};
const sent = (action: string, total = MANY) => ({ action, all: 'true', q: '.example', total: String(total) });
/** Agrees to the question and returns the job's page. */
async function begin(reader: Reader, path: string, wish: Record<string, string>): Promise<string> {
  const asked = await reader.post(path, wish);
  expect(asked.status).toBe(200);
  const answer = await reader.post(path, hidden(asked.text));
  expect(answer.status).toBe(303);
  expect(answer.to).toMatch(/^\/core\/jobs\/\d+\/$/);
  return answer.to ?? '';
}
const work = () => b.host.kernel.jobs.runner(['default']).drain();
const idOf = (path: string): number => Number(/\d+/.exec(path)?.[0]);
const find = (path: string) => b.host.kernel.jobs.driver.find(idOf(path));

describe('more rows than one request changes', () => {
  it('are disabled by a job, once their number was agreed to', async () => {
    await makeDomains(MANY);
    const asked = await admin.post(DOMAINS, sent('disable'));
    expect(asked.text).toContain('Disable 1,001 domains?');
    expect(asked.text).toContain('and 991 more');
    expect(asked.text).not.toContain('keepdir');
    expect([await enabled(), (await b.sql('select id from core_job')).length]).toEqual([MANY, 0]);
    const answer = await admin.post(DOMAINS, hidden(asked.text));
    const path = answer.to ?? '';
    expect((await admin.get(path)).text).toContain('The work has begun.');
    // Made after the question, so not meant by it.
    await b.domains.create(b.system, { name: 'late.example' });
    expect(await work()).toMatchObject([{ outcome: 'done' }]);
    expect(await enabled()).toBe(1);
    expect(await find(path)).toMatchObject({ done: MANY, total: MANY, reported: 0, startedBy: { username: 'admin' } });
    const page = (await admin.get(path)).text;
    expect(page).toContain('1001 / 1001');
    expect(page).toMatch(/Started by<\/dt><dd>admin</);
    expect((await b.domains.show(b.system, 'test.com')).enabled).toBe(true);
  });

  it('are deleted only after their number was typed', async () => {
    await makeDomains(MANY);
    const asked = await admin.post(DOMAINS, sent('delete'));
    expect(asked.text).toContain('Delete 1,001 domains?');
    for (const confirmation of ['1000', '1001 or so', 'true']) {
      const refused = await admin.post(DOMAINS, { ...hidden(asked.text), isAgreed: 'true', confirmation });
      expect([confirmation, refused.status]).toEqual([confirmation, 422]);
    }
    const without = await admin.post(DOMAINS, { ...hidden(asked.text), isAgreed: 'true' });
    expect(without.status).toBe(200);
    expect(await b.sql('select id from core_job')).toEqual([]);
    const answer = await admin.post(DOMAINS, { ...hidden(asked.text), confirmation: '1001' });
    expect(answer.status).toBe(303);
    await work();
    expect(await b.sql("select id from admin_domain where name like '%.example'")).toEqual([]);
  });

  it('are not begun where their number has changed, nor by whoever may not', async () => {
    await makeDomains(MANY);
    expect((await admin.post(DOMAINS, sent('disable', MANY + 1))).status).toBe(409);
    const domainAdmin = await site.as('admin@test.com');
    const tried = await domainAdmin.post(DOMAINS, { ...sent('disable'), isAgreed: 'true' });
    expect(tried.status).toBe(403);
    expect(await b.sql('select id from core_job')).toEqual([]);
  });

  it('stop being changed when the account that started it is disabled or has lost the right', async () => {
    await makeDomains(MANY);
    const [row] = await b.sql("select id from core_user where username = 'reseller'");
    await b.sql(
      "insert into core_access (user_id, kind, object_id, is_owner) select ?, 'admin.domain', id, true from admin_domain where name like '%.example'",
      [row?.id],
    );
    const reseller = await site.as('reseller');
    const path = await begin(reseller, DOMAINS, sent('disable'));
    meddle = {
      at: 50,
      how: async () => void (await b.sql("update core_user set is_active = false where username = 'reseller'")),
    };
    await work();
    expect(await enabled()).toBe(MANY - 60);
    expect((await find(path))?.error).toBe(
      'Stopped after 60 rows: the account reseller, which started this, is gone or disabled.',
    );
    await b.sql("update core_user set is_active = true, role = 'SimpleUsers' where username = 'reseller'");
    await b.host.kernel.jobs.retry(idOf(path));
    await work();
    expect((await find(path))?.error).toBe('Stopped after 0 rows: reseller, who started this, may no longer do it.');
    // Back in his role he goes on; done rows stay done.
    await b.sql("update core_user set role = 'Resellers' where username = 'reseller'");
    await b.host.kernel.jobs.retry(idOf(path));
    await work();
    expect([(await find(path))?.state, await enabled()]).toEqual(['done', 0]);
  });

  it('are cancelled between two batches, by whoever started it', async () => {
    await makeDomains(MANY);
    const path = await begin(admin, DOMAINS, sent('disable'));
    meddle = {
      at: 30,
      how: async () => {
        const answer = await admin.post(`${path}cancel/`, {});
        expect(answer.status).toBe(303);
        // A progress that is written finds out.
        await new Promise((resolve) => setTimeout(resolve, 1_200));
      },
    };
    await work();
    const left = await enabled();
    expect(left).toBeGreaterThanOrEqual(MANY - 100);
    expect((MANY - left) % 20).toBe(0);
    expect(await find(path)).toMatchObject({ state: 'failed', error: 'cancelled' });
  });

  it('that are refused stand in the report, which only he and the managers of jobs see', async () => {
    const domain = (await b.domains.show(b.system, 'test.com')).pk;
    await b.context.data.write(async () => {
      for (let i = 0; i < MANY; i += 1) {
        await b.sql(
          "insert into admin_alias (address, domain_id, enabled, internal, description, creation, last_modification) values (?, ?, true, false, '', ?, ?)",
          [`many${i}@test.com`, domain, '2026-01-01 00:00:00', '2026-01-01 00:00:00'],
        );
      }
    });
    const domainAdmin = await site.as('admin@test.com');
    const total = MANY + 5;
    const path = await begin(domainAdmin, '/admin/identities/', {
      action: 'disable',
      all: 'true',
      total: String(total),
    });
    expect(await work()).toMatchObject([{ outcome: 'done' }]);
    const left = await b.sql('select address from admin_alias where internal = false and enabled = true');
    expect(left).toEqual([]);
    expect((await b.mailboxes.show(b.system, 'user@test.com')).is_active).toBe(false);
    expect((await b.mailboxes.show(b.system, 'admin@test.com')).is_active).toBe(true);
    expect(await find(path)).toMatchObject({ done: total, reported: 1 });
    const page = await domainAdmin.get(path);
    expect(page.text).toContain('You cannot disable your own account.');
    expect(page.text).not.toContain('href="/core/jobs/"');
    const file = await domainAdmin.get(`${path}report/`);
    expect(file.text).toBe('Name,Message\r\nadmin@test.com,You cannot disable your own account.\r\n');
    for (const other of ['reseller', 'admin@test2.com']) {
      const reader = await site.as(other);
      for (const rest of ['', 'report/']) expect((await reader.get(`${path}${rest}`)).status).toBe(404);
      expect((await reader.post(`${path}cancel/`, {})).status).toBe(404);
      expect((await reader.post(`${path}retry/`, {})).status).toBe(403);
    }
    expect((await admin.get(path)).status).toBe(200);
  });
});
