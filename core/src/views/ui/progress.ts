import { html, type SafeHtml } from '../safe-html.js';
import type { UiEnvironment } from './environment.js';

export interface ProgressOptions {
  readonly value: number;
  readonly max: number;
  /** In words, shown beside the bar: "3.1 of 5 GB". */
  readonly label: string;
  /** Getting full is bad: yellow from 75 %, red from 90 %. Default true. */
  readonly isFilling?: boolean;
}

export function progress(_env: UiEnvironment, o: ProgressOptions): SafeHtml {
  const max = o.max > 0 ? o.max : 1;
  const value = Math.min(Math.max(o.value, 0), max);
  const share = value / max;
  const level = o.isFilling === false || share < 0.75 ? '' : share < 0.9 ? ' ph-warning' : ' ph-danger';
  return html`<span class="ph-meter"><progress class="ph-bar${level}" max="${max}" value="${value}" aria-label="${o.label}">${Math.round(share * 100)}%</progress><span class="ph-meter-label">${o.label}</span></span>`;
}
