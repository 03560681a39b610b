import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { programPath } from '../kit/src/servers/index.js';
import type { Site } from '../pages/site.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Debian's Chromium; nothing is downloaded. Background traffic is off, because nothing may leave the machine. */
export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: programPath('chromium'),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page's security policy refused, and requests that would have left the machine. */
  readonly complaints: string[];
}

export interface VisitorOptions {
  readonly javaScript?: boolean;
  readonly width?: number;
  readonly dark?: boolean;
  readonly locale?: string;
  readonly reducedMotion?: 'reduce';
  readonly forcedColors?: 'active';
}

export async function visitor(browser: Browser, o: VisitorOptions = {}): Promise<Visitor> {
  const { locale, reducedMotion, forcedColors } = o;
  const context = await browser.newContext({
    javaScriptEnabled: o.javaScript ?? true,
    viewport: { width: o.width ?? 1280, height: 900 },
    colorScheme: o.dark === true ? 'dark' : 'light',
    ...(locale === undefined ? {} : { locale }),
    ...(reducedMotion === undefined ? {} : { reducedMotion }),
    ...(forcedColors === undefined ? {} : { forcedColors }),
    // axe is put into the page from outside, past the policy that the page itself obeys.
    bypassCSP: false,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (/content security policy|refused to/i.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(`script: ${error.message}`));
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && hostname !== '127.0.0.1') complaints.push(`left the machine: ${request.url()}`);
  });
  return { context, page, complaints };
}

/** A window of somebody who is signed in; what opens by itself is among the complaints. */
export async function signedIn(
  browser: Browser,
  site: Site,
  username: string,
  o: VisitorOptions = {},
): Promise<Visitor> {
  const v = await visitor(browser, o);
  const [name = '', value = ''] = (await site.cookie(username)).split('=');
  await v.context.addCookies([{ name, value, url: site.base }]);
  v.page.on('dialog', (dialog) => {
    v.complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return v;
}

/** Violations as `rule: target`, through an isolated world, so that the page's policy stays as it is. */
export async function accessibility(page: Page): Promise<readonly string[]> {
  const size = page.viewportSize();
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  // As tall as the page: a target that the bar of buttons covers where the page happens to stand is not a small one.
  const isLonger = size !== null && height > size.height;
  if (isLonger) await page.setViewportSize({ ...size, height });
  try {
    return await violations(page);
  } finally {
    if (isLonger) await page.setViewportSize(size);
  }
}

async function violations(page: Page): Promise<readonly string[]> {
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', {
    frameId: frameTree.frame.id,
  });
  await session.send('Runtime.evaluate', { contextId, expression: axe });
  const { result } = await session.send('Runtime.evaluate', {
    contextId,
    awaitPromise: true,
    returnByValue: true,
    expression: `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
      .then((r) => r.violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.target.join(' '))))`,
  });
  await session.detach();
  return result.value as string[];
}

/** Pixels by which the page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** As many steps as nobody wants to take to the far end of a page. */
const STEPS_MAX = 80;

/** Presses Tab until the wanted element has the focus; every one on the way must show that it has it. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  const passed: string[] = [];
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const seen = await page.evaluate((wanted) => {
      const it = document.activeElement;
      if (it === null || it === document.body) return { isThere: false, name: 'body', isShown: true };
      const style = getComputedStyle(it);
      const isShown = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
      return { isThere: it.matches(wanted), name: it.outerHTML.slice(0, 80), isShown };
    }, selector);
    if (!seen.isShown) throw new Error(`the focus cannot be seen on ${seen.name}`);
    if (seen.isThere) return;
    passed.push(seen.name);
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${selector}:\n${passed.join('\n')}`);
}
