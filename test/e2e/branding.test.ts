import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Serving, serve } from '../host/serving.js';
import { freshInstance, type Instance } from '../kit/src/cli/cli.js';
import { requireSuite } from '../kit/src/servers/index.js';
import { accessibility, launch, overflow, type Visitor, visitor } from './browser.js';

let instance: Instance;
let serving: Serving;
let browser: Browser;
const at = (path: string): string => `http://127.0.0.1:${serving.port}${path}`;
const PARAMETERS = '/core/parameters/core/';
const svg = (inside: string) =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40" viewBox="0 0 120 40">${inside}</svg>`);
const BLUE = svg('<style>path { fill: #00f }</style><path d="M0 0h120v40H0z"/>');
const YELLOW = svg('<path fill="#ff0" d="M0 0h120v40H0z"/>');

async function admin(o: Parameters<typeof visitor>[1] = {}): Promise<Visitor> {
  const v = await visitor(browser, o);
  await v.page.goto(at('/accounts/login/'));
  await v.page.getByLabel('Username').fill(instance.admin.username);
  await v.page.getByLabel('Password').fill(instance.admin.password);
  await v.page.getByRole('button', { name: 'Sign in' }).click();
  await v.page.waitForURL('**/dashboard/');
  return v;
}

/** Chooses files as a person does and sends the form. */
async function upload(page: Page, files: Readonly<Record<string, Buffer>>): Promise<void> {
  await page.goto(at(PARAMETERS));
  for (const [label, buffer] of Object.entries(files)) {
    await page
      .getByLabel(label, { exact: true })
      .setInputFiles({ name: 'logo.svg', mimeType: 'image/svg+xml', buffer });
  }
  // The state of the page before is loaded, too.
  const loaded = page.waitForEvent('load');
  await page.getByRole('button', { name: 'Upload' }).click();
  await loaded;
}

/** The addresses of the logos that can be seen, and whether each was drawn. */
const logos = (page: Page): Promise<readonly string[]> =>
  page
    .locator('.ph-brand img:visible, .ph-guest-brand img:visible')
    .evaluateAll((all) =>
      (all as HTMLImageElement[]).map((one) => `${new URL(one.src).pathname.split('/')[1]} ${one.naturalWidth > 0}`),
    );

describe.skipIf(!requireSuite('browser'))('what an installation looks like', () => {
  beforeAll(async () => {
    instance = await freshInstance();
    serving = await serve(instance.directory);
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await serving?.[Symbol.asyncDispose]();
    await instance?.remove();
  });

  it.each([
    ['with scripts', true],
    ['without scripts', false],
  ] as const)('a logo is uploaded, shown, refused in words and removed: %s', async (_, javaScript) => {
    const v = await admin({ javaScript });
    const { page } = v;
    await upload(page, { Logo: BLUE });
    expect(new URL(page.url()).pathname).toBe(PARAMETERS);
    expect(await logos(page)).toEqual(['logo true']);
    await upload(page, { Logo: svg('<script>document.title = "no"</script>') });
    expect(await page.locator('.ph-error').innerText()).toBe('Logo: holds the element script, which a logo must not');
    if (javaScript) expect(await accessibility(page)).toEqual([]);
    // The one of before stays.
    expect(await logos(page)).toEqual(['logo true']);
    const guest = await visitor(browser);
    await guest.page.goto(at('/accounts/login/'));
    expect(await logos(guest.page)).toEqual(['logo true']);
    await guest.context.close();
    await page.goto(at(PARAMETERS));
    await page.getByRole('button', { name: 'Remove this logo' }).click();
    await page.waitForLoadState();
    expect(await logos(page)).toEqual(['assets true']);
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });

  it('another logo stands on dark pages, whoever made them dark', async () => {
    const v = await admin();
    await upload(v.page, { Logo: BLUE, 'Logo for dark pages': YELLOW });
    const shown = (page: Page) =>
      page
        .locator('.ph-brand img:visible')
        .first()
        .evaluate((image) => {
          const canvas = document.createElement('canvas');
          const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
          pen.drawImage(image as HTMLImageElement, 0, 0, 10, 10);
          return [...pen.getImageData(5, 5, 1, 1).data].slice(0, 3).join();
        });
    expect(await shown(v.page)).toBe('0,0,255');
    for (let i = 0; i < 2; i += 1) await v.page.locator('[data-ph-theme-next]').click();
    expect(await shown(v.page)).toBe('255,255,0');
    for (const width of [1280, 390]) {
      await v.page.setViewportSize({ width, height: 900 });
      expect(await overflow(v.page)).toBe(0);
    }
    await v.context.close();
    const dark = await admin({ dark: true, javaScript: false });
    expect(await dark.page.locator('.ph-top img.ph-on-dark, .ph-side img.ph-on-dark').count()).toBeGreaterThan(0);
    await dark.context.close();
  });

  it('a logo that is opened by itself is no page of ours', async () => {
    const v = await admin();
    await upload(v.page, { Logo: BLUE });
    const address = await v.page.locator('.ph-brand img').first().getAttribute('src');
    await v.page.goto(at(String(address)));
    expect(await v.page.evaluate('self.origin')).toBe('null');
    await v.context.close();
  });

  it('a logo is set and removed at the command line, and refused there as well', async () => {
    const picture = await fileOf(BLUE);
    const shown = async () => {
      const v = await visitor(browser);
      await v.page.goto(at('/accounts/login/'));
      const found = await logos(v.page);
      await v.context.close();
      return found;
    };
    await instance.must(['logo', 'remove']);
    await expect.poll(shown, { timeout: 10_000 }).toEqual(['assets true']);
    const set = (await instance.must(['logo', 'set', picture, '--dark', '--json'])).json();
    expect(set).toMatchObject({ variant: 'dark', type: 'image/svg+xml', bytes: BLUE.length });
    await instance.must(['logo', 'set', picture]);
    await expect.poll(shown, { timeout: 10_000 }).toEqual(['logo true']);
    const png = await fileOf(pngOf(2_000));
    const refused = await instance.posthorn(['logo', 'set', png]);
    expect(refused.code).toBe(6);
    expect(refused.stderr).toContain('measures 2000 × 1 pixels');
    expect((await instance.posthorn(['logo', 'set', '/nowhere/logo.svg'])).code).toBe(78);
    const removed = (await instance.must(['logo', 'remove', '--json'])).json();
    expect(removed).toEqual({ removed: 'light dark' });
  });

  it('a colour shows while it is typed whether it can be read, and the server says the same', async () => {
    const v = await admin();
    const { page } = v;
    await page.goto(at(PARAMETERS));
    const colour = page.getByLabel('Colour', { exact: true });
    const sample = page.locator('.ph-sample rect');
    const said = page.locator('.ph-colour output');
    expect(await sample.getAttribute('fill')).toBe('#1f62cf');
    expect(await said.innerText()).toBe('contrast 5.6:1, enough');
    await colour.fill('#ffcc00');
    expect(await sample.getAttribute('fill')).toBe('#ffcc00');
    expect(await said.innerText()).toBe('contrast 1.5:1, needs 4.5:1');
    await colour.fill('#ffc');
    expect([await sample.getAttribute('fill'), await said.innerText()]).toEqual(['none', '']);
    await colour.fill('#ffcc00');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForLoadState();
    expect(await page.locator('.ph-error').innerText()).toBe(
      'is too light: white text on it has a contrast of 1.5:1, and needs 4.5:1',
    );
    await colour.fill('#8a1c4a');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForLoadState();
    const button = page.getByRole('button', { name: 'Save' });
    expect(await button.evaluate((b) => getComputedStyle(b).backgroundColor)).toBe('rgb(138, 28, 74)');
    expect(v.complaints).toEqual([]);
    await v.context.close();
  });
});

/** A file beside the instance's own, without an ending that would say what it is. */
async function fileOf(bytes: Buffer): Promise<string> {
  const path = join(instance.directory, `logo-${bytes.length}`);
  await writeFile(path, bytes);
  return path;
}

/** A PNG that is one pixel high. */
function pngOf(width: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(1, 4);
  header[8] = 8;
  const chunk = (type: string, data: Buffer) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(data.length);
    head.write(type, 4, 'latin1');
    return Buffer.concat([head, data, Buffer.alloc(4)]);
  };
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(width + 1))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
