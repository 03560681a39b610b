import { createRequire } from 'node:module';
import { findProgram, requireSuite } from '@posthorn/testkit/servers';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveSamples } from './sample-server.js';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const PAGES = ['/gallery/', '/admin/domains/', '/dashboard/', '/accounts/login/', '/sign-in/', '/user/', '/error/'];

/** What axe found, in short: which rule, where. */
async function axe(page: Page): Promise<readonly string[]> {
  // The page's policy allows no foreign script; through the debugger it may run all the same.
  const source = `${(await import('node:fs')).readFileSync(AXE, 'utf8')};0`;
  await page.evaluate(source);
  const found = (await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(WCAG)} }).then((r) => r.violations.flatMap((v) => v.nodes.map((n) => v.id + ' ' + n.target.join(' ') + ' ' + (n.any[0]?.message ?? ''))))`,
  )) as string[];
  return found;
}

describe.skipIf(!requireSuite('browser'))('the components in a browser', () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serveSamples>>;

  beforeAll(async () => {
    server = await serveSamples();
    const program = findProgram('chromium') ?? findProgram('chromium-browser') ?? findProgram('google-chrome');
    browser = await chromium.launch({
      executablePath: String(program),
      args: ['--no-sandbox', '--disable-gpu'],
    });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  interface Open {
    readonly width?: number;
    readonly scheme?: 'light' | 'dark';
    readonly js?: boolean;
  }

  async function open(
    path: string,
    o: Open = {},
  ): Promise<{ page: Page; errors: string[]; foreign: string[] } & AsyncDisposable> {
    const context = await browser.newContext({
      viewport: { width: o.width ?? 1440, height: 900 },
      colorScheme: o.scheme ?? 'light',
      reducedMotion: 'reduce',
      javaScriptEnabled: o.js ?? true,
    });
    const page = await context.newPage();
    const errors: string[] = [];
    const foreign: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
    });
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url) && !request.url().startsWith('data:')) foreign.push(request.url());
    });
    const answer = await page.goto(server.url + path);
    expect(answer?.status(), path).toBe(200);
    return { page, errors, foreign, [Symbol.asyncDispose]: () => context.close() };
  }

  for (const scheme of ['light', 'dark'] as const) {
    for (const width of [1440, 390]) {
      it(`axe finds nothing, ${scheme}, ${width} px`, async () => {
        for (const path of PAGES) {
          await using opened = await open(path, { scheme, width });
          expect(await axe(opened.page), path).toEqual([]);
          expect(opened.errors, path).toEqual([]);
          expect(opened.foreign, path).toEqual([]);
        }
      });
    }
  }

  it('never scrolls sideways', async () => {
    for (const width of [1440, 1024, 768, 390, 320]) {
      for (const path of [...PAGES, '/gallery/?dir=rtl', '/gallery/?density=compact']) {
        await using opened = await open(path, { width });
        const over = await opened.page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        expect(over, `${path} at ${width}`).toBe(0);
      }
    }
  });

  it('takes the chosen theme before the first paint and keeps it', async () => {
    await using opened = await open('/gallery/?theme=dark');
    const theme = () => opened.page.evaluate('document.documentElement.dataset.bsTheme');
    expect(await theme()).toBe('dark');
    await opened.page.click('[data-ph-theme-next]');
    await opened.page.click('[data-ph-theme-next]');
    await opened.page.reload();
    expect(await opened.page.evaluate('document.documentElement.dataset.phTheme')).toBe('light');
    expect(await theme()).toBe('light');
  });

  it('chooses rows, and shows what can be done with them only then', async () => {
    await using opened = await open('/gallery/');
    const bar = opened.page.locator('.ph-bulk');
    expect(await bar.isVisible()).toBe(false);
    await opened.page.check('[data-ph-all]');
    expect(await opened.page.locator('[data-ph-count]').textContent()).toBe('6');
    expect(await bar.isVisible()).toBe(true);
  });

  it('has tabs by keyboard, goes from a mistake to its field, and hides what does not matter', async () => {
    await using opened = await open('/gallery/');
    const { page } = opened;
    await page.click('[data-ph-tabs] a >> nth=2');
    expect(await page.locator('#g-hours').isVisible()).toBe(true);
    expect(await page.locator('#g-count').isVisible()).toBe(false);
    await page.keyboard.press('ArrowRight');
    await page.click('[data-ph-summary] a');
    expect(await page.evaluate('document.activeElement.id')).toBe('g-count');
    expect(await page.locator('#g-height').isVisible()).toBe(false);
    await page.selectOption('#g-kind', 'trees');
    expect(await page.locator('#g-height').isVisible()).toBe(true);
  });

  it('takes the reader through a wizard, whose steps come and go', async () => {
    await using opened = await open('/gallery/');
    const { page } = opened;
    const names = () => page.locator('[data-ph-steps] > li:visible .ph-step-name').allTextContents();
    expect(await names()).toEqual(['Place', 'People']);
    await page.check('#g-pond');
    expect(await names()).toEqual(['Place', 'Pond', 'People']);
    await page.uncheck('#g-pond');
    await page.click('[data-ph-next]');
    await page.locator('h2:focus', { hasText: 'Step 2 of 2 People' }).waitFor();
    expect(await page.locator('#g-place').isVisible()).toBe(false);
    await page.click('[data-ph-back]');
    expect(await page.locator('#g-place').isVisible()).toBe(true);
    await page.fill('#g-place', '');
    await page.click('[data-ph-next]');
    expect(await page.locator('#g-place-error').textContent()).toBe('is required');
    expect(await axe(page)).toEqual([]);
  });

  it('finds menu entries with Ctrl K and goes there', async () => {
    await using opened = await open('/gallery/');
    const { page } = opened;
    await page.keyboard.press('Control+k');
    await page.keyboard.type('d');
    await page.waitForTimeout(300);
    expect(await page.locator('[role=option]').first().textContent()).toContain('Dashboard');
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/dashboard/');
  });

  it('asks for the name before a deletion', async () => {
    await using opened = await open('/gallery/');
    const button = opened.page.locator('[data-ph-confirm] button');
    expect(await button.isDisabled()).toBe(true);
    await opened.page.fill('[data-ph-expected]', 'Lumen-garden.example');
    expect(await button.isDisabled()).toBe(false);
  });

  it('works without a script: menu, table, every part of the form', async () => {
    await using opened = await open('/gallery/', { js: false, width: 390 });
    const { page } = opened;
    expect(await page.locator('.ph-side').isVisible()).toBe(false);
    await page.click('.ph-menu-open');
    expect(await page.locator('.ph-side-link >> nth=1').isVisible()).toBe(true);
    await page.click('.ph-side-close');
    expect(await page.locator('.ph-side').isVisible()).toBe(false);
    for (const there of [
      '#g-count',
      '#g-height',
      '#g-hours',
      '#g-place',
      '#g-depth',
      '#g-first',
      '.ph-bulk',
      '.ph-user summary',
    ]) {
      expect(await page.locator(there).isVisible(), there).toBe(true);
    }
    expect(await page.locator('.ph-palette-open').isVisible()).toBe(false);
    expect(await page.locator('[data-ph-confirm] button').isDisabled()).toBe(false);
  });

  it('is dark without a script where the system is', async () => {
    await using opened = await open('/gallery/', { js: false, scheme: 'dark' });
    expect(await opened.page.locator('body').evaluate((body) => getComputedStyle(body).backgroundColor)).toBe(
      'rgb(15, 22, 33)',
    );
  });

  it('loads less than 200 kB at the first visit', async () => {
    await using opened = await open('/accounts/login/');
    const sizes = (await opened.page.evaluate(
      'performance.getEntriesByType("resource").map((e) => [new URL(e.name).pathname.split("/").pop(), e.encodedBodySize])',
    )) as [string, number][];
    expect(sizes.length).toBeGreaterThan(4);
    expect(sizes.reduce((sum, [, size]) => sum + size, 0)).toBeLessThan(200_000);
  });
});
