import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, bench } from '../admin/fixture.js';
import { requireSuite } from '../kit/src/servers/index.js';
import { type Site, startSite } from '../pages/site.js';
import { addressOf, allPages, isNoPage, populateAll, taste } from '../pages/walk.js';
import { accessibility, launch, overflow, signedIn, type Visitor, visitor } from './browser.js';

describe.skipIf(!requireSuite('browser'))('every page in a browser', () => {
  let b: Bench;
  let site: Site;
  let browser: Browser;
  /** All that is shown to people. */
  let addresses: readonly string[];

  beforeAll(async () => {
    b = await bench({ with: [taste] });
    const examples = await populateAll(b);
    site = await startSite(b.host);
    browser = await launch();
    addresses = allPages(b)
      .filter(({ method, path }) => method === 'GET' && !isNoPage(path))
      .map(({ path }) => addressOf(path, examples));
  });
  afterAll(async () => {
    await browser?.close();
    await site?.[Symbol.asyncDispose]();
    await b?.host[Symbol.asyncDispose]();
  });

  /** What is wrong with a page, whichever one it turned out to be. */
  async function look({ page }: Visitor, address: string, allowed: readonly number[]): Promise<readonly string[]> {
    const status = (await page.goto(`${site.base}${address}`))?.status();
    const hasHeading = (await page.locator('h1').count()) === 1 && (await page.locator('h1').innerText()) !== '';
    return [
      ...(allowed.includes(status ?? 0) ? [] : [`${address}: ${status}`]),
      ...(hasHeading ? [] : [`${address}: not one heading`]),
      ...((await overflow(page)) > 0 ? [`${address}: wider than the window`] : []),
      ...(await accessibility(page)).map((one) => `${address}: ${one}`),
    ];
  }

  it.each([
    ['light, wide', { width: 1440 }],
    ['dark, wide', { width: 1440, dark: true }],
    ['light, phone', { width: 390 }],
    ['dark, phone', { width: 390, dark: true }],
  ] as const)('is accessible, fits, obeys its policy and asks nobody else: %s', async (_name, o) => {
    const v = await signedIn(browser, site, 'admin', o);
    const wrong: string[] = [];
    for (const address of addresses) {
      wrong.push(...(await look(v, address, [200])));
    }
    expect(addresses.length).toBeGreaterThan(25);
    expect([...wrong, ...v.complaints]).toEqual([]);
    await v.context.close();
  });

  it.each([
    'admin@test.com',
    'user@test.com',
    undefined,
  ])('is so for %s as well, also where it keeps him out', async (who) => {
    const v = await (who === undefined
      ? visitor(browser, { width: 390 })
      : signedIn(browser, site, who, { width: 390 }));
    const wrong: string[] = [];
    const seen = new Set<string>();
    for (const address of ['/', '/nowhere/', ...addresses]) {
      await v.page.goto(`${site.base}${address}`);
      // Those that send him elsewhere or refuse alike need one look.
      const key = (await v.page.locator('main').innerText()).replace(/permission \S+|Request \S+|\s+/g, ' ');
      // Somebody else's job or file is not there, nor is a record of what he does not reach.
      const kept = /^\/core\/(?:jobs|audit|imports)\/\w/.test(address) ? [403, 404] : [200, 403];
      if (!seen.has(key) && address !== '/nowhere/') wrong.push(...(await look(v, address, kept)));
      if (address === '/nowhere/') wrong.push(...(await accessibility(v.page)).map((one) => `${address}: ${one}`));
      seen.add(key);
    }
    expect([...wrong, ...v.complaints]).toEqual([]);
    await v.context.close();
  });
});
