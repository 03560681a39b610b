import { defineExtension } from '@posthorn/sdk';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, bench, populate } from '../admin/fixture.js';
import { requireSuite } from '../kit/src/servers/index.js';
import { type Site, startSite } from '../pages/site.js';
import { accessibility, launch, overflow, signedIn, type VisitorOptions, visitor } from './browser.js';

/** Speaks a language that is read from right to left, so that the whole installation can. */
const arabic = defineExtension({
  id: 'arabic',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Arabic',
  locales: new URL('./locales/', import.meta.url),
});

const LOGIN = '/accounts/login/';
const PAGES = ['/dashboard/', '/admin/identities/', '/admin/domains/test.com/edit/', LOGIN] as const;

describe.skipIf(!requireSuite('browser'))('pages', () => {
  let b: Bench;
  let site: Site;
  let browser: Browser;

  beforeAll(async () => {
    b = await bench({ with: [arabic] });
    await populate(b);
    await b.sql("update core_user set language = 'ar' where username = 'admin@test.com'");
    site = await startSite(b.host);
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.[Symbol.asyncDispose]();
    await b?.host[Symbol.asyncDispose]();
  });

  /** Shows each page to who reads it, and closes it again. */
  async function each(
    o: VisitorOptions,
    look: (page: Page, path: string) => Promise<void>,
    paths: readonly string[] = PAGES,
    who = 'admin',
  ): Promise<void> {
    for (const path of paths) {
      const v = path === LOGIN ? await visitor(browser, o) : await signedIn(browser, site, who, o);
      expect((await v.page.goto(`${site.base}${path}`))?.status()).toBe(200);
      await look(v.page, path);
      expect(v.complaints).toEqual([]);
      await v.context.close();
    }
  }

  it.each([1280, 390, 320])('are mirrored for who reads from right to left, %d px', async (width) => {
    const paths = ['/dashboard/', '/admin/identities/', LOGIN];
    await each(
      { width, locale: 'ar' },
      async (page, path) => {
        expect([path, await page.locator('html').getAttribute('dir')]).toEqual([path, 'rtl']);
        expect([path, await page.locator('html').getAttribute('lang')]).toEqual([path, 'ar']);
        expect([path, await overflow(page)]).toEqual([path, 0]);
        expect(await page.evaluate(() => getComputedStyle(document.body).direction)).toBe('rtl');
        const label = await page
          .locator(path === LOGIN ? 'main label' : 'main h1')
          .first()
          .boundingBox();
        const main = await page.locator(path === LOGIN ? 'main form' : 'main').boundingBox();
        const middle = (main?.x ?? 0) + (main?.width ?? 0) / 2;
        expect((label?.x ?? 0) + (label?.width ?? 0)).toBeGreaterThan(middle);
        if (path !== LOGIN && width === 1280) {
          const side = await page.locator('.ph-side').boundingBox();
          expect(side?.x ?? 0).toBeGreaterThan(width / 2);
        }
        expect(await accessibility(page)).toEqual([]);
      },
      paths,
      'admin@test.com',
    );
  });

  it('fit a window of 320 px, and one of 1440 px at 200 %', async () => {
    for (const width of [320, 720]) {
      await each({ width }, async (page, path) => {
        expect([path, width, await overflow(page)]).toEqual([path, width, 0]);
        const button = page.locator('main button[type=submit], main a.btn').first();
        if ((await button.count()) > 0) await button.scrollIntoViewIfNeeded();
      });
    }
  });

  it('fit with text of twice the size, and none of it is cut off', async () => {
    await each({ width: 1280 }, async (page, path) => {
      const before = await page.locator('h1').evaluate((h1) => Number.parseFloat(getComputedStyle(h1).fontSize));
      await page.evaluate(() => {
        document.documentElement.style.fontSize = '200%';
      });
      const after = await page.locator('h1').evaluate((h1) => Number.parseFloat(getComputedStyle(h1).fontSize));
      expect(after).toBeCloseTo(before * 2, 0);
      expect([path, await overflow(page)]).toEqual([path, 0]);
      const cut = await page.evaluate(() =>
        [...document.querySelectorAll('main :is(h1, h2, p, label, button, a, td, th, dt, dd)')]
          .filter((it) => it.clientHeight > 0 && getComputedStyle(it).overflowY === 'hidden')
          .filter((it) => it.scrollHeight > it.clientHeight + 2)
          .map((it) => it.outerHTML.slice(0, 90)),
      );
      expect([path, cut]).toEqual([path, []]);
    });
  });

  /** Elements that move by style. */
  const moving = (page: Page): Promise<readonly string[]> =>
    page.evaluate(() =>
      [...document.querySelectorAll('body, body *')]
        .filter((it) => {
          const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(it);
          const isMoving = transitionDuration.split(', ').some((one) => Number.parseFloat(one) > 0);
          return isMoving || animationName !== 'none' || scrollBehavior === 'smooth';
        })
        .map((it) => it.outerHTML.slice(0, 60)),
    );

  it('move nothing for who does not want that', async () => {
    const moved: number[] = [];
    await each({ width: 1280 }, async (page) => void moved.push((await moving(page)).length));
    expect(Math.max(...moved)).toBeGreaterThan(0);
    await each({ width: 1280, reducedMotion: 'reduce' }, async (page, path) => {
      expect([path, await moving(page)]).toEqual([path, []]);
    });
  });

  it('show the focus and every edge where colours are forced', async () => {
    await each({ width: 1280, forcedColors: 'active' }, async (page, path) => {
      for (let step = 0; step < 40; step += 1) {
        await page.keyboard.press('Tab');
        const seen = await page.evaluate(() => {
          const it = document.activeElement;
          if (it === null || it === document.body) return undefined;
          const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(it);
          return {
            name: it.outerHTML.slice(0, 80),
            outlineStyle,
            width: Number.parseFloat(outlineWidth),
            outlineColor,
          };
        });
        if (seen === undefined) break;
        // Shadows are not drawn there: only an outline shows.
        const isShown = seen.outlineStyle !== 'none' && seen.width >= 1 && seen.outlineColor !== 'rgba(0, 0, 0, 0)';
        expect([path, seen.name, isShown]).toEqual([path, seen.name, true]);
      }
      const edgeless = await page.evaluate(() =>
        [...document.querySelectorAll('main :is(input:not([type=hidden]), select, textarea, .btn:not(.btn-icon))')]
          .filter(
            (it) =>
              (it as HTMLElement).offsetParent !== null && Number.parseFloat(getComputedStyle(it).borderTopWidth) === 0,
          )
          .map((it) => it.outerHTML.slice(0, 80)),
      );
      expect([path, edgeless]).toEqual([path, []]);
    });
  });

  it.each([false, true])('print what they say and nothing around it (dark: %s)', async (dark) => {
    await each({ width: 700, dark }, async (page, path) => {
      const isShown = (selector: string) =>
        page.evaluate(
          (wanted) => [...document.querySelectorAll(wanted)].some((it) => it.getClientRects().length > 0),
          selector,
        );
      if (path !== LOGIN) expect(await isShown('.ph-top')).toBe(true);
      await page.emulateMedia({ media: 'print' });
      for (const selector of ['.ph-side', '.ph-top', '.ph-filters', '.ph-bulk', '.ph-savebar', '.ph-skip']) {
        expect([path, selector, await isShown(selector)]).toEqual([path, selector, false]);
      }
      expect([path, await isShown('main h1')]).toEqual([path, true]);
      expect([path, await overflow(page)]).toEqual([path, 0]);
      const colours = await page.evaluate(() =>
        ['body', 'main h1', 'main td', 'main label', 'main .card']
          .map((selector) => document.querySelector(selector))
          .filter((it) => it !== null)
          .flatMap((it) => {
            const { color, backgroundColor } = getComputedStyle(it);
            const [r = 0, g = 0, b2 = 0] = (color.match(/[\d.]+/g) ?? []).map(Number);
            const [br = 255, bg = 255, bb = 255, alpha = 1] = (backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
            const isDarkText = Math.max(r, g, b2) < 128;
            const isLightPaper = alpha === 0 || Math.min(br, bg, bb) > 200;
            return isDarkText && isLightPaper ? [] : [`${it.outerHTML.slice(0, 60)}: ${color} on ${backgroundColor}`];
          }),
      );
      expect([path, colours]).toEqual([path, []]);
    });
  });
});
