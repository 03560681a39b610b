/** A tab that is there only for some domains, in a real browser. */
import { relayDomains } from '@posthorn/relaydomains/contract';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, populate } from '../admin/fixture.js';
import { requireSuite } from '../kit/src/servers/index.js';
import { type Site, startSite } from '../pages/site.js';
import { relayBench } from '../relaydomains/scenarios.js';
import { launch, signedIn } from './browser.js';

describe.skipIf(!requireSuite('browser'))('the tab of a relay domain', () => {
  let b: Bench;
  let site: Site;
  let browser: Browser;
  beforeAll(async () => {
    b = await relayBench();
    await populate(b);
    site = await startSite(b.host);
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.[Symbol.asyncDispose]();
    await b?.host[Symbol.asyncDispose]();
  });

  it('comes and goes with the type, is passed over by the arrow keys, and is saved with the rest', async () => {
    const { page, complaints } = await signedIn(browser, site, 'admin');
    await page.goto(`${site.base}/admin/domains/test.com/edit/`);
    const general = page.getByRole('tab', { name: 'General' });
    const relaying = page.getByRole('tab', { name: 'Relaying' });
    expect(await relaying.isVisible()).toBe(false);
    await general.press('ArrowRight');
    expect(await general.getAttribute('aria-selected')).toBe('true');
    await page.getByLabel('Type').selectOption('relaydomain');
    expect(await relaying.isVisible()).toBe(true);
    await relaying.click();
    await page.getByLabel('Server').fill('mx.example.net');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.waitForURL(`${site.base}/admin/domains/test.com/`);
    expect(await b.context.get(relayDomains).show(b.system, 'test.com')).toMatchObject({
      next_hop: '[mx.example.net]:25',
    });
    expect(complaints).toEqual([]);
  });
});
