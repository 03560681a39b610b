import type { Browser, Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Serving, serve, sql } from '../host/serving.js';
import { freshInstance, type Instance } from '../kit/src/cli/cli.js';
import { requireSuite } from '../kit/src/servers/index.js';
import { accessibility, launch, overflow, type Visitor, visitor } from './browser.js';

let instance: Instance;
let serving: Serving;
let browser: Browser;
const at = (path: string): string => `http://127.0.0.1:${serving.port}${path}`;
const DOMAINS = '/admin/domains/';

/** Rows of the list as they are read: the first cell of each. */
const names = (page: Page): Promise<string[]> => page.locator('.ph-cell-first').allInnerTexts();
const search = (page: Page) => page.getByRole('searchbox').first();
/** Waits for what an answer brings, also on a machine that is busy. */
const soon = <T>(look: () => Promise<T> | T) => expect.poll(look, { timeout: 15_000 });
const isInPlace = (request: Request): boolean => request.headers()['hx-request'] === 'true';

async function admin(o: Parameters<typeof visitor>[1] = {}): Promise<Visitor> {
  const v = await visitor(browser, o);
  await v.page.goto(at('/accounts/login/'));
  await v.page.getByLabel('Username').fill(instance.admin.username);
  await v.page.getByLabel('Password').fill(instance.admin.password);
  await v.page.getByRole('button', { name: 'Sign in' }).click();
  await v.page.waitForURL('**/dashboard/');
  return v;
}

/** A page that is still the same document afterwards; a new one has lost the mark. */
const mark = (page: Page): Promise<void> =>
  page.evaluate('document.documentElement.dataset.mark = "here"') as Promise<void>;
const isMarked = (page: Page): Promise<boolean> => page.evaluate('document.documentElement.dataset.mark === "here"');

describe.skipIf(!requireSuite('browser'))('pages that change in place', () => {
  beforeAll(async () => {
    instance = await freshInstance();
    serving = await serve(instance.directory);
    for (let i = 0; i < 45; i += 1) {
      sql(
        instance.directory,
        `insert into admin_domain (name, type, enabled) select 'd${String(i).padStart(2, '0')}.test', 'domain', ${i % 2}`,
      );
    }
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await serving?.[Symbol.asyncDispose]();
    await instance?.remove();
  });

  it.each([true, false])('keep a filter under a name, on a phone and in the dark (scripts: %s)', async (javaScript) => {
    const v = await admin({ javaScript, width: 390, dark: true });
    const { page } = v;
    await page.goto(at(`${DOMAINS}?enabled=no`));
    await page.getByText('Save this filter').click();
    await page.getByLabel('Name', { exact: true }).fill('Switched off, waiting for the owner');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const link = page.getByRole('link', { name: 'Switched off, waiting for the owner' });
    expect(await link.getAttribute('aria-current')).toBe('page');
    if (javaScript) {
      expect(await accessibility(page)).toEqual([]);
      expect(await overflow(page)).toBe(0);
    }
    await page.goto(at(DOMAINS));
    await link.click();
    await page.waitForURL('**/?enabled=no');
    await page.getByRole('button', { name: 'Remove the saved filter Switched off, waiting for the owner' }).click();
    expect(await link.count()).toBe(0);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('search while somebody types: the caret stays, the address can be shared, Back leads back', async () => {
    const v = await admin();
    const { page } = v;
    await page.goto(at(DOMAINS));
    await mark(page);
    const all = await names(page);
    await search(page).focus();
    await page.keyboard.type('4d', { delay: 20 });
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Backspace');
    await soon(() => new URL(page.url()).search).toBe('?q=d');
    await page.keyboard.press('End');
    await page.keyboard.type('03', { delay: 20 });
    await soon(() => names(page)).toEqual(['d03.test']);
    expect(await search(page).inputValue()).toBe('d03');
    expect(await page.evaluate('document.activeElement.selectionStart')).toBe(3);
    await soon(() => page.locator('[data-ph-found-aloud]').textContent()).toBe('Results: 1');
    expect(new URL(page.url()).search).toBe('?q=d03');
    await page.goBack();
    await soon(() => names(page)).toEqual(all);
    expect(await search(page).inputValue()).toBe('');
    expect(new URL(page.url()).search).toBe('');
    await page.goForward();
    await soon(() => names(page)).toEqual(['d03.test']);
    expect(await search(page).inputValue()).toBe('d03');
    expect(await isMarked(page)).toBe(true);
    // Typing works on in what the history has brought back.
    await search(page).fill('d04');
    await soon(() => names(page)).toEqual(['d04.test']);
    await page.goto(page.url());
    expect(await names(page)).toEqual(['d04.test']);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('take the newest answer, however late an older one is', async () => {
    const v = await admin();
    const { page } = v;
    await page.goto(at(DOMAINS));
    await page.route('**/admin/domains/?q=d0', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await route.continue().catch(() => {});
    });
    await search(page).fill('d0');
    await page.waitForRequest('**/admin/domains/?q=d0');
    await search(page).fill('d07');
    await soon(() => names(page)).toEqual(['d07.test']);
    await page.waitForTimeout(1_700);
    expect(await names(page)).toEqual(['d07.test']);
    expect(new URL(page.url()).search).toBe('?q=d07');
    await v.context.close();
  });

  it('filter, sort and turn pages together, and forget what was selected', async () => {
    const v = await admin();
    const { page } = v;
    await page.goto(at(DOMAINS));
    await mark(page);
    await page.locator('tbody .ph-check input').first().check();
    expect(await page.locator('.ph-bulk').isVisible()).toBe(true);
    await page.getByRole('link', { name: 'Next page' }).focus();
    await page.keyboard.press('Enter');
    await soon(() => new URL(page.url()).search).toBe('?page=2');
    expect(await page.locator('.ph-bulk').isVisible()).toBe(false);
    expect(await page.locator('tbody .ph-check input:checked').count()).toBe(0);
    await soon(() => page.locator('[data-ph-found-aloud]').textContent()).toMatch(/^Results: 45; page 2 of \d$/);
    await page.locator('.ph-sort', { hasText: 'Name' }).click();
    await soon(() => new URL(page.url()).search).toBe('?sort=-name');
    expect((await names(page))[0]).toBe('d44.test');
    expect(await page.evaluate('document.activeElement.id')).toBe('domains-by-name');
    await page.locator('.ph-filters select[name=enabled]').selectOption('no');
    await soon(() => new URL(page.url()).search).toBe('?enabled=no&sort=-name');
    await search(page).fill('d1');
    await soon(() => names(page)).toEqual(['d18.test', 'd16.test', 'd14.test', 'd12.test', 'd10.test']);
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({ q: 'd1', enabled: 'no', sort: '-name' });
    await page.locator('[data-ph-all]').check();
    expect(await page.locator('[data-ph-count]').textContent()).toBe('5');
    await search(page).fill('nothing like that');
    await soon(() => page.locator('[data-ph-found-aloud]').textContent()).toBe('Nothing found');
    expect(await page.locator('.ph-empty').isVisible()).toBe(true);
    expect(await isMarked(page)).toBe(true);
    expect(await accessibility(page)).toEqual([]);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it.each([
    [
      'the server fails',
      (page: Page) =>
        page.route('**', (route) =>
          isInPlace(route.request()) ? route.fulfill({ status: 500, body: '<p>no</p>' }) : route.continue(),
        ),
    ],
    [
      'the connection breaks',
      (page: Page) => page.route('**', (route) => (isInPlace(route.request()) ? route.abort() : route.continue())),
    ],
    [
      'something else answers',
      (page: Page) =>
        page.route('**', (route) =>
          isInPlace(route.request()) ? route.fulfill({ status: 200, body: '<p>portal</p>' }) : route.continue(),
        ),
    ],
  ])('go on as plain pages where %s', async (_, fail) => {
    const v = await admin();
    const { page } = v;
    await page.goto(at(DOMAINS));
    await fail(page);
    await mark(page);
    await search(page).fill('d05');
    await soon(() => page.locator('[data-ph-found-aloud]').innerText()).toContain('Press Enter');
    expect([await isMarked(page), await search(page).inputValue()]).toEqual([true, 'd05']);
    await search(page).press('Enter');
    await soon(() => names(page)).toEqual(['d05.test']);
    expect(await isMarked(page)).toBe(false);
    expect(new URL(page.url()).searchParams.get('q')).toBe('d05');
    await page.goto(at(DOMAINS));
    await mark(page);
    await page.locator('.ph-sort', { hasText: 'Name' }).click();
    await page.waitForURL('**/?sort=-name');
    await soon(() => names(page).then((all) => all[0])).toBe('d44.test');
    expect(await isMarked(page)).toBe(false);
    await v.context.close();
  });

  it('leave links alone that are opened in another tab', async () => {
    const v = await admin();
    const [other] = await Promise.all([
      v.context.waitForEvent('page'),
      v.page
        .goto(at(DOMAINS))
        .then(() => v.page.locator('.ph-sort', { hasText: 'Name' }).click({ modifiers: ['Control'] })),
    ]);
    await other.waitForURL('**/?sort=-name');
    expect(new URL(v.page.url()).search).toBe('');
    await v.context.close();
  });

  it('lead to the sign-in page when the session has ended', async () => {
    const v = await admin();
    await v.page.goto(at(`${DOMAINS}?q=d0`));
    await v.context.clearCookies();
    await search(v.page).fill('d01');
    await v.page.waitForURL('**/accounts/login/**');
    expect(new URL(v.page.url()).searchParams.get('next')).toBe(`${DOMAINS}?q=d0`);
    await v.context.close();
  });

  it('are the same without scripts', async () => {
    const v = await admin({ javaScript: false });
    const { page } = v;
    await page.goto(at(DOMAINS));
    await search(page).fill('d06');
    await page.getByRole('button', { name: 'Filter' }).click();
    expect(await names(page)).toEqual(['d06.test']);
    await v.context.close();
  });

  it('follow a job while it runs, keep the focus, and stop when it is done', async () => {
    const { directory } = instance;
    const far = Date.now() + 3_600_000;
    sql(
      directory,
      `insert into core_job (id, queue, extension, name, payload, state, run_at, attempts, locked_by, locked_until, done, total)
       values (7000, 'elsewhere', 'core', 'purge-jobs', '{}', 'active', 0, 1, 'nobody', ${far}, 3, 40)`,
    );
    const v = await admin();
    const { page } = v;
    await page.goto(at('/core/jobs/'));
    expect(await page.locator('.ph-meter-label').innerText()).toBe('3 / 40');
    await page.getByRole('button', { name: /^Cancel .*7000/ }).focus();
    sql(directory, 'update core_job set done = 17 where id = 7000');
    await soon(() => page.locator('.ph-meter-label').innerText()).toBe('17 / 40');
    expect(await page.evaluate('document.activeElement.textContent')).toContain('7000');
    await page.locator('.ph-row-link', { hasText: '7000' }).click();
    await page.waitForURL('**/core/jobs/7000/');
    expect(await accessibility(page)).toEqual([]);
    await mark(page);
    sql(directory, 'update core_job set done = 39 where id = 7000');
    await soon(() => page.locator('.ph-meter-label').innerText()).toBe('39 / 40');
    sql(directory, "update core_job set done = 40, state = 'done', locked_until = null where id = 7000");
    await soon(() => page.locator('.ph-status').innerText()).toBe('Done');
    expect(await page.getByRole('button', { name: 'Cancel this job' }).count()).toBe(0);
    let asked = 0;
    page.on('request', () => {
      asked += 1;
    });
    await page.waitForTimeout(4_500);
    expect(asked).toBe(0);
    expect(await isMarked(page)).toBe(true);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('show a link to refresh where there are no scripts', async () => {
    // Below the one before: jobs by the clock go on behind it.
    sql(
      instance.directory,
      `insert into core_job (id, queue, extension, name, payload, state, run_at, attempts, locked_by, locked_until, done, total)
       values (6999, 'elsewhere', 'core', 'purge-jobs', '{}', 'active', 0, 1, 'nobody', ${Date.now() + 3_600_000}, 1, 4)`,
    );
    const v = await admin({ javaScript: false });
    await v.page.goto(at('/core/jobs/6999/'));
    sql(instance.directory, 'update core_job set done = 2 where id = 6999');
    await v.page.getByRole('link', { name: 'Refresh' }).click();
    expect(await v.page.locator('.ph-meter-label').innerText()).toBe('2 / 4');
    sql(instance.directory, 'delete from core_job where id in (7000, 6999)');
    await v.context.close();
  });
});
