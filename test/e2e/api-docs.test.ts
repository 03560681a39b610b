import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, bench, populate } from '../admin/fixture.js';
import { requireSuite } from '../kit/src/servers/index.js';
import { type Site, startSite } from '../pages/site.js';
import { launch, signedIn } from './browser.js';

describe.skipIf(!requireSuite('browser'))('the documents of the API in a browser', () => {
  let b: Bench;
  let site: Site;
  let browser: Browser;
  beforeAll(async () => {
    b = await bench();
    await populate(b);
    site = await startSite(b.host);
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.[Symbol.asyncDispose]();
    await b?.host[Symbol.asyncDispose]();
  });

  it('list the calls, and make one with the session, within the policy and without the network', async () => {
    const { page, complaints, context } = await signedIn(browser, site, 'admin');
    await page.goto(`${site.base}/docs/api/`);
    expect(await page.getByText('/api/v1/senderaddresses/:pk/').count()).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Try the calls' }).click();
    const operation = page.locator('#operations-domains-post_api_v1_domains');
    await operation.locator('.opblock-summary').click();
    await operation.getByRole('button', { name: 'Try it out' }).click();
    await operation.locator('textarea').fill('{"name": "tried.test"}');
    const answered = page.waitForResponse((answer) => answer.request().method() === 'POST');
    await operation.getByRole('button', { name: 'Execute', exact: true }).click();
    expect((await answered).status()).toBe(201);
    await operation.locator('.responses-wrapper .live-responses-table').waitFor();
    expect(complaints).toEqual([]);
    expect((await b.domains.show(b.system, 'tried.test')).enabled).toBe(true);
    await context.close();
  });
});
