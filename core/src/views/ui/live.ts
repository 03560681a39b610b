import { messages } from '@posthorn/sdk';
import { withQuery } from '../href.js';
import { html, type SafeHtml } from '../safe-html.js';
import type { UiEnvironment } from './environment.js';
import { icon } from './icon.js';

const t = messages('host');

export interface LiveOptions {
  /** Unique on the page, and the same in every answer of it. */
  readonly id: string;
  /** The page's own address. */
  readonly url: URL;
  /** Whether what it shows still changes. The answer in which it no longer does ends the refreshing. */
  readonly isRunning: boolean;
  readonly body: SafeHtml | readonly SafeHtml[];
}

/**
 * A part of a page that stays up to date by itself while something runs: it is asked for again every two seconds, and
 * what is the same in the answer is left alone, so focus and selection stay. Without a script there is a link. A part
 * with `isRunning: false` is refreshed along with others.
 */
export function live(env: UiEnvironment, o: LiveOptions): SafeHtml {
  const address = withQuery(o.url, {});
  return html`<div id="${o.id}" data-ph-results data-ph-live>${
    o.isRunning &&
    html`<p class="ph-refresh ph-nojs-only" id="${o.id}-poll" hx-get="${address}" hx-trigger="every 2s" hx-swap="none" hx-select-oob="[data-ph-live]:outerMorph" hx-sync="#main:abort"><a href="${address}">${icon(env, 'refresh')}${env.t(t('Refresh'))}</a></p>`
  }${o.body}</div>`;
}
