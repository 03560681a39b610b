import { defineExtension, job, menuEntry, messages, page, view, widget } from '@posthorn/sdk';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kernelParameters } from '../../core/src/parameters/kernel-parameters.js';
import { type Bench, bench } from '../admin/fixture.js';
import { requireSuite } from '../kit/src/servers/index.js';
import { escapedWrongly } from '../pages/hostile-strings.js';
import { startSite } from '../pages/site.js';
import { addressOf, allPages, isNoPage, populateAll, taste } from '../pages/walk.js';
import { accessibility, launch, overflow, signedIn } from './browser.js';

const t = messages('foul');

/** Marks the places where a name is shown. */
const MARK = 'Zq';
const NAMES = {
  markup: `${MARK}<script>alert(1)</script>"'><img src=x onerror=alert(1)>{{7919*6101}}<%= 7919*6101 %>&lt;b&gt;`,
  // Stored by a program that does not check: an override that nothing ends, and a mark that ends what we begin.
  turning: `${MARK}\u2069\u202egpj.exe מרים (٣) !العربية Z\u0300\u0301\u0302\u0303\u0304\u0305\u0306`,
  word: `${MARK}${'Donaudampfschifffahrt'.repeat(4)}`,
} as const;
type What = keyof typeof NAMES;

/** An extension whose author gives everything that it is asked for a foul name. */
const foul = (name: string) =>
  defineExtension({
    id: 'foul',
    version: '1.0.0',
    sdk: '^1.0.0',
    title: name,
    description: name,
    requires: { admin: '*' },
    views: new URL('../pages/views/', import.meta.url),
    contributes: [
      job({ id: 'work', title: name, cron: '0 4 * * *', run: async () => undefined }),
      menuEntry({
        area: 'main',
        group: name,
        label: name,
        href: '/foul/',
        icon: 'puzzle',
        permission: 'signed-in',
        badge: async () => name.slice(0, 8),
      }),
      page({ path: '/foul/', permission: 'signed-in', load: async () => view('named', name, { word: name }) }),
      page({
        path: '/foul/sentence/',
        permission: 'signed-in',
        load: async () => view('named', t('About {{name}} and others', { name }), { word: name }),
      }),
      widget({
        id: 'foul',
        region: 'dashboard',
        permission: 'signed-in',
        title: name,
        load: async () => view('good', name, { word: name }),
      }),
    ],
  });

async function fill(b: Bench, name: string): Promise<void> {
  const short = name.slice(0, 100);
  await b.sql('update core_user set first_name = ?, phone_number = ?, secondary_email = ?', [
    short,
    short.slice(0, 40),
    short,
  ]);
  await b.sql('update admin_alias set description = ? where internal = ?', [name, false]);
  await b.sql('insert into core_log (level, logger, message) values (?, ?, ?)', ['warning', 'host.auth', name]);
  await b.sql(
    `insert into core_job (extension, name, queue, state, payload, error, run_at)
     values ('foul', 'work', 'default', 'failed', '{}', ?, 0)`,
    [name],
  );
  await b.host.kernel.database.execute(
    "insert into core_parameter (extension, level, subject, version, value) values ('core', 'global', 0, ?, ?)",
    [kernelParameters.version, JSON.stringify({ instance_name: name.slice(0, 60) })],
  );
  b.host.kernel.parameters.refresh();
}

describe.skipIf(!requireSuite('browser'))('names in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  it.each(Object.keys(NAMES) as readonly What[])('of %s stand on every page and do nothing', async (what) => {
    const name = NAMES[what];
    const b = await bench({ with: [foul(name), taste] });
    const populated = await populateAll(b);
    await fill(b, name);
    const [job] = await b.sql('select max(id) as id from core_job');
    const examples = { ...populated, '/core/jobs/:id/': String(job?.['id']) };
    const site = await startSite(b.host);
    const shownOn: string[] = [];
    const wrong: string[] = [];
    try {
      for (const width of what === 'word' ? [390, 1280] : [390]) {
        const v = await signedIn(browser, site, 'admin', { width });
        for (const { method, path } of allPages(b)) {
          if (method !== 'GET' || isNoPage(path)) continue;
          const address = addressOf(path, examples);
          const answer = await v.page.goto(`${site.base}${address}`);
          const about = `${address} at ${width}`;
          if (answer?.status() !== 200 && !v.page.url().endsWith('/user/')) wrong.push(`${about}: ${answer?.status()}`);
          const markup = (await answer?.text()) ?? '';
          if (escapedWrongly(markup) !== undefined) wrong.push(`${about}: not escaped`);
          if (markup.includes('\u202e')) wrong.push(`${about}: turns round what stands behind`);
          if (markup.slice(markup.indexOf('<main')).includes(MARK)) shownOn.push(address);
          const over = await overflow(v.page);
          if (over > 0) wrong.push(`${about}: ${over} px too wide`);
          if (what === 'markup' && shownOn.at(-1) === address) {
            wrong.push(...(await accessibility(v.page)).map((one) => `${about}: ${one}`));
          }
          wrong.push(...(await v.page.evaluate(leaks, MARK)).map((one) => `${about}: ${one}`));
        }
        wrong.push(...v.complaints);
        await v.context.close();
      }
    } finally {
      await site[Symbol.asyncDispose]();
      await b.host[Symbol.asyncDispose]();
    }
    expect(wrong).toEqual([]);
    for (const path of [
      '/dashboard/',
      '/admin/identities/',
      '/core/logs/',
      '/core/jobs/',
      '/core/extensions/',
      '/user/',
      '/foul/',
      '/foul/sentence/',
    ]) {
      expect(shownOn).toContain(path);
    }
  });
});

/** Runs in the page: names that are read from right to left and share their run with other text. */
function leaks(mark: string): readonly string[] {
  const found: string[] = [];
  const isolating = new Set(['isolate', 'isolate-override', 'plaintext']);
  const runOf = (node: Node): Element | null => {
    let element = node.parentElement;
    for (; element !== null; element = element.parentElement) {
      const { display, unicodeBidi } = getComputedStyle(element);
      if (display !== 'inline' || isolating.has(unicodeBidi)) break;
    }
    return element;
  };
  const runs = new Map<Element | null, string>();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = runOf(node);
    runs.set(element, (runs.get(element) ?? '') + node.textContent);
  }
  for (const [element, run] of runs) {
    // What stands between these two marks is isolated by itself.
    const rest = run.replace(/\u2068[^\u2068\u2069]*\u2069/g, '').trim();
    const isAlone = rest.startsWith(mark) && /[\p{L}\p{M}…]$/u.test(rest);
    if (rest.includes('מרים') && !isAlone) found.push(`${element?.className}: ${rest.slice(0, 120)}`);
  }
  return found;
}
