import { type FormModel, plainText } from '@posthorn/sdk';
import { describe, expect, it } from 'vitest';
import { galleryData } from '../gallery.js';
import { href, withQuery } from '../href.js';
import { html, SafeHtml } from '../safe-html.js';
import { createUi, type Ui } from './ui.js';

const ui = createUi({
  t: plainText,
  locale: 'en',
  timeZone: 'UTC',
  csrf: 'tok"en',
  sprite: () => '/assets/host/0/icons.svg',
  isStrict: true,
});
const url = new URL('http://host.example/list/?q=%3Cscript%3E&sort=-name');

const [firstTab] = galleryData().form.tabs;
const fieldWith = (text: string) => ({
  id: 'f',
  name: text,
  kind: 'string' as const,
  label: text,
  help: text,
  unit: text,
  value: text,
  choices: [{ value: text, label: text }],
  isRequired: true,
  error: text,
  theirs: text,
  condition: { field: text, is: [text] },
});

const formOf = (x: string, layout: FormModel['layout']): SafeHtml =>
  ui.form(
    {
      action: '/',
      submit: x,
      cancel: '/',
      layout,
      version: x,
      isConflict: false,
      issues: [{ fieldId: 'f', label: x, message: x }],
      tabs: ['a', x].map((id) => ({
        id,
        title: x,
        from: x,
        failure: id === 'a' ? x : undefined,
        hasIssues: true,
        condition: layout === 'steps' && id === x ? { field: fieldWith(x).name, is: [x] } : undefined,
        sections: [{ title: x, text: x, fields: [fieldWith(x)] }],
      })),
    },
    x,
  );

/** Every component with the same text wherever it takes one. */
const drawn: Readonly<Record<keyof Ui | 'wizard', (text: string) => SafeHtml>> = {
  actions: (x) => ui.actions([{ label: x, name: x, value: x }]),
  alert: (x) => ui.alert({ level: x, title: x, text: x, link: { label: x, href: '/' } }),
  badge: (x) => ui.badge({ label: x, level: x }),
  breadcrumbs: (x) => ui.breadcrumbs([{ label: x, href: '/' }, { label: x }]),
  button: (x) => ui.button({ label: x, name: x, value: x, form: x, isIconOnly: true }),
  card: (x) => ui.card({ title: x, body: x, footer: x, actions: [{ label: x }] }),
  chart: (x) => ui.chart({ kind: 'line', x: [x, x], series: [{ label: x, values: [1, 2] }], unit: x, title: x }),
  confirm: (x) => ui.confirm({ action: '/', title: x, text: x, expected: x, submit: x, token: x, hidden: { [x]: x } }),
  empty: (x) => ui.empty({ icon: 'inbox', title: x, text: x, action: { label: x } }),
  field: (x) =>
    html`${['string', 'colour', 'choice', 'text', 'list', 'boolean', 'secret', 'size'].map((kind) => ui.field({ ...fieldWith(x), kind: kind as 'text' }))}`,
  filters: (x) =>
    ui.filters({
      url,
      search: { name: x, value: x, label: x },
      choices: [{ name: x, label: x, value: x, options: [{ value: x, label: x }] }],
    }),
  form: (x) => formOf(x, 'tabs'),
  icon: () => ui.icon('inbox'),
  list: (x) => ui.list([{ title: x, text: x, aside: x, icon: 'inbox', level: x, action: { label: x } }]),
  live: (x) => ui.live({ id: 'l', url, isRunning: true, body: html`${x}` }),
  pages: () => ui.pages({ page: 2, pages: 9, total: 90, url }),
  progress: (x) => ui.progress({ value: 3, max: 5, label: x }),
  sheet: (x) => ui.sheet([{ label: x, value: x }]),
  stat: (x) => ui.stat({ label: x, value: x, text: x }),
  status: (x) => ui.status({ label: x, level: x }),
  table: (x) =>
    ui.table({
      id: 't',
      caption: x,
      url,
      columns: [{ key: 'a', label: x, sortable: true }],
      rows: [{ id: x, href: '/', cells: { a: x }, actions: [{ label: x, href: '/' }] }],
      selection: { name: x, formAction: '/', actions: [{ label: x, value: x }], total: 9, hidden: { [x]: x } },
      empty: { icon: 'inbox', title: x, text: x },
    }),
  tabs: (x) => ui.tabs([{ label: x, href: '/', isActive: true, badge: x }]),
  tree: (x) =>
    ui.tree([
      { title: x, text: x, icon: 'inbox', level: x, href: '/', marks: [ui.badge({ label: x })], nodes: [{ title: x }] },
    ]),
  tiles: (x) => ui.tiles([{ title: x, text: x, href: '/', icon: 'inbox', aside: x }]),
  wizard: (x) => formOf(x, 'steps'),
};

const NASTY = [
  '<script>alert(1)</script>',
  '" onmouseover="alert(1)',
  "' onfocus='alert(1)",
  '</textarea></select></title><img src=x onerror=alert(1)>',
  '\u202eevil\u2066',
  'nul\0nul',
  'x'.repeat(10_240),
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what somebody may type
  '{{key}} ${1} <%= 1 %>',
];

/** Tag names and attribute names of a piece of markup, in order: what a browser would act on. */
const shapeOf = (markup: SafeHtml): string[] =>
  [...markup.html.matchAll(/<\/?[a-z0-9]+(?:\s+[\w-]+(?:="[^"]*")?)*\s*\/?>/gi)].map(([tag]) =>
    tag.replace(/="[^"]*"/g, ''),
  );

describe('components', () => {
  for (const [name, draw] of Object.entries(drawn)) {
    it(`${name} shows any text as text`, () => {
      const plain = shapeOf(draw('plain'));
      expect(plain.length).toBeGreaterThan(0);
      for (const text of NASTY) {
        const markup = draw(text);
        expect(markup).toBeInstanceOf(SafeHtml);
        // A chart's numbers stand in an element that does not run.
        expect(markup.html).not.toMatch(/<script(?! type="application\/json">)|<img|\0/);
        expect(markup.html).not.toMatch(/\sstyle=|\son\w+="/);
        expect(shapeOf(markup), text.slice(0, 40)).toEqual(plain);
      }
    });
  }

  it('put the token into every form that is sent', () => {
    for (const draw of [drawn.form, drawn.confirm, drawn.table]) {
      const { html: markup } = draw('text');
      expect(markup.match(/<form[^>]*method="post"/g)?.length).toBe(markup.match(/name="_token"/g)?.length);
    }
    expect(drawn.table('x').html).toContain('value="tok&quot;en"');
  });

  it('refuse addresses that run something', () => {
    for (const bad of [
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      'java\nscript:alert(1)',
      ' javascript:alert(1)',
      'data:text/html,x',
      '//elsewhere.example/',
      '/\\elsewhere.example/',
      'vbscript:x',
      '',
    ]) {
      expect(() => href(bad), bad).toThrow('not an address');
      expect(() => ui.button({ label: 'x', href: bad })).toThrow('not an address');
      expect(() => ui.tabs([{ label: 'x', href: bad, isActive: false }])).toThrow('not an address');
    }
    for (const good of ['/a/?b=c#d', '#f', '?page=2', 'https://a.example/', 'mailto:a@b.example']) {
      expect(href(good)).toBe(good);
    }
    expect(() => ui.confirm({ action: 'https://a.example/', title: '', text: '', submit: '' })).toThrow('path of ours');
  });

  it('sort by links that keep the search and forget the page', () => {
    expect(withQuery(new URL('http://h/l/?q=a%26b&page=7'), { sort: '-name', page: undefined })).toBe(
      '/l/?q=a%26b&sort=-name',
    );
    expect(drawn.table('x').html).toContain('sort=');
  });

  it('show what is empty instead of an empty table', () => {
    const empty = { icon: 'inbox', title: 'None yet', text: 'Add one.' };
    const markup = ui.table({ id: 't', caption: 'c', url, columns: [], rows: [], empty }).html;
    expect(markup).toContain('None yet');
    expect(markup).not.toContain('<table');
  });

  it('give the numbers of a chart beside it, and nothing gets out of them', () => {
    for (const text of NASTY) {
      const { html: markup } = drawn.chart(text);
      expect(markup.match(/<script/g), text.slice(0, 40)).toHaveLength(1);
      const [, json = ''] = /<script type="application\/json">([^<]*)<\/script>/.exec(markup) ?? [];
      expect(JSON.parse(json)).toMatchObject({ unit: text, labels: [text, text], x: [0, 1] });
    }
    const bars = ui.chart({ kind: 'bar', x: ['a'], series: [], unit: 'u', title: 't' });
    expect(bars.html).not.toContain('<script');
  });

  it('show the moments of a chart in the time zone of the reader, in 24 hours', () => {
    const env = { t: plainText, csrf: '', sprite: () => '/s.svg', isStrict: true };
    const at = [new Date('2026-05-12T20:30:00Z'), new Date('2026-05-13T20:30:00Z')];
    const options = {
      kind: 'line',
      x: at,
      series: [{ label: 's', values: [1, Number.NaN] }],
      unit: 'u',
      title: 't',
    } as const;
    const { html: markup } = createUi({ ...env, locale: 'en', timeZone: 'Asia/Tokyo' }).chart(options);
    expect(markup).toContain('>05:30</text>');
    expect(markup).toContain('May 13, 2026');
    expect(markup).toContain('"timeZone":"Asia/Tokyo"');
    expect(markup).toContain('"values":[1,null]');
    expect(createUi({ ...env, locale: 'en', timeZone: 'UTC' }).chart(options).html).toContain('>20:30</text>');
  });

  it('replace results in place by parts that are there also where they are empty', () => {
    const empty = { icon: 'inbox', title: 'None', text: 'None.' };
    const none = ui.table({ id: 't', caption: 'c', url, columns: [], rows: [], empty }).html;
    expect(none).toMatch(/^<div id="t-results" data-ph-results data-ph-found="Nothing found">/);
    expect(ui.pages({ page: 1, pages: 0, total: 0, url }).html).toMatch(/^<div id="pages" data-ph-results/);
    const { html: many } = drawn.pages('x');
    expect(many).toContain('data-ph-found="Results: 90; page 2 of 9"');
    for (const [link, address] of many.matchAll(/<a [^>]*href="([^"]*)"[^>]*>/g)) {
      expect(link).toContain(`hx-get="${address}"`);
      expect(link).toContain('hx-select-oob="[data-ph-results]"');
    }
  });

  it('refresh themselves only while something runs', () => {
    const part = (isRunning: boolean) => ui.live({ id: 'l', url, isRunning, body: html`<b>1</b>` }).html;
    expect(part(true)).toContain('hx-trigger="every 2s"');
    expect(part(true)).toContain('<a href="/list/?q=%3Cscript%3E&amp;sort=-name">');
    expect(part(false)).toBe('<div id="l" data-ph-results data-ph-live><b>1</b></div>');
  });

  it('show white text on a colour, and whether it can be read', () => {
    const of = (value: string) => ui.field({ ...fieldWith('x'), kind: 'colour', value }).html;
    expect(of('#1f62cf')).toContain('fill="#1f62cf"');
    expect(of('#1f62cf')).toContain('contrast 5.6:1, enough</output>');
    expect(of('#7fb0ff')).toContain('needs 4.5:1</output>');
    expect(of('red"')).toMatch(/fill="none".*><\/output>/);
  });

  it('draw charts of nothing and of strange numbers', () => {
    for (const values of [[], [0, 0], [Number.NaN, -5], [1e12, 1]]) {
      const markup = ui.chart({ kind: 'bar', x: ['a', 'b'], series: [{ label: 's', values }], unit: 'u', title: 't' });
      expect(markup.html).not.toMatch(/NaN"|Infinity"/);
    }
  });

  it('tell the forms engine which tabs were sent, and only where there are tabs', () => {
    expect(ui.form({ ...galleryData().form, tabs: firstTab === undefined ? [] : [firstTab] }).html).toContain(
      'name="_sent" value="plants"',
    );
    expect(drawn.form('x').html).not.toContain('name="_sent"');
  });

  it('count the steps of a wizard, and say what a conditional one looks at', () => {
    const { wizard } = galleryData();
    const markup = ui.form(wizard).html;
    expect(markup).toContain('Step 2 of 3');
    expect(markup).toContain('data-ph-step="pond" data-ph-only-if="place.pond" data-ph-only-is="[&quot;true&quot;]"');
    expect(markup).toContain('This part counts only where “With a pond” is ticked.');
    // One step alone is a form like any other.
    const alone = ui.form({ ...wizard, tabs: wizard.tabs.slice(0, 1) }).html;
    expect(alone).not.toMatch(/data-ph-wizard|data-ph-next|Step 1/);
  });

  it('show a dot for an icon that does not exist, and throw in tests', () => {
    expect(() => ui.icon('no-such-icon')).toThrow('no icon');
    const lenient = createUi({
      t: plainText,
      locale: 'en',
      timeZone: 'UTC',
      csrf: '',
      sprite: () => '/s.svg',
      isStrict: false,
    });
    expect(lenient.icon('"><b>').html).toContain('#dot"');
  });
});
