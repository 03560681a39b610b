import { html, type SafeHtml } from '../safe-html.js';
import type { UiEnvironment } from './environment.js';

/** Facts about one thing: label and value. */
export const sheet = (
  _env: UiEnvironment,
  rows: readonly { readonly label: string; readonly value: string | number | SafeHtml }[],
): SafeHtml =>
  html`<dl class="ph-sheet">${rows.map((row) => html`<div><dt>${row.label}</dt><dd>${row.value}</dd></div>`)}</dl>`;
