import { html, type SafeHtml } from '../safe-html.js';
import { type ButtonOptions, button } from './button.js';
import type { UiEnvironment } from './environment.js';

export interface CardOptions {
  readonly title?: string;
  /** Several parts stand one after the other. */
  readonly body: string | SafeHtml | readonly (string | SafeHtml)[];
  readonly actions?: readonly (ButtonOptions | SafeHtml)[];
  readonly footer?: string | SafeHtml;
  /** No room around the body: for tables and lists. */
  readonly isFlush?: boolean;
}

export function card(env: UiEnvironment, o: CardOptions): SafeHtml {
  const buttons = (o.actions ?? []).map((item) => ('label' in item ? button(env, { isSmall: true, ...item }) : item));
  const hasHeader = o.title !== undefined || buttons.length > 0;
  return html`<section class="card ph-card">${
    hasHeader &&
    html`<div class="card-header">${o.title !== undefined && html`<h2 class="card-title">${o.title}</h2>`}${
      buttons.length > 0 && html`<div class="ph-actions ph-push">${buttons}</div>`
    }</div>`
  }${o.isFlush === true ? o.body : html`<div class="card-body">${o.body}</div>`}${
    o.footer !== undefined && html`<div class="card-footer">${o.footer}</div>`
  }</section>`;
}
