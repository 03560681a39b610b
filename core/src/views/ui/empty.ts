import { html, type SafeHtml } from '../safe-html.js';
import { type ButtonOptions, button } from './button.js';
import type { UiEnvironment } from './environment.js';
import { icon } from './icon.js';

export interface EmptyOptions {
  readonly icon: string;
  readonly title: string;
  readonly text: string;
  readonly action?: ButtonOptions;
}

/** What stands where there is nothing yet: why, and what to do about it. */
export const empty = (env: UiEnvironment, o: EmptyOptions): SafeHtml =>
  html`<div class="ph-empty"><span class="ph-round ph-info">${icon(env, o.icon)}</span><p class="ph-empty-title">${o.title}</p><p class="ph-quiet">${o.text}</p>${
    o.action !== undefined && button(env, { kind: 'primary', ...o.action })
  }</div>`;
