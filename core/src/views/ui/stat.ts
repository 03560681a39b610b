import { href } from '../href.js';
import { html, type SafeHtml } from '../safe-html.js';
import { formatNumber, type UiEnvironment } from './environment.js';
import { icon } from './icon.js';

export interface StatOptions {
  readonly label: string;
  readonly value: string | number;
  readonly text?: string;
  readonly icon?: string;
  readonly href?: string;
}

/** One number that matters, and what it means. */
export function stat(env: UiEnvironment, o: StatOptions): SafeHtml {
  const value = typeof o.value === 'number' ? formatNumber(env, o.value) : o.value;
  const inside = html`${o.icon !== undefined && html`<span class="ph-round ph-info">${icon(env, o.icon)}</span>`}<span class="ph-stat-body"><span class="ph-stat-label">${o.label}</span><span class="ph-stat-value">${value}</span>${
    o.text !== undefined && html`<span class="ph-quiet">${o.text}</span>`
  }</span>`;
  return o.href === undefined
    ? html`<div class="card ph-stat">${inside}</div>`
    : html`<a class="card ph-card-link ph-stat" href="${href(o.href)}">${inside}</a>`;
}
