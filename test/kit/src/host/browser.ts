import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { available, findProgram } from '../servers/programs.js';
import type { Visitor } from './visitor.js';

export interface TestWindow {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page's security policy refused, scripts that failed, and requests that would have left the machine. */
  readonly complaints: readonly string[];
  /** Violations of WCAG 2.2 AA as axe finds them, each as `rule: element`. Needs the package axe-core. */
  accessibility(): Promise<readonly string[]>;
}

const loaded = (name: string): boolean => {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
};

/** Why there is no browser here; undefined where there is one. */
export const noBrowser = (): string | undefined =>
  !loaded('playwright-core')
    ? 'the package playwright-core is not installed'
    : available('browser')
      ? undefined
      : 'no Chromium is installed';

export const hasAxe = (): boolean => loaded('axe-core');

/** Chromium of the system; nothing is downloaded, and nothing may leave the machine. */
export class Browsers implements AsyncDisposable {
  #browser: Promise<Browser> | undefined;

  constructor(private readonly base: () => Promise<string>) {}

  async open(visitor?: Visitor): Promise<TestWindow> {
    const missing = noBrowser();
    if (missing !== undefined) throw new Error(`no browser: ${missing}`);
    this.#browser ??= launch();
    const base = await this.base();
    const context = await (await this.#browser).newContext({ baseURL: base, viewport: { width: 1280, height: 900 } });
    await context.addCookies([...(visitor?.cookies ?? [])].map(([name, value]) => ({ name, value, url: base })));
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (/content security policy|refused to/i.test(message.text())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(`script: ${error.message}`));
    page.on('request', (request) => {
      const { hostname, protocol } = new URL(request.url());
      if (protocol.startsWith('http') && hostname !== '127.0.0.1')
        complaints.push(`left the machine: ${request.url()}`);
    });
    return { context, page, complaints, accessibility: () => violations(page) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#browser)?.close();
  }
}

async function launch(): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  const executablePath = ['chromium', 'chromium-browser', 'google-chrome'].map(findProgram).find((path) => path);
  return chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** In an isolated world, so that the page's policy stays as it is. */
async function violations(page: Page): Promise<readonly string[]> {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
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
