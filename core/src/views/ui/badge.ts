import { html, type SafeHtml } from '../safe-html.js';
import type { UiEnvironment } from './environment.js';
import { levelOf } from './level.js';

/** A small count or word beside something. */
export const badge = (_env: UiEnvironment, o: { readonly label: string | number; readonly level?: string }): SafeHtml =>
  html`<span class="ph-badge ph-${levelOf(o.level)}">${o.label}</span>`;
