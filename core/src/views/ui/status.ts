import { html, type SafeHtml } from '../safe-html.js';
import type { UiEnvironment } from './environment.js';
import { levelOf } from './level.js';

/** A state in one word, with a dot. */
export const status = (_env: UiEnvironment, o: { readonly label: string; readonly level: string }): SafeHtml =>
  html`<span class="ph-status ph-${levelOf(o.level)}"><span class="ph-status-dot" aria-hidden="true"></span>${o.label}</span>`;
