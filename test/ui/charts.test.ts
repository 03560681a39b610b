import { requireSuite } from '@posthorn/testkit/servers';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessibility, launch, overflow, type Visitor, visitor } from '../e2e/browser.js';
import { serveSamples } from './sample-server.js';

describe.skipIf(!requireSuite('browser'))('charts in a browser', () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serveSamples>>;

  beforeAll(async () => {
    server = await serveSamples();
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  /** The gallery, whose first chart is an area over moments and whose second one is made of bars. */
  async function open(o: Parameters<typeof visitor>[1] = {}): Promise<Visitor> {
    const v = await visitor(browser, o);
    await v.page.addInitScript(() => {
      const root = document.documentElement;
      document.addEventListener('securitypolicyviolation', (e) => root.setAttribute('data-refused', e.blockedURI));
    });
    await v.page.goto(`${server.url}/gallery/`);
    return v;
  }
  const live = (page: Page) => page.locator('.ph-is-live');
  /** How many pixels of the drawing are not empty, and the commonest colour that is neither grey nor faint. */
  const drawn = (page: Page): Promise<{ readonly filled: number; readonly colour: string }> =>
    page
      .locator('.ph-is-live canvas')
      .first()
      .evaluate((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const { data } = ((canvas as HTMLCanvasElement).getContext('2d') as CanvasRenderingContext2D).getImageData(
          0,
          0,
          width,
          height,
        );
        const counts = new Map<string, number>();
        let filled = 0;
        for (let i = 0; i < data.length; i += 4) {
          if ((data[i + 3] ?? 0) > 0) filled += 1;
          const rgb = [data[i] ?? 0, data[i + 1] ?? 0, data[i + 2] ?? 0];
          if ((data[i + 3] ?? 0) < 255 || Math.max(...rgb) - Math.min(...rgb) < 60) continue;
          counts.set(rgb.join(), (counts.get(rgb.join()) ?? 0) + 1);
        }
        return { filled, colour: [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '' };
      });

  it.each([
    ['light', {}],
    ['dark', { dark: true }],
    ['on a phone', { width: 390 }],
  ] as const)('take the place of the drawing, without one refusal of the policy: %s', async (_, o) => {
    const v = await open(o);
    const { page } = v;
    await live(page).waitFor();
    // Bars stay as they are.
    expect(await live(page).count()).toBe(1);
    expect(await page.locator('figure.ph-chart').count()).toBeGreaterThan(1);
    expect(await live(page).locator('> svg').isVisible()).toBe(false);
    expect((await drawn(page)).filled).toBeGreaterThan(5_000);
    await page.locator('.ph-is-live .u-over').hover({ position: { x: 60, y: 60 } });
    expect(await page.locator('.ph-chart-tip').isVisible()).toBe(true);
    expect(await page.getAttribute('html', 'data-refused')).toBeNull();
    expect(v.complaints).toEqual([]);
    expect(await accessibility(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    // The same in numbers, for everybody.
    await live(page).locator('summary').click();
    expect(await live(page).locator('tbody tr').count()).toBe(8);
    await v.context.close();
  });

  it('say the values under the pointer in the language of the page, and zoom and back', async () => {
    const v = await open();
    const { page } = v;
    const over = page.locator('.ph-is-live .u-over');
    await over.scrollIntoViewIfNeeded();
    const box = (await over.boundingBox()) as { x: number; y: number; width: number; height: number };
    const point = (share: number) => [box.x + box.width * share, box.y + box.height / 2] as const;
    await page.mouse.move(...point(0.999));
    const tip = page.locator('.ph-chart-tip');
    expect(await tip.innerText()).toContain('May 12, 2026, 21:00');
    expect(await tip.innerText()).toContain('Visitors 310 per 3 hours');
    const reset = page.getByRole('button', { name: 'Show everything' });
    expect(await reset.isVisible()).toBe(false);
    await page.mouse.move(...point(0.3));
    await page.mouse.down();
    await page.mouse.move(...point(0.6), { steps: 4 });
    await page.mouse.up();
    expect(await reset.isVisible()).toBe(true);
    await page.mouse.move(...point(0.999));
    // The right edge is another point now.
    expect(await tip.innerText()).not.toContain('21:00');
    await reset.focus();
    await page.keyboard.press('Enter');
    expect(await reset.isVisible()).toBe(false);
    await page.mouse.move(...point(0.998));
    expect(await tip.innerText()).toContain('21:00');
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('follow the theme and the width of the window', async () => {
    const v = await open();
    const { page } = v;
    await live(page).waitFor();
    expect((await drawn(page)).colour).toBe('18,161,132');
    for (let i = 0; i < 2; i += 1) await page.locator('[data-ph-theme-next]').click();
    expect(await page.evaluate('document.documentElement.dataset.bsTheme')).toBe('dark');
    await expect.poll(async () => (await drawn(page)).colour, { timeout: 15_000 }).toBe('62,207,174');
    await page.setViewportSize({ width: 500, height: 800 });
    await expect
      .poll(
        () =>
          page.locator('.ph-is-live .uplot').evaluate((e) => e.clientWidth - (e.closest('figure')?.clientWidth ?? 0)),
        { timeout: 15_000 },
      )
      .toBe(0);
    await v.context.close();
  });

  it('stay as the server has drawn them in print and without scripts', async () => {
    const v = await open();
    await live(v.page).waitFor();
    await v.page.emulateMedia({ media: 'print' });
    expect(await v.page.locator('.ph-is-live > svg').isVisible()).toBe(true);
    expect(await v.page.locator('.ph-chart-live').isVisible()).toBe(false);
    await v.context.close();
    const plain = await open({ javaScript: false });
    expect(await plain.page.locator('figure.ph-chart > svg').first().isVisible()).toBe(true);
    expect(await plain.page.locator('script[type="application/json"]').count()).toBe(1);
    await plain.context.close();
  });

  it('are no burden on pages without one', async () => {
    const v = await visitor(browser);
    const asked: string[] = [];
    v.page.on('request', (request) => asked.push(request.url()));
    await v.page.goto(`${server.url}/admin/domains/`);
    expect(asked.filter((url) => /uplot|chart/.test(url))).toEqual([]);
    await v.context.close();
  });
});
