import { html, type SafeHtml } from '../safe-html.js';
import { type ButtonOptions, button } from './button.js';
import type { UiEnvironment } from './environment.js';

/** Buttons beside each other. */
export const actions = (env: UiEnvironment, items: readonly (ButtonOptions | SafeHtml)[]): SafeHtml =>
  html`<div class="ph-actions">${items.map((item) => ('label' in item ? button(env, item) : item))}</div>`;
