import { defineExtension } from '@posthorn/sdk';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, bench } from '../admin/fixture.js';
import { requireSuite } from '../kit/src/servers/index.js';
import { type Site, startSite } from '../pages/site.js';
import { accessibility, launch, overflow, signedIn } from './browser.js';

const longName = 'a'.repeat(40);
const demo = defineExtension({
  id: longName,
  version: '1.0.0-beta.20261120+build.7',
  sdk: '^1.0.0',
  title: `An extension with a long title ${'x'.repeat(60)}`,
  requires: { admin: '*' },
  claims: { tables: ['y'.repeat(63)], commands: ['one', 'two'] },
  backfill: { title: 'Look after old things', run: async () => undefined },
});

/** What the walk over every page does not meet: the form that is off by default, and an extension with everything. */
describe.skipIf(!requireSuite('browser'))('the pages of extensions in a browser', () => {
  let b: Bench;
  let site: Site;
  let browser: Browser;
  beforeAll(async () => {
    b = await bench({ with: [demo] });
    await b.host.kernel.accounts.create(b.system, {
      username: 'root',
      role: 'SuperAdmins',
      passwordHash: '{PLAIN}Toto1234',
    });
    Object.assign(b.host.kernel.config, { packagePages: true });
    site = await startSite(b.host);
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.[Symbol.asyncDispose]();
    await b?.host[Symbol.asyncDispose]();
  });

  it.each([
    ['light, wide', { width: 1440 }],
    ['dark, wide', { width: 1440, dark: true }],
    ['dark, phone', { width: 390, dark: true }],
    ['light, phone, without scripts', { width: 390, javaScript: false }],
  ] as const)('are accessible and fit: %s', async (_name, o) => {
    const v = await signedIn(browser, site, 'root', o);
    const wrong: string[] = [];
    for (const path of ['', 'add/', `${longName}/`, `${longName}/uninstall/`, `${longName}/disable/`]) {
      await v.page.goto(`${site.base}/core/extensions/${path}`);
      if ((await overflow(v.page)) > 0) wrong.push(`${path}: wider than the window`);
      // axe itself is a script.
      if (!('javaScript' in o)) wrong.push(...(await accessibility(v.page)).map((one) => `${path}: ${one}`));
    }
    expect([...wrong, ...v.complaints]).toEqual([]);
    await v.context.close();
  });

  it('say at its field what is wrong with a package, also without scripts', async () => {
    const v = await signedIn(browser, site, 'root', { javaScript: false });
    await v.page.goto(`${site.base}/core/extensions/add/`);
    await v.page.getByLabel('Package').fill('../evil');
    await v.page.getByLabel('Your password').fill('Toto1234');
    await v.page.getByLabel('I trust its author').check();
    await v.page.getByRole('button', { name: 'Install' }).click();
    expect(await v.page.locator('#add-package-error').innerText()).toContain('must be a name such as');
    expect(await v.page.getByLabel('Package').inputValue()).toBe('../evil');
    expect(await v.page.getByLabel('Your password').inputValue()).toBe('');
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});
