import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, bench, populate, refusal } from '../admin/fixture.js';
import { requireSuite } from '../kit/src/servers/index.js';
import { type Site, startSite } from '../pages/site.js';
import { mood, onward } from '../pages/wizard-demo.js';
import { accessibility, launch, overflow, tabTo, type Visitor, visitor } from './browser.js';

let b: Bench;
let site: Site;
let browser: Browser;

const name = (page: Page) => page.locator('[name="general.name"]');
const type = (page: Page) => page.locator('[name="general.type"]');
const host = (page: Page) => page.locator('[name="onward.host"]');
const next = (page: Page) => page.locator('[data-ph-next]').click();
const finish = (page: Page) => page.locator('.ph-savebar button[type=submit]').last().click();
/** The title of the step that is open has the focus. */
const opened = (page: Page, title: string) => page.locator('h2:focus', { hasText: title }).waitFor();
const steps = (page: Page) => page.locator('[data-ph-steps] > li:visible .ph-step-name').allInnerTexts();

describe.skipIf(!requireSuite('browser'))('a wizard in a browser', () => {
  beforeAll(async () => {
    b = await bench({ with: [onward] });
    await populate(b);
    site = await startSite(b.host);
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.[Symbol.asyncDispose]();
    await b?.host[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    mood.fails = false;
  });

  async function admin(path: string, o: Parameters<typeof visitor>[1] = {}): Promise<Visitor> {
    const v = await visitor(browser, o);
    const [cookie = '', value = ''] = (await site.cookie('admin')).split('=');
    await v.context.addCookies([{ name: cookie, value, url: site.base }]);
    await v.page.goto(`${site.base}${path}`);
    return v;
  }
  const landed = (page: Page, domain: string) => page.waitForURL(`${site.base}/admin/domains/${domain}/`);
  const serverOf = async (domain: string) => {
    const sql = 'select s.host from onward_server s inner join admin_domain d on d.id = s.domain_id where d.name = ?';
    return (await b.sql<{ host: string }>(sql, [domain]))[0]?.host;
  };

  it('goes step by step; a step comes and goes with what was chosen; a mistake keeps what was typed', async () => {
    const v = await admin('/admin/domains/new/');
    const { page } = v;
    expect(await steps(page)).toEqual(['General', 'Administrator']);
    expect(await page.locator('[aria-current=step] .ph-step-name').innerText()).toBe('General');
    await next(page);
    expect(await page.locator('#f-general-name-error').innerText()).toBe('is required');
    await name(page).fill('test.com');
    await next(page);
    expect(await page.locator('[data-ph-summary]').innerText()).toContain('The domain test.com exists already.');
    await name(page).fill('steps.test');
    await type(page).selectOption('relaydomain');
    expect(await steps(page)).toEqual(['General', 'Next server', 'Administrator']);
    await next(page);
    await opened(page, 'Step 2 of 3 Next server');
    expect(await page.locator('[data-ph-summary], [aria-invalid=true]').count()).toBe(0);
    await host(page).fill('nowhere');
    await page.locator('[name="onward.note"]').fill('kept');
    await next(page);
    await page.locator('[data-ph-summary]:focus').waitFor();
    await page.locator('[data-ph-summary] a').click();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('f-onward-host');
    expect(await page.locator('[name="onward.note"]').inputValue()).toBe('kept');
    // Back to a domain that needs no server, and forth again.
    await page.locator('[data-ph-back]').click();
    await opened(page, 'General');
    await type(page).selectOption('domain');
    await next(page);
    await opened(page, 'Step 2 of 2 Administrator');
    await page.locator('[data-ph-steps] a', { hasText: 'General' }).click();
    await type(page).selectOption('relaydomain');
    // What has not been seen yet cannot be jumped over.
    expect(await page.locator('[data-ph-steps] a', { hasText: 'Administrator' }).getAttribute('href')).toBeNull();
    await next(page);
    await opened(page, 'Next server');
    expect(await host(page).inputValue()).toBe('nowhere');
    await host(page).fill('mx.test');
    await next(page);
    await opened(page, 'Step 3 of 3 Administrator');
    expect(await refusal(b.domains.show(b.system, 'steps.test'))).toBe('E_ADMIN_DOMAIN_NOT_FOUND');
    await finish(page);
    await landed(page, 'steps.test');
    expect(await serverOf('steps.test')).toBe('mx.test');
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('is one page without scripts, with the same answers', async () => {
    const v = await admin('/admin/domains/new/', { javaScript: false });
    const { page } = v;
    expect(await page.locator('[data-ph-next]').isVisible()).toBe(false);
    await name(page).fill('plain.test');
    await type(page).selectOption('relaydomain');
    await host(page).fill('nowhere');
    await finish(page);
    expect(await page.locator('[data-ph-summary]').innerText()).toContain('does not answer');
    expect([await name(page).inputValue(), await host(page).inputValue()]).toEqual(['plain.test', 'nowhere']);
    // A step that does not count is not asked about.
    await type(page).selectOption('domain');
    await finish(page);
    await landed(page, 'plain.test');
    expect(await serverOf('plain.test')).toBeUndefined();
    await v.context.close();
  });

  it('is gone through with the keyboard alone', async () => {
    const v = await admin('/admin/domains/new/');
    const { page } = v;
    await tabTo(page, '[name="general.name"]');
    await page.keyboard.type('keys.test');
    await page.keyboard.press('Enter');
    await opened(page, 'Administrator');
    await tabTo(page, '[name="options.create_dom_admin"]');
    await page.keyboard.press('Space');
    await tabTo(page, '[data-ph-back]');
    await page.keyboard.press('Enter');
    await opened(page, 'General');
    await tabTo(page, '[data-ph-next]');
    await page.keyboard.press('Enter');
    await opened(page, 'Administrator');
    await tabTo(page, '[name="options.dom_admin_username"]');
    await page.keyboard.press('Enter');
    await page.getByText('shown only now').waitFor();
    const password = await page.locator('dd code').last().innerText();
    expect(await b.host.kernel.accounts.verify('admin@keys.test', password)).toBeTruthy();
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('keeps a password that was typed while a later step is refused', async () => {
    const v = await admin('/admin/accounts/new/');
    const { page } = v;
    await page.locator('[name="general.username"]').fill('kept@test.com');
    await page.locator('[name="general.password"]').fill('Grenoble-Isere-38');
    await next(page);
    await opened(page, 'Mail');
    await page.locator('[name="mail.use_domain_quota"]').uncheck();
    await page.locator('[name="mail.quota"]').fill('huge');
    await finish(page);
    await page.locator('[data-ph-summary]').waitFor();
    expect(await page.locator('[data-ph-summary]').innerText()).toContain('must be a size');
    await page.locator('[name="mail.quota"]').fill('5M');
    await finish(page);
    await page.waitForURL(/\/admin\/accounts\/\d+\/$/);
    expect(await b.host.kernel.accounts.verify('kept@test.com', 'Grenoble-Isere-38')).toBeTruthy();
    await v.context.close();
  });

  it('opens the step that could not be saved', async () => {
    mood.fails = true;
    const v = await admin('/admin/domains/new/');
    const { page } = v;
    await name(page).fill('broken.test');
    await type(page).selectOption('relaydomain');
    await next(page);
    await opened(page, 'Next server');
    await host(page).fill('mx.test');
    await next(page);
    await opened(page, 'Administrator');
    await finish(page);
    await page.getByText('the wire is cut').waitFor();
    expect(await page.locator('[aria-current=step] .ph-step-name').innerText()).toBe('Next server');
    expect(await host(page).isVisible()).toBe(true);
    mood.fails = false;
    await next(page);
    await opened(page, 'Administrator');
    await finish(page);
    await landed(page, 'broken.test');
    await v.context.close();
  });

  it('loses nothing where the reader is no longer signed in', async () => {
    const v = await admin('/admin/domains/new/');
    const { page } = v;
    await name(page).fill('waiting.test');
    const cookies = await v.context.cookies();
    await v.context.clearCookies();
    await next(page);
    await page.getByText('This step could not be checked').waitFor();
    expect(await name(page).inputValue()).toBe('waiting.test');
    await v.context.addCookies(cookies);
    await next(page);
    await opened(page, 'Administrator');
    expect(await page.getByText('This step could not be checked').isVisible()).toBe(false);
    await v.context.close();
  });

  it.each([
    ['light, wide', { width: 1280 }],
    ['dark, wide', { width: 1280, dark: true }],
    ['light, phone', { width: 390 }],
    ['dark, phone', { width: 390, dark: true }],
    ['light, narrow', { width: 320 }],
  ] as const)('is accessible and fits at every step: %s', async (_name, o) => {
    const v = await admin('/admin/domains/new/', o);
    const { page } = v;
    const wrong: string[] = [];
    const look = async (at: string): Promise<void> => {
      if ((await overflow(page)) > 0) wrong.push(`${at}: wider than the window`);
      wrong.push(...(await accessibility(page)).map((one) => `${at}: ${one}`));
    };
    await name(page).fill('test.com');
    await type(page).selectOption('relaydomain');
    await next(page);
    await page.locator('[data-ph-summary]').waitFor();
    await look('refused');
    await name(page).fill('looked.test');
    await next(page);
    await opened(page, 'Next server');
    await look('second');
    await host(page).fill('mx.test');
    await next(page);
    await opened(page, 'Administrator');
    await page.locator('[name="options.create_dom_admin"]').check();
    await page.locator('[name="options.random_password"]').uncheck();
    await look('last');
    expect(wrong).toEqual([]);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});
