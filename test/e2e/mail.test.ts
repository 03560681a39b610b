import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Serving, serve } from '../host/serving.js';
import { requireSuite, until } from '../kit/src/servers/index.js';
import { type MailSystem, startMailSystem } from '../postfix/mail-system.js';
import { launch, type Visitor, visitor } from './browser.js';

const ADDRESS = 'mia@pages.test';
const ALIAS = 'sales@pages.test';
const FIRST = 'Kiesel-und-73-Wale';
const SECOND = 'Moos-und-41-Raben';

let mail: MailSystem;
let serving: Serving;
let browser: Browser;
const at = (path: string): string => `http://127.0.0.1:${serving.port}${path}`;

async function signIn(username: string, password: string, o: Parameters<typeof visitor>[1] = {}): Promise<Visitor> {
  const v = await visitor(browser, o);
  await v.page.goto(at('/accounts/login/'));
  await v.page.getByLabel('Username').fill(username);
  await v.page.getByLabel('Password').fill(password);
  await v.page.getByRole('button', { name: 'Sign in' }).click();
  await v.page.waitForLoadState();
  return v;
}

/** Goes on to the step on which something can be seen; a form that stands on one page has no steps. */
async function reach(page: Page, wanted: Locator): Promise<Locator> {
  const next = page.locator('main').getByRole('button', { name: 'Next' });
  while (!(await wanted.isVisible()) && (await next.isVisible())) await next.click();
  return wanted;
}

/** Fills in what has these labels and sends the form. */
async function send(page: Page, fields: Readonly<Record<string, string>>, submit: RegExp): Promise<void> {
  const main = page.locator('main');
  for (const [label, value] of Object.entries(fields)) {
    const field = main.getByLabel(new RegExp(`^${label}`)).first();
    await (await reach(page, field)).fill(value);
  }
  const button = main.getByRole('button', { name: submit });
  await (await reach(page, button)).click();
  await page.waitForLoadState();
}

const heading = (page: Page): Promise<string> => page.getByRole('heading', { level: 1 }).innerText();

describe.skipIf(!requireSuite('browser') || !requireSuite('mail'))('mail of what was made in the pages', () => {
  beforeAll(async () => {
    mail = await startMailSystem('sqlite');
    serving = await serve(mail.instance.directory);
    browser = await launch();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await serving?.[Symbol.asyncDispose]();
    await mail?.[Symbol.asyncDispose]();
  }, 60_000);

  it('is delivered to the alias and read from the mailbox', async () => {
    const { username, password } = mail.instance.admin;
    // Without scripts every step of a form stands on one page.
    const v = await signIn(username, password, { javaScript: false });
    const { page } = v;
    const menu = page.getByRole('navigation', { name: 'Main menu' });
    await menu.getByRole('link', { name: 'Domains', exact: true }).click();
    await page.getByRole('link', { name: 'Add domain' }).first().click();
    await send(page, { Name: 'pages.test' }, /^Create/);
    expect(await heading(page)).toContain('pages.test');

    await menu.getByRole('link', { name: 'Identities' }).click();
    await page.getByRole('link', { name: 'Add account' }).first().click();
    await send(page, { Username: ADDRESS, Password: FIRST }, /^Create/);
    expect(await heading(page)).toContain(ADDRESS);

    await menu.getByRole('link', { name: 'Identities' }).click();
    await page.getByRole('link', { name: 'Add alias' }).first().click();
    await send(page, { Address: ALIAS, Recipients: ADDRESS }, /^Create/);
    expect(await page.locator('main').innerText()).toContain(ALIAS);

    await mail.accepted(ALIAS, 'to what the pages made');
    await using session = await mail.signIn(ADDRESS, FIRST);
    await session.waitForSubject('to what the pages made', 15);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('is read with the password that its owner has chosen on the page, and no other', async () => {
    const v = await signIn(ADDRESS, FIRST);
    const { page } = v;
    await page.goto(at('/user/'));
    await page.getByLabel('Present password').fill(FIRST);
    await page.getByLabel('New password', { exact: true }).fill(SECOND);
    await page.getByLabel('New password again').fill(SECOND);
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('Your password was changed').waitFor();
    await until('the new password to be taken', 15, async () => !(await mail.isRefused(ADDRESS, SECOND)));
    await until('the old password to be refused', 15, () => mail.isRefused(ADDRESS, FIRST));
    await using session = await mail.signIn(ADDRESS, SECOND);
    expect(await session.subjects()).toContain('to what the pages made');
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('waits while the account is disabled on its page, and is refused while the domain is', async () => {
    const { username, password } = mail.instance.admin;
    const v = await signIn(username, password);
    const { page } = v;
    const change = async (list: string, name: string, isEnabled: boolean): Promise<void> => {
      await page.goto(at(`${list}?q=${name}`));
      await page.locator('main').getByRole('link', { name, exact: true }).click();
      await page.locator('main').getByRole('link', { name: 'Edit', exact: true }).click();
      await page.getByRole('switch', { name: 'Enabled' }).setChecked(isEnabled);
      await page.getByRole('button', { name: 'Save changes' }).click();
      await page.getByText(/^The (?:account|domain) was saved\.$/).waitFor();
    };
    await change('/admin/identities/', ADDRESS, false);
    await until('the sign-in to be refused', 15, () => mail.isRefused(ADDRESS, SECOND));
    const locked = await signIn(ADDRESS, SECOND);
    expect(new URL(locked.page.url()).pathname).toBe('/accounts/login/');
    await locked.context.close();
    await mail.accepted(ALIAS, 'while you were away');

    await change('/admin/domains/', 'pages.test', false);
    for (const to of [ADDRESS, ALIAS]) expect((await mail.refusal(to)).code).toBe(554);

    await change('/admin/domains/', 'pages.test', true);
    await change('/admin/identities/', ADDRESS, true);
    await mail.acceptedAgain(ALIAS, 'after the rest');
    await using session = await mail.signIn(ADDRESS, SECOND);
    await session.waitForSubject('after the rest', 15);
    expect(await session.subjects()).toContain('while you were away');
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});
