import { defineExtension, download, page } from '@posthorn/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kernelParameters } from '../../core/src/parameters/kernel-parameters.js';
import { demo } from './demo.js';
import { type Site, serve } from './site.js';

const zone = defineExtension({
  id: 'zone',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Zone',
  contributes: [
    page({
      path: '/zone/',
      permission: 'public',
      load: async ({ timeZone, locale }) =>
        download({ filename: 'zone.txt', type: 'text/plain', content: `${timeZone} ${locale}` }),
    }),
  ],
});

let site: Site;
beforeAll(async () => {
  site = await serve({ with: [demo, zone] });
});
afterAll(() => site?.[Symbol.asyncDispose]());

const PATH = '/user/preferences/';
const usual = { language: 'en', time_zone: '', theme: 'auto', density: 'comfortable' };

describe('preferences', () => {
  it('are there for everybody who is signed in, in his menu', async () => {
    expect((await site.browser().ask(PATH)).status).toBe(303);
    const browser = await site.signedIn('plain');
    const { status, body } = await browser.ask(PATH);
    expect(status).toBe(200);
    expect(body).toContain(`<a href="${PATH}" aria-current="page">`);
    expect(body).toContain('data-ph-theme="auto" data-ph-density="comfortable"');
    expect(body).toContain('<option value="Pacific/Auckland">');
    expect(body).toContain('<option value="fr">');
  });

  it('are stored with the account and change its pages, and no other account’s', async () => {
    const browser = await site.signedIn('plain');
    const wanted = { language: 'fr', time_zone: 'Pacific/Auckland', theme: 'dark', density: 'compact' };
    for (const form of [{ ...wanted, theme: 'light' }, wanted]) {
      const answer = await browser.ask(PATH, { form: { ...form, _token: await browser.token(PATH) } });
      expect([answer.status, answer.headers['location']]).toEqual([303, PATH]);
    }
    const { body } = await (await site.signedIn('plain')).ask(PATH);
    expect(body).toContain(
      '<html lang="fr" dir="ltr" data-ph-theme="dark" data-ph-density="compact" data-bs-theme="dark">',
    );
    expect(body).toContain('<option value="Pacific/Auckland" selected>');
    expect(body).toContain('<option value="dark" selected>');
    expect((await browser.ask('/zone/')).body).toContain('Pacific/Auckland fr');
    const other = await site.signedIn('keeper');
    expect((await other.ask('/zone/')).body).not.toContain('Pacific/Auckland');
    expect((await other.ask(PATH)).body).toContain('data-ph-theme="auto" data-ph-density="comfortable"');
  });

  it.each([
    { language: 'xx' },
    { time_zone: 'Mars/Olympus' },
    { theme: 'pink' },
    { density: 'x' },
  ])('refuse %j and keep what was typed', async (wrong) => {
    const browser = await site.signedIn('keeper');
    const answer = await browser.ask(PATH, {
      form: { ...usual, theme: 'light', ...wrong, _token: await browser.token(PATH) },
    });
    expect(answer.status).toBe(422);
    expect(answer.body).toContain(`id="${Object.keys(wrong)[0]}-error"`);
    if (!('theme' in wrong)) expect(answer.body).toContain('<option value="light" selected>');
    expect((await browser.ask(PATH)).body).toContain('data-ph-theme="auto"');
  });

  it('go with their account', async () => {
    const { kernel, system } = site.host;
    const account = await kernel.accounts.create(system, {
      username: 'leaver',
      role: 'SimpleUsers',
      passwordHash: '{PLAIN}Toto1234',
    });
    const browser = await site.signedIn('leaver');
    await browser.ask(PATH, { form: { ...usual, theme: 'dark', _token: await browser.token(PATH) } });
    const rows = () =>
      kernel.database.execute("select id from core_parameter where level = 'user' and subject = ?", [account.id]);
    expect(await rows()).toHaveLength(1);
    await kernel.accounts.remove(system, account);
    expect(await rows()).toEqual([]);
  });
});

describe('the look of an installation', () => {
  it('is ours until somebody says otherwise', async () => {
    const { body } = await site.browser().ask('/accounts/login/');
    expect(body).toContain('· Posthorn</title>');
    expect(body).not.toContain('/theme/');
  });

  it('has a name and a colour, for guests too', async () => {
    const { parameters } = site.host.kernel;
    await parameters.write(kernelParameters, { instance_name: 'Lumen & Co', instance_color: '#8A1538' });
    const { body } = await site.browser().ask('/accounts/login/');
    expect(body).toContain('· Lumen &amp; Co</title>');
    expect(body).toContain('<link rel="stylesheet" href="/theme/8a1538.css">');
    const sheet = await site.browser().ask('/theme/8a1538.css');
    expect([sheet.status, sheet.headers['content-type']]).toEqual([200, 'text/css; charset=utf-8']);
    expect(sheet.headers['cache-control']).toContain('immutable');
    expect(sheet.body).toContain('--tblr-primary: #8a1538; --tblr-primary-rgb: 138, 21, 56;');
  });

  it.each(['#ffffff', '#7f8fa9', 'red', '#12345', '#1f62cf;}'])('takes no colour like %s', async (colour) => {
    const { parameters } = site.host.kernel;
    await expect(parameters.write(kernelParameters, { instance_color: colour })).rejects.toMatchObject({
      kind: 'invalid',
      issues: [{ path: 'instance_color' }],
    });
  });

  it.each(['ffffff.css', '8a1538', '8A1538.css', 'x.css', '8a1538;.css'])('has no style sheet %s', async (file) => {
    expect((await site.browser().ask(`/theme/${file}`)).status).toBe(404);
  });
});

describe('the gallery', () => {
  it('is there in development only', async () => {
    expect((await (await site.signedIn('root')).ask('/core/gallery/')).status).toBe(404);
    process.env['POSTHORN_DEVELOPMENT'] = '1';
    try {
      await using other = await serve({ with: [demo] });
      const answer = await (await other.signedIn('root')).ask('/core/gallery/');
      expect(answer.status).toBe(200);
      expect(answer.body).toContain('lumen-garden.example');
      expect((await other.browser().ask('/core/gallery/')).status).toBe(303);
    } finally {
      delete process.env['POSTHORN_DEVELOPMENT'];
    }
  });
});
