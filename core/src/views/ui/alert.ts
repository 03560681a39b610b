import { href } from '../href.js';
import { html, type SafeHtml } from '../safe-html.js';
import type { UiEnvironment } from './environment.js';
import { icon } from './icon.js';
import { LEVEL_ICON, levelOf } from './level.js';

export interface AlertOptions {
  readonly level: string;
  readonly title?: string;
  readonly text: string | SafeHtml;
  readonly link?: { readonly label: string; readonly href: string };
}

export function alert(env: UiEnvironment, o: AlertOptions): SafeHtml {
  const level = levelOf(o.level);
  const role = level === 'danger' || level === 'warning' ? 'alert' : 'status';
  return html`<div class="ph-alert ph-${level}" role="${role}">${icon(env, LEVEL_ICON[level])}<div class="ph-alert-body">${
    o.title !== undefined && html`<strong class="ph-alert-title">${o.title}</strong>`
  }<div>${o.text}${o.link !== undefined && html` <a href="${href(o.link.href)}">${o.link.label}</a>`}</div></div></div>`;
}
