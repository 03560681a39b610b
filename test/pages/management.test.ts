import { defineExtension, job, jobQueue, view, widget } from '@posthorn/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, bench, populate } from '../admin/fixture.js';
import { type Reader, type Site, startSite } from './site.js';

const base = { region: 'dashboard', permission: 'signed-in' } as const;

/** Widgets of every kind of trouble, and a job. It needs `admin`, which so cannot go without it. */
const demo = defineExtension({
  id: 'demo',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Demonstration',
  requires: { admin: '*' },
  views: new URL('./views/', import.meta.url),
  contributes: [
    job({ id: 'work', title: 'Some work', run: async () => undefined }),
    job({
      id: 'fussy',
      title: 'Fussy work',
      retries: 0,
      run: async (payload, context) => {
        const rows = payload === 'many' ? 10_001 : 2;
        await context.report(Array.from({ length: rows }, (_, i) => ({ subject: `=row ${i}`, text: 'refused, "so"' })));
        throw new Error('too fussy');
      },
    }),
    widget({ ...base, id: 'good', title: 'Good', load: async () => view('good', 'Good', { word: 'it works' }) }),
    widget({ ...base, id: 'broken', title: 'Broken view', load: async () => view('broken', 'Broken') }),
    widget({ ...base, id: 'none', title: 'Nothing', load: async () => undefined }),
    widget({
      ...base,
      id: 'thrown',
      title: 'Thrown',
      load: async () => {
        throw new Error('no figures');
      },
    }),
    widget({ ...base, id: 'late', title: 'Late', load: () => new Promise(() => undefined) }),
    widget({ ...base, id: 'secret', title: 'Secret', permission: 'core.manage_jobs', load: async () => undefined }),
  ],
});

let b: Bench;
let site: Site;
let admin: Reader;

beforeAll(async () => {
  b = await bench({ with: [demo] });
  await populate(b);
  site = await startSite(b.host);
  admin = await site.as('admin');
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await b.host[Symbol.asyncDispose]();
});

describe('the dashboard', () => {
  it('shows what can be shown, whatever happens to the rest', async () => {
    const { status, text } = await admin.get('/dashboard/');
    expect(status).toBe(200);
    expect(text).toContain('<p id="good">it works</p>');
    expect(text.match(/This part cannot be shown now\./g)).toHaveLength(3);
    for (const title of ['Broken view', 'Thrown', 'Late', 'Needs attention']) expect(text).toContain(title);
    expect(text).not.toContain('no figures');
  });
});

describe('jobs', () => {
  it('are shown and cancelled', async () => {
    const id = await b.host
      .context('demo')
      .get(jobQueue)
      .enqueue('demo.work', {}, { runAt: new Date('2099-01-01') });
    const before = await admin.get('/core/jobs/?state=ready');
    expect(before.text).toContain('Some work');
    const done = await admin.post(`/core/jobs/${id}/cancel/`, {});
    expect(done.to).toBe('/core/jobs/');
    expect((await b.host.kernel.jobs.driver.find(id ?? 0))?.state).toBe('failed');
    expect((await admin.post('/core/jobs/99999/cancel/', {})).status).toBe(404);
  });
});

describe('a job', () => {
  const enqueue = async (payload: unknown) =>
    (await b.host.context('demo').get(jobQueue).enqueue('demo.fussy', payload)) as number;
  const work = () => b.host.kernel.jobs.runner(['default']).drain();

  it('that failed is run again from its page, with a report of its own', async () => {
    const id = await enqueue('few');
    const path = `/core/jobs/${id}/`;
    expect((await admin.post(`${path}retry/`, {})).status).toBe(409);
    await work();
    const failed = (await admin.get(path)).text;
    expect(failed).toContain('too fussy');
    expect(failed).toContain('Report: 2');
    expect((await admin.get(`${path}report/`)).text).toBe(
      `Name,Message\r\n'=row 0,"refused, ""so"""\r\n'=row 1,"refused, ""so"""\r\n`,
    );
    const again = await admin.post(`${path}retry/`, {});
    expect([again.status, again.to]).toEqual([303, path]);
    expect(await b.host.kernel.jobs.driver.find(id)).toMatchObject({ state: 'ready', attempts: 0, error: null });
    await work();
    expect(await b.host.kernel.jobs.driver.find(id)).toMatchObject({ state: 'failed', attempts: 1, reported: 2 });
    expect(await b.sql('select id from core_job_report where job_id = ?', [id])).toHaveLength(2);
  });

  it('whose extension is off is not, and says why', async () => {
    const id = await enqueue('few');
    await work();
    await b.sql("update core_job set extension = 'gone' where id = ?", [id]);
    const refused = await admin.post(`/core/jobs/${id}/retry/`, {});
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('No enabled extension has the job gone.fussy.');
    expect((await b.host.kernel.jobs.driver.find(id))?.state).toBe('failed');
  });

  it('keeps ten thousand rows of its report and counts the others', async () => {
    const id = await enqueue('many');
    await work();
    const page = (await admin.get(`/core/jobs/${id}/`)).text;
    expect(page).toContain('Report: 10,001');
    expect(page).toContain('the file has the first 10,000');
    expect((await admin.get(`/core/jobs/${id}/report/`)).text.split('\r\n')).toHaveLength(10_002);
  });

  it('is nobody else’s', async () => {
    const id = await enqueue('few');
    const reader = await site.as('admin@test.com');
    for (const wrong of [String(id), '0', 'x', '99999999999999999999']) {
      expect((await reader.get(`/core/jobs/${wrong}/`)).status).toBe(404);
    }
    expect((await reader.post(`/core/jobs/${id}/cancel/`, {})).status).toBe(404);
    expect((await reader.post(`/core/jobs/${id}/retry/`, {})).status).toBe(403);
    expect((await b.host.kernel.jobs.driver.find(id))?.state).toBe('ready');
    await work();
  });
});

describe('logs', () => {
  it('are searched and filtered', async () => {
    for (const [level, message] of [
      ['info', 'Signed in: ada'],
      ['warning', 'Sign-in failed: 100% bob'],
    ]) {
      await b.sql('insert into core_log (level, logger, message) values (?, ?, ?)', [level, 'host.auth', message]);
    }
    const found = await admin.get('/core/logs/?q=100%25');
    expect([found.text.includes('100% bob'), found.text.includes('Signed in: ada')]).toEqual([true, false]);
    const warnings = await admin.get('/core/logs/?level=warning');
    expect([warnings.text.includes('100% bob'), warnings.text.includes('Signed in: ada')]).toEqual([true, false]);
  });
});

describe('extensions', () => {
  const wanted = async (): Promise<Record<string, unknown>> =>
    Object.fromEntries(
      (await b.sql('select id, desired from core_extension order by id')).map((row) => [row.id, row.desired]),
    );

  it('say what they bring', async () => {
    const { text } = await admin.get('/core/extensions/');
    for (const part of ['Demonstration', 'Widgets: 6', 'Jobs: 2']) expect(text).toContain(part);
  });

  it('are not disabled by a wrong name, nor without those that need them', async () => {
    const question = await admin.get('/core/extensions/admin/disable/');
    expect(question.text).toContain('demo');
    expect((await admin.post('/core/extensions/admin/disable/', { confirmation: 'other' })).status).toBe(422);
    expect((await admin.post('/core/extensions/admin/disable/', { confirmation: 'admin' })).status).toBe(422);
    expect(await wanted()).toEqual({ admin: 'enabled', demo: 'enabled' });
  });

  it('are disabled with them', async () => {
    const done = await admin.post('/core/extensions/admin/disable/', {
      confirmation: 'admin',
      with_dependents: 'true',
    });
    expect(done.to).toBe('/core/extensions/');
    expect(await wanted()).toEqual({ admin: 'disabled', demo: 'disabled' });
    expect((await admin.get('/core/extensions/')).text).toContain('Disabled: admin, demo.');
  });

  it('that are not installed cannot be enabled', async () => {
    const refused = await admin.post('/core/extensions/nothing/enable/', {});
    expect(refused.to).toBe('/core/extensions/');
  });
});
