import { messages } from '@posthorn/sdk';
import { withQuery } from '../href.js';
import { attribute, html, type SafeHtml } from '../safe-html.js';
import { badge } from './badge.js';
import type { UiEnvironment } from './environment.js';
import { icon } from './icon.js';
import { inPlace } from './in-place.js';
import { savedFilters } from './saved-filters.js';

const t = messages('host');

export interface FilterChoice {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

export interface FilterInput {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  /** Default `text`. A date is `YYYY-MM-DD`. */
  readonly type?: 'text' | 'date';
}

export interface FiltersOptions {
  readonly url: URL;
  readonly search?: { readonly name: string; readonly value: string; readonly label: string };
  /** Beside the search, each by itself. */
  readonly inputs?: readonly FilterInput[];
  readonly choices: readonly FilterChoice[];
}

/**
 * Search and filters of a list: an ordinary GET form, so the address says what is shown. With a script the list follows
 * while somebody types, and the form stays as it is. Each choice that is made stands below as a tag that takes it away, and what
 * the reader keeps for this list after them.
 */
export function filters(env: UiEnvironment, o: FiltersOptions): SafeHtml {
  const inputs = o.inputs ?? [];
  const own = new Set(['page', 'after', o.search?.name, ...[...inputs, ...o.choices].map(({ name }) => name)]);
  const isFiltered = [...(o.search === undefined ? [] : [o.search]), ...inputs, ...o.choices].some(
    ({ value }) => value !== '',
  );
  const kept = [...o.url.searchParams].filter(([name]) => !own.has(name));
  return html`<form class="ph-filters" method="get" action="${o.url.pathname}" role="search" data-ph-filters${inPlace(o.url.pathname)} hx-trigger="submit, input changed delay:250ms target:input">${
    o.search !== undefined &&
    html`<label class="ph-search">${icon(env, 'search')}<input class="form-control" type="search" name="${o.search.name}" value="${o.search.value}" placeholder="${o.search.label}" aria-label="${o.search.label}"></label>`
  }${inputs.map(
    ({ name, label, value, type = 'text' }) =>
      html`<label class="ph-filter-input"><span>${label}</span><input class="form-control" type="${type}" name="${name}" value="${value}"></label>`,
  )}${o.choices.map(
    (choice) =>
      html`<select class="form-select" name="${choice.name}" aria-label="${choice.label}">${choice.options.map(
        (option) =>
          html`<option value="${option.value}"${attribute('selected', option.value === choice.value)}>${option.label}</option>`,
      )}</select>`,
  )}<span id="filters-kept" data-ph-results hidden>${kept.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}</span><button class="btn ph-nojs-only" type="submit">${env.t(t('Filter'))}</button><p class="visually-hidden" role="status" data-ph-found-aloud data-ph-failed="${env.t(t('The list could not be loaded. Press Enter to try again.'))}"></p></form><div id="filters-tags" class="ph-tags" data-ph-results>${o.choices
    .filter(({ value }) => value !== '')
    .map(({ name, value, options }) =>
      badge(env, {
        label: options.find((option) => option.value === value)?.label ?? value,
        href: withQuery(o.url, { [name]: undefined, page: undefined, after: undefined }),
        isRemoval: true,
      }),
    )}</div>${savedFilters(env, o.url, isFiltered)}`;
}
