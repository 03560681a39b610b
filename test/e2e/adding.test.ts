import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '@posthorn/testkit/servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Serving, serve } from '../host/serving.js';
import { Browser, tokenIn } from '../http/browser.js';
import { freshInstance, type Instance } from '../kit/src/cli/cli.js';
import { makeTempDir, removeTempDir } from '../kit/src/servers/temp-dir.js';

const code = (version: string) => `
import { defineExtension } from '@posthorn/sdk';
export default defineExtension({ id: 'acme-lamp', version: '${version}', sdk: '^1.0.0', title: 'Lamp',
  backfill: { title: 'Light old lamps', run: async () => undefined } });`;
const LIST = '/core/extensions/';
const PAGE = `${LIST}acme-lamp/`;

/** The whole way of a package through the pages of a program that serves: no command, no restart. */
describe('a package on the pages', () => {
  let instance: Instance;
  let folder: string;
  let serving: Serving;
  let browser: Browser;
  let tarball: Buffer;

  beforeAll(async () => {
    instance = await freshInstance();
    folder = await makeTempDir('adding');
    tarball = await packed('1.0.0');
    const PATH = `${join(process.execPath, '..')}:${process.env['PATH'] ?? ''}`;
    serving = await serve(instance.directory, { env: { POSTHORN_PACKAGES_PAGES: 'true', PATH } });
    browser = new Browser(serving.port);
    await browser.signIn(instance.admin.username, instance.admin.password);
  });
  afterAll(async () => {
    await serving?.[Symbol.asyncDispose]();
    await instance?.remove();
    await removeTempDir(folder);
  });

  async function packed(version: string): Promise<Buffer> {
    const path = join(folder, `lamp-${version}`);
    await mkdir(path);
    const posthorn = { id: 'acme-lamp', sdk: '^1.0.0', entry: './index.js' };
    const manifest = { name: 'posthorn-acme-lamp', version, type: 'module', posthorn };
    const peerDependencies = { '@posthorn/sdk': '^1.0.0' };
    await writeFile(join(path, 'package.json'), JSON.stringify({ ...manifest, peerDependencies }));
    await writeFile(join(path, 'index.js'), code(version));
    const options = { cwd: path, encoding: 'utf8' } as const;
    const name = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], options);
    return readFileSync(join(folder, name.trim()));
  }
  const send = async (path: string, content: Buffer) =>
    browser.ask(path, {
      parts: [
        { name: '_token', content: tokenIn((await browser.ask(path)).body) },
        { name: 'trust', content: 'true' },
        { name: 'password', content: instance.admin.password },
        { name: 'tarball', filename: 'lamp.tgz', content },
      ],
    });
  const press = async (path: string, on: string, fields: Readonly<Record<string, string>> = {}) =>
    browser.ask(path, { form: { _token: await browser.token(on), ...fields } });
  const jobEnds = (path: string) =>
    until('the job to end', 120, async () => {
      const { body } = await browser.ask(path);
      if (/ph-danger"><span class="ph-status-dot"/.test(body)) throw new Error(body.replace(/<[^>]+>|\s+/g, ' '));
      return /ph-success"><span class="ph-status-dot"/.test(body);
    });

  it('is added, enabled, looks after what is there, is upgraded, disabled and uninstalled', async () => {
    const sent = await send(`${LIST}add/`, tarball);
    expect(sent.status, sent.body).toBe(303);
    await jobEnds(String(sent.headers['location']));
    await until('a worker that knows it', 60, async () => (await browser.ask(PAGE)).status === 200);

    expect((await press(`${PAGE}enable/`, PAGE, { from: 'page' })).headers['location']).toBe(PAGE);
    await until('a worker that runs it', 60, async () => (await browser.ask(PAGE)).body.includes('Light old lamps'));
    const backfill = await press(`${PAGE}backfill/`, PAGE);
    await jobEnds(String(backfill.headers['location']));

    const upgrade = await send(`${PAGE}upgrade/`, await packed('1.1.0'));
    expect(upgrade.status, upgrade.body).toBe(303);
    await jobEnds(String(upgrade.headers['location']));
    expect((await browser.ask(PAGE)).body).toContain('<dd>1.1.0</dd>');

    expect((await press(`${PAGE}disable/`, `${PAGE}disable/`, { confirmation: 'acme-lamp' })).status).toBe(303);
    const question = `${PAGE}uninstall/`;
    await until('nobody to run it', 60, async () => (await browser.ask(question)).body.includes('data-ph-expected'));
    const gone = await press(question, question, { confirmation: 'acme-lamp' });
    await jobEnds(String(gone.headers['location']));
    await until('workers that do not know it', 60, async () => (await browser.ask(PAGE)).status === 404);
  });
});
