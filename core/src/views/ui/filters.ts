import { messages } from '@posthorn/sdk';
import { attribute, html, type SafeHtml } from '../safe-html.js';
import type { UiEnvironment } from './environment.js';
import { icon } from './icon.js';

const t = messages('host');

export interface FilterChoice {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

export interface FiltersOptions {
  readonly url: URL;
  readonly search?: { readonly name: string; readonly value: string; readonly label: string };
  readonly choices: readonly FilterChoice[];
}

/** Search and filters of a list: an ordinary GET form, so the address says what is shown. */
export function filters(env: UiEnvironment, o: FiltersOptions): SafeHtml {
  const own = new Set(['page', o.search?.name, ...o.choices.map((choice) => choice.name)]);
  const kept = [...o.url.searchParams].filter(([name]) => !own.has(name));
  return html`<form class="ph-filters" method="get" action="${o.url.pathname}" role="search" data-ph-filters>${
    o.search !== undefined &&
    html`<label class="ph-search">${icon(env, 'search')}<input class="form-control" type="search" name="${o.search.name}" value="${o.search.value}" placeholder="${o.search.label}" aria-label="${o.search.label}"></label>`
  }${o.choices.map(
    (choice) =>
      html`<select class="form-select" name="${choice.name}" aria-label="${choice.label}">${choice.options.map(
        (option) =>
          html`<option value="${option.value}"${attribute('selected', option.value === choice.value)}>${option.label}</option>`,
      )}</select>`,
  )}${kept.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}<button class="btn" type="submit">${env.t(t('Filter'))}</button></form>`;
}
