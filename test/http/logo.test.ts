import { request as send } from 'node:http';
import { action, defineExtension, redirect } from '@posthorn/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DatabaseServer, requireSuite, startMariadb, startPostgres } from '../kit/src/servers/index.js';
import { type Browser, type Part, tokenIn } from './browser.js';
import { demo } from './demo.js';
import { type Site, serve } from './site.js';

const PAGE = '/core/parameters/core/';
const UPLOAD = '/core/parameters/core/logo/';
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><path d="M0 0h4v4z"/></svg>';
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** What a page that takes files was given. */
const taken: string[] = [];
const taker = defineExtension({
  id: 'taker',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Taker',
  contributes: [
    action({
      path: '/taker/',
      permission: 'signed-in',
      files: { table: { label: 'Table', max: 100_000 } },
      run: async ({ files }) => {
        taken.push(`${files.table?.name} ${files.table?.content.length}`);
        return redirect('/user/');
      },
    }),
  ],
});

const shownLogos = (html: string): readonly string[] => [
  ...new Set([...html.matchAll(/src="(\/logo\/[^"]+)"/g)].map(([, address = '']) => address)),
];

/** Uploads by a real form: the token comes from the page. */
async function upload(browser: Browser, parts: readonly Part[], token?: string) {
  const { body } = await browser.ask(PAGE);
  return browser.ask(UPLOAD, { parts: [{ name: '_token', content: token ?? tokenIn(body) }, ...parts] });
}
const light = (content: string | Buffer): Part => ({ name: 'light', filename: 'logo.bin', content });
const dark = (content: string | Buffer): Part => ({ name: 'dark', filename: 'logo.bin', content });

describe('a logo of the installation', () => {
  let site: Site;
  let root: Browser;
  beforeAll(async () => {
    site = await serve({ with: [demo, taker] });
    root = await site.signedIn('root');
  });
  afterAll(() => site?.[Symbol.asyncDispose]());
  beforeEach(async () => {
    taken.length = 0;
    await site.host.kernel.logos.remove();
  });

  it('is shown on every page and at the sign-in, and is ours again after it was removed', async () => {
    expect(shownLogos((await root.ask(PAGE)).body)).toEqual([]);
    expect((await upload(root, [light(SVG)])).status).toBe(303);
    for (const [browser, path] of [
      [root, '/dashboard/'],
      [root, PAGE],
      [site.browser(), '/accounts/login/'],
    ] as const) {
      const { body } = await browser.ask(path);
      expect(shownLogos(body), path).toHaveLength(1);
      expect(body, path).toMatch(/rel="icon" href="\/logo\/[0-9a-f]{32}\.svg"/);
    }
    await upload(root, [dark(PNG)]);
    expect(shownLogos((await root.ask('/dashboard/')).body).map((one) => one.split('.')[1])).toEqual(['svg', 'png']);
    const token = await root.token(PAGE);
    const removal = `${UPLOAD}remove/`;
    expect((await root.ask(removal, { form: { _token: token, variant: 'other' } })).status).toBe(422);
    for (const variant of ['light', 'dark']) {
      expect((await root.ask(removal, { form: { _token: token, variant } })).headers['location']).toBe(`${PAGE}#logo`);
    }
    const { body } = await root.ask('/dashboard/');
    expect(shownLogos(body)).toEqual([]);
    expect(body).toContain('/logo.svg"');
  });

  it('is sent so that it can do nothing, and is kept for ever', async () => {
    await upload(root, [light(SVG), dark(PNG)]);
    const [svg = '', png = ''] = shownLogos((await root.ask(PAGE)).body);
    const answer = await site.browser().ask(svg);
    expect(answer.body).toBe(SVG);
    expect(answer.headers).toMatchObject({
      'content-type': 'image/svg+xml',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    const etag = String(answer.headers['etag']);
    expect((await root.ask(svg, { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await root.ask(png)).headers['content-type']).toBe('image/png');
    for (const wrong of ['/logo/x.svg', svg.replace('.svg', '.png'), '/logo/..%2fx']) {
      expect((await root.ask(wrong)).status, wrong).toBe(404);
    }
  });

  it.each([
    ['a script', SVG.replace('<path', '<script>alert(1)</script><path'), 'holds the element script'],
    ['a handler', SVG.replace('<path', '<path onload="alert(1)"'), 'holds the attribute onload, which runs code'],
    ['a foreign object', SVG.replace('<path', '<foreignObject/><path'), 'holds the element foreignObject'],
    ['another file', SVG.replace('<path', '<image href="https://evil.example/"/><path'), 'references to other files'],
    ['entities', `<!DOCTYPE svg [<!ENTITY a "b">]>${SVG}`, 'entities of its own'],
    ['a page', '<html><script>alert(1)</script></html>', 'is neither a PNG, a WebP nor an SVG'],
    ['too much', Buffer.alloc(65_537), 'is larger than 64 kB'],
  ])('is refused with %s, in words beside the field', async (_, content, words) => {
    const { status, body } = await upload(root, [dark(SVG), light(content)]);
    expect(status).toBe(422);
    expect(body.includes('<span>Logo: ') && body.includes(words)).toBe(true);
    expect(body).toMatch(/id="logo-light"[^>]*aria-invalid="true"/);
    // The good one of the two was not stored either.
    expect(await site.host.kernel.logos.read()).toEqual({});
  });

  it('has to be chosen', async () => {
    const { status, body } = await upload(root, [{ name: 'light', filename: '', content: '' }]);
    expect([status, body.includes('is required')]).toEqual([422, true]);
  });

  it('is taken from those who may, with the token of their form, from a page of ours', async () => {
    expect((await upload(root, [light(SVG)], '')).status).toBe(403);
    expect((await upload(root, [light(SVG)], await site.browser().token())).status).toBe(403);
    const token = await root.token(PAGE);
    const parts = [{ name: '_token', content: token }, light(SVG)];
    expect((await root.ask(UPLOAD, { parts, headers: { origin: 'https://evil.example' } })).status).toBe(403);
    const plain = await site.signedIn('plain');
    const mine = [{ name: '_token', content: await plain.token('/user/') }, light(SVG)];
    expect((await plain.ask(UPLOAD, { parts: mine })).status).toBe(403);
    expect((await site.browser().ask(UPLOAD, { parts })).status).toBe(403);
    expect(await site.host.kernel.logos.read()).toEqual({});
    expect((await root.ask(UPLOAD, { parts })).status).toBe(303);
  });

  it('is not waited for where nobody may send one', async () => {
    // The head of a large upload, and nothing after it: the answer comes all the same.
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
    const request = send({
      host: '127.0.0.1',
      port: site.port,
      path: UPLOAD,
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'multipart/form-data; boundary=x', 'content-length': '100000' },
    });
    request.once('response', (answer) => resolve(answer.resume().statusCode));
    request.once('error', reject);
    request.write('--x\r\n');
    expect(await promise).toBe(403);
    request.destroy();
  });

  it('is a form like any other where it is too large or cannot be read', async () => {
    expect((await upload(root, [light(Buffer.alloc(300_000))])).status).toBe(413);
    const token = await root.token(PAGE);
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    expect((await root.ask(UPLOAD, { form: '--x\r\nnonsense', headers })).status).toBe(400);
    expect(
      (await root.ask(UPLOAD, { form: `_token=${token}`, headers: { 'content-type': 'text/plain' } })).status,
    ).toBe(415);
    // Without a file it may be sent as forms without files are.
    expect((await root.ask(UPLOAD, { form: { _token: token } })).status).toBe(422);
  });

  it('is all that the page was asked for: others take no files', async () => {
    const token = await root.token(PAGE);
    const answer = await root.ask(PAGE, { parts: [{ name: '_token', content: token }] });
    expect(answer.status).toBe(415);
  });

  it('is one use of files; other pages get theirs with name and content', async () => {
    const token = await root.token(PAGE);
    const parts = [
      { name: '_token', content: token },
      { name: 'table', filename: '../../ä b.csv', content: 'x'.repeat(100_000) },
    ];
    expect((await root.ask('/taker/', { parts })).status).toBe(303);
    expect(taken).toEqual(['ä b.csv 100000']);
    const large = [parts[0] as Part, { name: 'table', filename: 'a', content: 'x'.repeat(100_001) }];
    expect((await root.ask('/taker/', { parts: large })).status).toBe(422);
    expect(taken).toHaveLength(1);
  });

  it('comes with a colour on which white text can be read', async () => {
    const form = async (colour: string) => {
      const { body } = await root.ask(PAGE);
      const values = Object.fromEntries(
        [...body.matchAll(/<input(?=[^>]*name="(core\.[^"]+|_[^"]+)")(?=[^>]*value="([^"]*)")/g)].map(
          ([, name = '', value = '']) => [name, value],
        ),
      );
      return root.ask(PAGE, { form: { ...values, 'core.instance_color': colour } });
    };
    for (const [colour, ratio] of [
      ['#7fb0ff', '2.1'],
      ['#ffffff', '1'],
      ['#777777', '4.4'],
    ]) {
      const refused = await form(String(colour));
      expect(refused.status, colour).toBe(422);
      expect(/class="ph-error"[\s\S]*?<span>([^<]*)/.exec(refused.body)?.[1]).toBe(
        `is too light: white text on it has a contrast of ${ratio}:1, and needs 4.5:1`,
      );
      expect(refused.body).toContain(`fill="${colour}"`);
    }
    expect((await form('#767676')).status).toBe(303);
    expect((await root.ask(PAGE)).body).toContain('contrast 4.5:1, enough');
    expect((await form('#1f62cf')).status).toBe(303);
  });
});

describe.each(['postgresql', 'mariadb'] as const)('a logo in %s', (dialect) => {
  describe.skipIf(!requireSuite(dialect))('with a server', () => {
    let server: DatabaseServer;
    let site: Site;
    beforeAll(async () => {
      server = await (dialect === 'postgresql' ? startPostgres : startMariadb)();
      site = await serve({ with: [demo], database: (await server.createDatabase()).url });
    });
    afterAll(async () => {
      await site?.[Symbol.asyncDispose]();
      await server?.stop();
    });

    it('comes back byte by byte, also where it is as large as it may be', async () => {
      const { logos } = site.host.kernel;
      const largest = Buffer.concat([PNG, Buffer.alloc(65_536 - PNG.length, 0xa5)]);
      const { file } = await logos.write('light', largest);
      await logos.write('dark', Buffer.from(SVG));
      logos.refresh();
      expect((await logos.find(file))?.content.equals(largest)).toBe(true);
      expect((await logos.read()).dark?.content.toString()).toBe(SVG);
      await logos.write('light', PNG);
      expect(await logos.find(file)).toBeUndefined();
      await logos.remove();
      expect(await logos.read()).toEqual({});
    });
  });
});
