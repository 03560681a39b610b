import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Serving, serve } from '../host/serving.js';
import { freshInstance, type Instance } from '../kit/src/cli/cli.js';
import { requireSuite } from '../kit/src/servers/index.js';
import { accessibility, launch, overflow, tabTo, type Visitor, visitor } from './browser.js';

let instance: Instance;
let serving: Serving;
let browser: Browser;
const at = (path: string): string => `http://127.0.0.1:${serving.port}${path}`;

/** Enter, and the page that it leads to. */
async function enter(page: Page, path: string | RegExp): Promise<void> {
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => (typeof path === 'string' ? url.pathname === path : path.test(url.pathname)));
  await page.waitForLoadState();
}

async function fits(page: Page): Promise<void> {
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    expect([width, await overflow(page)]).toEqual([width, 0]);
  }
  expect(await accessibility(page)).toEqual([]);
}

describe.skipIf(!requireSuite('browser'))('in a browser', () => {
  beforeAll(async () => {
    instance = await freshInstance();
    await instance.must(['domain', 'create', 'shared.test', '--quota', '100M']);
    serving = await serve(instance.directory);
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await serving?.[Symbol.asyncDispose]();
    await instance?.remove();
  });

  const admin = async (): Promise<Visitor> => {
    const v = await visitor(browser);
    await v.page.goto(at('/accounts/login/'));
    await v.page.getByLabel('Username').fill(instance.admin.username);
    await v.page.getByLabel('Password').fill(instance.admin.password);
    await v.page.getByRole('button', { name: 'Sign in' }).click();
    await v.page.waitForURL(at('/dashboard/'));
    return v;
  };

  it('somebody without a mouse signs in and makes a domain', async () => {
    const v = await visitor(browser);
    const { page } = v;
    await page.goto(at('/accounts/login/'));
    await tabTo(page, 'input[name=username]');
    await page.keyboard.type(instance.admin.username);
    await tabTo(page, 'input[name=password]');
    await page.keyboard.type(instance.admin.password);
    await enter(page, '/dashboard/');
    await tabTo(page, 'a[href="/admin/domains/"]');
    await enter(page, '/admin/domains/');
    await tabTo(page, 'a[href="/admin/domains/new/"]');
    await enter(page, '/admin/domains/new/');
    await tabTo(page, 'input[name="general.name"]');
    await page.keyboard.type('keys.test');
    await tabTo(page, '[data-ph-next]');
    await page.keyboard.press('Enter');
    await page.getByText('Step 2 of 2').waitFor();
    await tabTo(page, 'main form button[type=submit]:not([data-ph-next])');
    await enter(page, '/admin/domains/keys.test/');
    expect(await page.locator('h1').first().innerText()).toContain('keys.test');
    const shown = (await instance.must(['domain', 'show', 'keys.test', '--json'])).json();
    expect(shown).toMatchObject({ name: 'keys.test', enabled: true });
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('rows are ticked and disabled with the keyboard, with scripts and without', async () => {
    const v = await admin();
    const { page } = v;
    await page.goto(at('/admin/domains/?q=shared'));
    await tabTo(page, 'input[name=ids]');
    await page.keyboard.press('Space');
    await page.locator('button[name=action][value=disable]').focus();
    await page.keyboard.press('Enter');
    await page.getByText('Disabled: 1.').waitFor();
    expect(await page.locator('main').innerText()).toContain('shared.test');
    const plain = await visitor(browser, { javaScript: false });
    await plain.context.addCookies(await v.context.cookies());
    await plain.page.goto(at('/admin/domains/?q=shared'));
    await plain.page.locator('input[name=ids]').check();
    await plain.page.locator('button[name=action][value=enable]').click();
    await plain.page.getByText('Enabled: 1.').waitFor();
    await plain.page.locator('input[name=ids]').check();
    await plain.page.locator('button[name=action][value=delete]').click();
    await plain.page.getByText('Delete one domain?').waitFor();
    expect((await instance.must(['domain', 'show', 'shared.test', '--json'])).json()).toMatchObject({ enabled: true });
    expect([...v.complaints, ...plain.complaints]).toEqual([]);
    await v.context.close();
    await plain.context.close();
  });

  it('what was not done is named, and a deletion asks first, on pages that fit', async () => {
    const v = await admin();
    const { page } = v;
    await page.goto(at('/admin/identities/'));
    await page.locator('input[name=ids]').first().check();
    await page.locator('button[name=action][value=disable]').click();
    await page.getByText('You cannot disable your own account.').waitFor();
    await fits(page);
    await page.goto(at('/admin/domains/?q=shared'));
    await page.locator('input[name=ids]').check();
    await page.locator('button[name=action][value=delete]').click();
    await page.getByText('Delete one domain?').waitFor();
    await fits(page);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('two people change one domain: the second sees what the first saved', async () => {
    const [first, second] = [await admin(), await admin()];
    const form = '/admin/domains/shared.test/edit/';
    const quota = 'input[name="general.quota"]';
    for (const { page } of [first, second]) await page.goto(at(form));
    const save = async ({ page }: Visitor, value: string): Promise<number> => {
      await page.locator(quota).fill(value);
      const answered = page.waitForResponse((answer) => answer.request().method() === 'POST');
      await page.locator('main form button[type=submit]').last().click();
      const status = (await answered).status();
      await page.waitForLoadState();
      return status;
    };
    expect(await save(first, '200M')).toBe(303);
    expect(await save(second, '300M')).toBe(409);
    expect(await second.page.locator(quota).inputValue()).toMatch(/^300/);
    expect(await second.page.locator('.ph-theirs').allInnerTexts()).toEqual([expect.stringMatching(/200/)]);
    expect((await instance.must(['domain', 'show', 'shared.test', '--json'])).json()).toMatchObject({ quota: 200 });
    // Now that both have been seen, the second may decide.
    expect(await save(second, '300M')).toBe(303);
    expect((await instance.must(['domain', 'show', 'shared.test', '--json'])).json()).toMatchObject({ quota: 300 });
    expect([...first.complaints, ...second.complaints]).toEqual([]);
    await first.context.close();
    await second.context.close();
  });
});
