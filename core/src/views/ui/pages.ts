import { messages } from '@posthorn/sdk';
import { href, withQuery } from '../href.js';
import { html, nothing, type SafeHtml } from '../safe-html.js';
import { formatNumber, type UiEnvironment } from './environment.js';
import { icon } from './icon.js';
import { inPlace, results } from './in-place.js';

const t = messages('host');

export interface PagesOptions {
  /** Only where a page has more than one of them. Default `pages`. */
  readonly id?: string;
  /** 0 where the page has no number. */
  readonly page: number;
  readonly pages: number;
  readonly total: number;
  /** There are more than `total`. */
  readonly isMore?: boolean;
  /** The value of the query parameter `after` that leads on where no number does. */
  readonly after?: string;
  readonly url: URL;
  /** Where the list is given as a file: the `path` of its `listExport`. Its links keep what is searched and filtered. */
  readonly exportPath?: string;
}

/** Which numbers to show: the first, the last, and those around this one; 0 stands for a gap. */
function shown(page: number, pages: number): number[] {
  const wanted = [1, page - 1, page, page + 1, pages].filter((n) => n >= 1 && n <= pages);
  const sorted = [...new Set(wanted)].sort((a, b) => a - b);
  return sorted.flatMap((n, i) => (i > 0 && n - (sorted[i - 1] ?? n) > 1 ? [0, n] : [n]));
}

/** Below a list: how many there are, and links to the parts of it. */
export const pages = (env: UiEnvironment, o: PagesOptions): SafeHtml =>
  results(env, { id: o.id ?? 'pages', total: o.total, page: o.page, pages: o.pages }, inside(env, o));

/** The list as a file, with all that matches and not only what this page shows. */
function files(env: UiEnvironment, { exportPath, url }: PagesOptions): SafeHtml {
  if (exportPath === undefined) return nothing;
  const query = withQuery(url, { page: undefined, after: undefined }).slice(url.pathname.length);
  const link = (format: string, label: string) =>
    html`<a href="${href(`${exportPath}${format}/${query}`)}" download>${label}</a>`;
  return html`<span class="ph-exports">${link('csv', env.t(t('Download as CSV')))}${link('ndjson', env.t(t('Download as NDJSON')))}</span>`;
}

function inside(env: UiEnvironment, o: PagesOptions): SafeHtml {
  const total = formatNumber(env, o.total);
  const said = o.isMore === true ? t('More than {{total}}', { total }) : t('{{total}} in all', { total });
  const count = html`<span class="ph-quiet">${env.t(said)}</span>${files(env, o)}`;
  if (o.pages <= 1) return o.total === 0 ? nothing : html`<div class="ph-pages">${count}</div>`;
  const id = o.id ?? 'pages';
  const link = (n: number, key: string) => {
    const onward = n > o.pages ? o.after : undefined;
    const to = withQuery(o.url, { page: n === 1 || onward !== undefined ? undefined : n, after: onward });
    return html`id="${id}-${key}" href="${to}"${inPlace(to)}`;
  };
  const next = o.page === 0 ? o.pages + 1 : o.page + 1;
  const step = (n: number, name: string, label: string) =>
    n < 1 || (n > o.pages && (o.after ?? '') === '')
      ? html`<li><span class="ph-page ph-off">${icon(env, name)}<span class="visually-hidden">${label}</span></span></li>`
      : html`<li><a class="ph-page" ${link(n, name)} title="${label}">${icon(env, name)}<span class="visually-hidden">${label}</span></a></li>`;
  return html`<div class="ph-pages">${count}<nav aria-label="${env.t(t('Pages'))}"><ul>${step(o.page - 1, 'chevron-left', env.t(t('Previous page')))}${shown(
    o.page,
    o.pages,
  ).map((n) =>
    n === 0
      ? html`<li class="ph-page-gap" aria-hidden="true">…</li>`
      : n === o.page
        ? html`<li><a class="ph-page ph-on" ${link(n, String(n))} aria-current="page">${formatNumber(env, n)}</a></li>`
        : html`<li class="ph-page-other"><a class="ph-page" ${link(n, String(n))}>${formatNumber(env, n)}</a></li>`,
  )}${step(next, 'chevron-right', env.t(t('Next page')))}</ul></nav></div>`;
}
