import { type Entry, pages as pageSlot } from '@posthorn/sdk';
import { hasAxe, noBrowser } from '../host/browser.js';
import { find, findAll, isTag, textOf } from '../host/html.js';
import type { TestPage } from '../host/page.js';
import type { Check } from './check.js';
import { hostOf, preparedOn } from './subject.js';
import { ownMenu, ownPages, ownPaths } from './visits.js';

const WRITES = /^\s*(insert|update|delete|replace|create|drop|alter|truncate)\b/i;
/** Who is signed in and what is kept for that is the kernel's own bookkeeping. */
const BOOKKEEPING = /\bcore_(session|secret|throttle)\b/;

export const pageCheck: Check = {
  id: 'pages',
  name: 'every page and menu entry asks for a permission, and reading changes nothing',
  mend: 'Give it a permission that the extension declares, `signed-in` or `public`; change things in an `action`, never in a `page`.',
  async look(s, o) {
    const statements: string[] = [];
    await using host = await hostOf(s, [], { onStatement: (sql) => void statements.push(sql) });
    const { order, slots } = host.kernel.generation;
    const known = new Set(order.flatMap((d) => Object.keys({ ...d.permissions, ...d.claimedPermissions })));
    const isKnown = (entry: Entry): boolean => entry === 'public' || entry === 'signed-in' || known.has(entry);
    const wrong: string[] = [];
    for (const { method, path, permission } of ownPages(s, host))
      if (!isKnown(permission)) wrong.push(`${method} ${path} asks for the unknown permission ${String(permission)}`);
    const all = slots.items(pageSlot.id) as readonly {
      readonly item: { readonly method: string; readonly path: string };
    }[];
    for (const { href, permission } of ownMenu(s, host)) {
      if (!isKnown(permission))
        wrong.push(`the menu entry to ${href} asks for the unknown permission ${String(permission)}`);
      if (!all.some(({ item }) => item.method === 'GET' && item.path === href.split('?')[0]))
        wrong.push(`the menu entry to ${href} leads to no page`);
    }
    const prepared = await preparedOn(host, o);
    const root = await host.admin();
    // What a page is shown for the first time may keep things of the kernel's own.
    await root.get('/user/');
    for (const path of ownPaths(s, host, prepared)) {
      statements.length = 0;
      const signals = host.sent.length;
      const { status } = await root.get(path);
      if (status >= 500) wrong.push(`${path} answers ${status}: ${host.reports.at(-1)?.message ?? ''}`);
      const writing = statements.find((sql) => WRITES.test(sql) && !BOOKKEEPING.test(sql));
      if (writing !== undefined) wrong.push(`reading ${path} changes something: ${writing.slice(0, 120)}`);
      if (host.sent.length > signals) wrong.push(`reading ${path} raises ${host.sent.at(-1)?.signal}`);
    }
    return wrong;
  },
};

export const accessibleCheck: Check = {
  id: 'accessible',
  name: 'every page is clean HTML that anybody can use',
  mend: 'Draw with `it.ui`; give fields labels, images texts, and keep styles and scripts in files of `assets`.',
  async look(s, o) {
    await using host = await hostOf(s);
    const paths = ownPaths(s, host, await preparedOn(host, o));
    if (paths.length === 0) return { skipped: 'it has no pages that can be visited' };
    const root = await host.admin();
    const wrong: string[] = [];
    const shown: string[] = [];
    for (const path of paths) {
      const page = await root.get(path);
      if (!(page.headers.get('content-type') ?? '').includes('text/html')) continue;
      shown.push(path);
      if (page.status !== 200) wrong.push(`${path} answers ${page.status}`);
      wrong.push(...faultsOf(page).map((fault) => `${path}: ${fault}`));
    }
    if (noBrowser() !== undefined || !hasAxe()) return wrong;
    const window = await host.browser(root);
    for (const path of shown) {
      await window.page.goto(path);
      wrong.push(...(await window.accessibility()).map((fault) => `${path}: ${fault}`));
    }
    return [...wrong, ...window.complaints];
  },
};

/** What can be told from the markup alone. */
function* faults(page: TestPage): Generator<string> {
  const { root } = page;
  if (find(root, isTag('html'))?.attributes['lang'] === undefined) yield 'the language is not named';
  const headings = findAll(root, isTag('h1'));
  if (headings.length !== 1 || headings.every((h) => textOf(h) === '')) yield 'it has not exactly one first heading';
  const ids = findAll(root, ({ attributes }) => attributes['id'] !== undefined).map(
    ({ attributes }) => attributes['id'],
  );
  for (const id of new Set(ids.filter((each, i) => ids.indexOf(each) !== i))) yield `the id ${id} stands there twice`;
  for (const { tag, attributes, children } of findAll(root, () => true)) {
    for (const [name, value] of Object.entries(attributes)) {
      if (name === 'style') yield `<${tag}> has an inline style, which the pages' policy drops`;
      if (/^on[a-z]+$/.test(name)) yield `<${tag}> has the inline handler ${name}, which the pages' policy drops`;
      if (/^\s*javascript:/i.test(value)) yield `<${tag}> leads to a script`;
    }
    const isData = attributes['type'] === 'application/json';
    if (tag === 'style' || (tag === 'script' && attributes['src'] === undefined && !isData && children.length > 0))
      yield `it has an inline <${tag}>, which the pages' policy drops`;
    if (tag === 'img' && attributes['alt'] === undefined) yield 'an image has no alt text';
  }
  for (const form of page.forms)
    for (const field of form.fields)
      if (field.label === '' && !['hidden', 'submit', 'button'].includes(field.kind))
        yield `the field ${field.name} has no label`;
}

const faultsOf = (page: TestPage): readonly string[] => [...faults(page)];
