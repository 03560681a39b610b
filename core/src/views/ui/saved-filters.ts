import { messages } from '@posthorn/sdk';
import { withQuery } from '../href.js';
import { attribute, html, nothing, type SafeHtml } from '../safe-html.js';
import { button } from './button.js';
import type { UiEnvironment } from './environment.js';
import { hiddenFields } from './hidden-fields.js';

const t = messages('host');

export const SAVE_FILTER_PATH = '/user/filters/save/';
export const REMOVE_FILTER_PATH = '/user/filters/remove/';

/** A list's address with a filter in it, under a name that its reader gave. */
export interface SavedFilter {
  readonly name: string;
  /** Path and query. */
  readonly address: string;
}

/** The filter alone: no page of the list, nothing that is empty. */
function addressOf(url: URL): string {
  const empty = [...url.searchParams].filter(([, value]) => value === '').map(([name]) => [name, undefined]);
  return withQuery(url, { ...Object.fromEntries(empty), page: undefined, after: undefined });
}

/**
 * Between a filter bar and its list: what the reader keeps for it, each a link with a cross, and a form that keeps what
 * is chosen now. Nothing for a guest.
 */
export function savedFilters(env: UiEnvironment, url: URL, isFiltered: boolean): SafeHtml {
  const { savedFilters: kept } = env;
  if (kept === undefined) return nothing;
  const now = addressOf(url);
  const canSave = isFiltered && kept.every(({ address }) => address !== now);
  return html`<div id="filters-saved" class="ph-saved" data-ph-results>${
    kept.length > 0 &&
    html`<ul aria-label="${env.t(t('Saved filters'))}">${kept.map((one) => line(env, one, now))}</ul>`
  }${canSave && form(env, now)}</div>`;
}

const line = (env: UiEnvironment, { name, address }: SavedFilter, now: string): SafeHtml =>
  html`<li><a class="ph-badge ph-badge-link ph-info" href="${address}"${attribute('aria-current', address === now ? 'page' : undefined)}>${name}</a><form method="post" action="${REMOVE_FILTER_PATH}">${hiddenFields(
    env.csrf,
    { address, name, next: now },
  )}${button(env, {
    label: env.t(t('Remove the saved filter {{name}}', { name })),
    icon: 'x',
    kind: 'ghost',
    isSmall: true,
    isIconOnly: true,
    submit: true,
  })}</form></li>`;

const form = (env: UiEnvironment, address: string): SafeHtml =>
  html`<details><summary>${env.t(t('Save this filter'))}</summary><form method="post" action="${SAVE_FILTER_PATH}">${hiddenFields(
    env.csrf,
    { address },
  )}<label><span>${env.t(t('Name'))}</span><input class="form-control" type="text" name="name" maxlength="60" required></label>${button(
    env,
    { label: env.t(t('Save')), kind: 'primary', isSmall: true, submit: true },
  )}</form></details>`;
