import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ExtensionDefinition, type Message, plainText, type Text, view } from '@posthorn/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Assets } from '../http/assets.js';
import { ExtensionError } from '../watch/attribution.js';
import { type FrameWithoutTitle, PageRenderer } from './page-renderer.js';

const frame: FrameWithoutTitle = {
  url: new URL('http://host.example/here/'),
  actor: { username: 'ann', role: 'SuperAdmins', isSuperuser: true },
  account: { username: 'ann', first_name: '', last_name: '', role: 'SuperAdmins' },
  menu: {
    main: [{ label: 'Things', entries: [{ label: '<Apples>', href: '/apples/', icon: 'apps', isActive: true }] }],
  },
  notices: [],
  flash: [{ level: 'success', text: '<Saved>' }],
  csrf: 'abc',
  instanceName: 'Here & there',
  locale: 'fr',
  timeZone: 'UTC',
  dir: 'ltr',
  theme: 'dark',
  density: 'compact',
};

let folder: string;
let renderer: PageRenderer;

/** Shows the catalogue a sentence is looked up in. */
const translate = (text: Text): string =>
  typeof text === 'string' ? text : `[${(text as Message).extension}] ${plainText(text)}`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'posthorn-views-'));
  const write = (name: string, text: string) => {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  write(
    'apples/list.eta',
    "<% layout('host:page') %><p class=\"mine\"><%= it.name %> <%= it.t('Sweet') %></p><%= include('./part', { n: '<i>' }) %>",
  );
  write('apples/part.eta', "<b><%= it.n %> <%= it.name %> <%= it.ui.badge({ label: '<1>' }) %></b>");
  write('apples/raw.eta', '<%~ it.name %>');
  write('apples/throws.eta', '<%= it.nothing.at.all %>');
  write('apples/out.eta', "<%= include('../pears/secret') %>");
  write('apples/other.eta', "<%= include('pears:secret') %>");
  write('apples/asset.eta', "<%= it.asset('core.css') %>");
  write('apples/files/core.css', 'b{}');
  write('pears/secret.eta', 'secret');
  const of = (id: string): ExtensionDefinition => ({
    id,
    version: '1.0.0',
    sdk: '^1.0.0',
    title: id,
    views: pathToFileURL(`${join(folder, id)}/`),
    ...(id === 'apples' ? { assets: pathToFileURL(`${join(folder, id, 'files')}/`) } : {}),
  });
  const order = [of('apples'), of('pears')];
  renderer = new PageRenderer({
    generation: { order },
    assets: new Assets({ extensions: order }),
    translateFor: () => translate,
    isStrict: true,
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const show = (name: string, data: Record<string, unknown> = { name: '<Cox>' }) =>
  renderer.renderPage({
    answer: view(name, { extension: 'apples', key: 'A <title>', args: {} }, data),
    from: 'apples',
    frame,
  });

describe('pages', () => {
  it('stand in the frame, everything escaped, each sentence from the catalogue of its view', () => {
    const page = show('list');
    for (const part of [
      '<html lang="fr" dir="ltr" data-ph-theme="dark" data-ph-density="compact" data-bs-theme="dark">',
      '<title>[apples] A &lt;title&gt; · Here &amp; there</title>',
      '<p class="mine">&lt;Cox&gt; [apples] Sweet</p>',
      '<b>&lt;i&gt; &lt;Cox&gt; <span class="ph-badge',
      '&lt;Apples&gt;',
      '&lt;Saved&gt;',
      '[host] Skip to content',
      'aria-current="page"',
      'name="_token" value="abc"',
    ]) {
      expect(page).toContain(part);
    }
    expect(page).not.toMatch(/<script>|\sstyle=|\son\w+=|undefined/);
  });

  it('can be shown without the frame', () => {
    const part = renderer.renderFragment({ answer: view('list', 'x', { name: 'Cox' }), from: 'apples', frame });
    expect(part).toContain('<p class="mine">Cox');
    expect(part).not.toContain('<html');
  });

  it('have no menu for guests and no side bar for readers with few rights', () => {
    const guest = { ...frame, account: undefined, menu: {} };
    const simple = { ...frame, actor: { ...frame.actor, role: 'SimpleUsers' } };
    const of = (f: FrameWithoutTitle) =>
      renderer.renderPage({ answer: view('list', 'x', { name: '' }), from: 'apples', frame: f });
    expect(of(guest)).not.toMatch(/ph-side|ph-user|logout/);
    expect(of(simple)).not.toContain('ph-side');
    expect(of(simple)).toContain('/accounts/logout/');
  });

  it('find their own assets', () => {
    expect(show('asset')).toMatch(/^\/assets\/apples\/[0-9a-f]{12}\/core\.css$/);
  });

  it('name the extension when they throw', () => {
    for (const name of ['throws', 'missing', 'raw', 'out', 'other', 'pears:secret', '../pears/secret']) {
      expect(() => show(name), name).toThrow(ExtensionError);
      expect(() => show(name), name).toThrow(/^apples: view /);
    }
  });

  it('show errors in the frame too', () => {
    const data = { status: 404, title: 'Gone', detail: '<x>', issues: [], request: 'r1', culprit: 'pears' };
    const page = show('host:error', data);
    expect(page).toContain('ph-shell');
    expect(page).toContain('&lt;x&gt;');
    expect(page).toContain('<code>pears</code>');
  });
});
