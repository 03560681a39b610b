import { messages } from '@posthorn/sdk';
import { href } from '../href.js';
import { attribute, html, type SafeHtml } from '../safe-html.js';
import { formatNumber, type UiEnvironment } from './environment.js';

const t = messages('host');

/**
 * What makes a link or a GET form of a list replace the results alone, with a script. Whatever is asked last wins; the
 * address goes into the history. `live.js` does what must be done around it.
 */
export const inPlace = (address: string): SafeHtml =>
  html` hx-get="${href(address)}" hx-push-url="true" hx-swap="none" hx-select-oob="[data-ph-results]" hx-sync="#main:replace" hx-indicator="#main"`;

export interface ResultsOptions {
  /** The same in every answer of a page: by it the new results find the old ones. */
  readonly id: string;
  readonly total: number;
  readonly page?: number;
  readonly pages?: number;
}

/** A part of a page that `inPlace` replaces. It is there also where it is empty. */
export function results(env: UiEnvironment, o: ResultsOptions, body: SafeHtml): SafeHtml {
  const total = formatNumber(env, o.total);
  const found =
    o.total === 0
      ? t('Nothing found')
      : (o.pages ?? 1) > 1
        ? t('Results: {{total}}; page {{page}} of {{pages}}', {
            total,
            page: formatNumber(env, o.page ?? 1),
            pages: formatNumber(env, o.pages ?? 1),
          })
        : t('Results: {{total}}', { total });
  return html`<div id="${o.id}" data-ph-results${attribute('data-ph-found', env.t(found))}>${body}</div>`;
}
