import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Serving, serve } from '../host/serving.js';
import { freshInstance, type Instance } from '../kit/src/cli/cli.js';
import { requireSuite } from '../kit/src/servers/index.js';
import { launch, type Visitor, visitor } from './browser.js';

let instance: Instance;
let serving: Serving;
let browser: Browser;
const at = (path: string): string => `http://127.0.0.1:${serving.port}${path}`;

async function signIn({ page }: Visitor, username: string, password: string): Promise<void> {
  await page.goto(at('/accounts/login/'));
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForLoadState();
}

describe.skipIf(!requireSuite('browser'))('in a browser', () => {
  beforeAll(async () => {
    instance = await freshInstance();
    await instance.must(['domain', 'create', 'shown.test']);
    await instance.must([
      'account',
      'create',
      'mia@shown.test',
      '--password-file',
      await instance.secretFile('Toto1234'),
    ]);
    serving = await serve(instance.directory);
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await serving?.[Symbol.asyncDispose]();
    await instance?.remove();
  });

  const admin = async (o: Parameters<typeof visitor>[1] = {}): Promise<Visitor> => {
    const v = await visitor(browser, o);
    await signIn(v, instance.admin.username, instance.admin.password);
    return v;
  };

  it.each([
    ['with scripts', true],
    ['without scripts', false],
  ] as const)('an administrator makes a domain, a mailbox and an alias, %s', async (_name, javaScript) => {
    const name = javaScript ? 'with.test' : 'without.test';
    const v = await admin({ javaScript });
    const { page } = v;
    expect(page.url()).toBe(at('/dashboard/'));
    // With scripts a wizard has two steps here; without, everything stands on one page.
    const next = async (): Promise<void> => {
      if (javaScript) await page.locator('[data-ph-next]').click();
      else await finish();
    };
    const finish = (): Promise<void> => page.locator('main form button[type=submit]').last().click();
    const domainName = page.locator('input[name="general.name"]');
    await page.goto(at('/admin/domains/new/'));
    // A mistake first: the form comes back with what was typed.
    await domainName.fill('not a name');
    await next();
    await page.locator('[data-ph-summary]').waitFor();
    expect(await domainName.inputValue()).toBe('not a name');
    expect(await page.locator('[aria-invalid=true]').count()).toBeGreaterThan(0);
    await domainName.fill(name);
    await next();
    if (javaScript) await finish();
    await page.waitForURL(at(`/admin/domains/${name}/`));
    await page.goto(at('/admin/accounts/new/'));
    await page.locator('input[name="general.username"]').fill(`anna@${name}`);
    await page.locator('input[name="general.password"]').fill('Toto1234');
    await next();
    if (javaScript) await finish();
    await page.waitForURL(/\/admin\/accounts\/\d+\/$/);
    await page.goto(at('/admin/aliases/new/'));
    await page.locator('[name="general.address"]').fill(`sales@${name}`);
    await page.locator('[name="general.recipients"]').fill(`anna@${name}`);
    await page.locator('main form button[type=submit]').last().click();
    await page.waitForLoadState();
    await page.goto(at(`/admin/identities/?q=${name}`));
    const text = await page.locator('main').innerText();
    expect(text).toContain(`anna@${name}`);
    expect(text).toContain(`sales@${name}`);
    // What was made can be deleted again by typing its name.
    await page.goto(at(`/admin/domains/${name}/delete/`));
    await page.locator('main input[name=confirmation]').fill('something else');
    const send = page.locator('main form button[type=submit]').last();
    if (javaScript) expect(await send.isDisabled()).toBe(true);
    else await send.click();
    await page.waitForLoadState();
    expect((await instance.posthorn(['domain', 'show', name])).code).toBe(0);
    const shown = (await instance.must(['account', 'show', `anna@${name}`, '--json'])).json();
    expect(shown).toMatchObject({ username: `anna@${name}`, role: 'SimpleUsers', is_active: true });
    await page.goto(at(`/admin/domains/${name}/delete/`));
    await page.locator('main input[name=confirmation]').fill(name);
    await page.locator('main form button[type=submit]').last().click();
    await page.waitForLoadState();
    expect((await instance.posthorn(['domain', 'show', name])).code).toBe(3);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('a mailbox user sees his own settings and nothing else', async () => {
    const v = await visitor(browser);
    await signIn(v, 'mia@shown.test', 'Toto1234');
    expect(v.page.url()).toBe(at('/user/'));
    for (const path of ['/admin/domains/', '/admin/identities/', '/core/parameters/', '/core/extensions/']) {
      const answer = await v.page.goto(at(path));
      expect([path, answer?.status()]).toEqual([path, 403]);
    }
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('a wrong password tells nothing, and a guest is sent to sign in and back', async () => {
    const v = await visitor(browser);
    await signIn(v, 'mia@shown.test', 'wrong');
    const known = await v.page.locator('main').innerText();
    await signIn(v, 'nobody@shown.test', 'wrong');
    expect(await v.page.locator('main').innerText()).toBe(known);
    await v.page.goto(at('/admin/domains/'));
    expect(new URL(v.page.url()).pathname).toBe('/accounts/login/');
    await v.page.getByLabel('Username').fill(instance.admin.username);
    await v.page.getByLabel('Password').fill(instance.admin.password);
    await v.page.getByRole('button', { name: 'Sign in' }).click();
    await v.page.waitForLoadState();
    expect(new URL(v.page.url()).pathname).toBe('/admin/domains/');
    await v.context.close();
  });
});
